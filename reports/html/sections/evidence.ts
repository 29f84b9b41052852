// reports/html/sections/evidence.ts: what a replay of a violation saw: expected beside found, the events around the fault,
// the disk, the stack in the sources.

import type { Evidence, EvidenceEvent, SourcePosition } from '../../format/index.ts'
import { formatCount, positionText } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, MESSAGE_MAX } from '../limits.ts'
import { diskPicture } from './disk-picture.ts'

/** Expected and found, side by side. */
export function comparedParts({ compared }: Evidence): Html | undefined {
  if (compared === undefined) return undefined
  return html`<dl class="compared">
    <div>
      <dt>Expected</dt>
      <dd><pre>${cut(compared.expected, MESSAGE_MAX)}</pre></dd>
    </div>
    <div>
      <dt>Found</dt>
      <dd><pre>${cut(compared.found, MESSAGE_MAX)}</pre></dd>
    </div>
  </dl>`
}

/** The rest, unfolded for the first violations of a page. */
export function evidenceParts(evidence: Evidence, open: boolean): Html {
  const { stack, cause, events, disk } = evidence
  return html`<details class="evidence" ${open ? html`open` : ''}>
    <summary>Events, disk and stack at the fault</summary>
    ${stack.length > 0 && stackList('Stack at the fault', stack)}
    ${cause !== undefined && cause.length > 0 && stackList('Where what the complaint names was made', cause)}
    ${disk !== undefined && diskPicture(disk)} ${events.length > 0 && eventTable(evidence)}
  </details>`
}

function stackList(title: string, stack: readonly SourcePosition[]): Html {
  return html`<h4>${title}</h4>
    <ol class="stack-list code">
      ${stack.map(
        (place) =>
          html`<li>
            <span class="place">${cut(positionText(place))}</span> <span class="soft">${cut(place.function)}</span>
            ${place.text !== undefined && html`<code>${cut(place.text)}</code>`}
          </li>`,
      )}
    </ol>`
}

function eventTable({ events, eventsTotal }: Evidence): Html {
  const total = eventsTotal ?? events.length
  const told =
    total === events.length ? `all ${formatCount(total)}` : `${formatCount(events.length)} of ${formatCount(total)}`
  return html`<h4>Events around the fault (${told})</h4>
    <div class="scroll">
      <table class="events">
        <thead>
          <tr>
            <th scope="col" class="number">Event</th>
            <th scope="col">In</th>
            <th scope="col">Kind</th>
            <th scope="col">What</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          ${events.map(eventRow)}
        </tbody>
      </table>
    </div>`
}

const ROLES = { fault: '▶ fault', cause: '◆ made here' } as const

function eventRow({ index, kind, phase, detail, role, failed, site, position }: EvidenceEvent): Html {
  const by =
    position === undefined ? (site?.split(' < ', 1)[0] ?? '') : `${positionText(position)} ${position.function}`
  return html`<tr class="${role ?? (failed === true ? 'failed' : '')}">
    <td class="number">${formatCount(index)}</td>
    <td>${cut(phase)}</td>
    <td>${kind}${role !== undefined && html` <b class="role">${ROLES[role]}</b>`}</td>
    <td class="code">${cut(detail)}</td>
    <td class="code">${cut(by)}</td>
  </tr>`
}
