// reports/html/sections/not-run.ts: what was not run, and why. Said also when it is nothing.

import { verdictOf, type Campaign, type FamilyTotals } from '../../format/index.ts'
import { familyLabel, formatCount, notCovered, plural } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, MESSAGE_MAX, ROWS_MAX } from '../limits.ts'

/** Families that a campaign can be asked for. */
const FAMILIES = ['allocation', 'io', 'crash', 'recovery', 'corruption', 'schedule', 'clock'] as const

export function notRunSection(campaign: Campaign): Html {
  const reasons = notCovered(campaign)
  const asked = new Set([...campaign.selection.families, ...Object.keys(campaign.families)])
  const notAsked = FAMILIES.filter((family) => !asked.has(family))
  return html`<section data-tab="not-run" aria-labelledby="not-run">
    <h2 id="not-run">Not run</h2>
    ${
      reasons.length === 0
        ? html`<p class="empty">Nothing of what was asked for was left out.</p>`
        : html`<ul class="plain reasons">
              ${reasons.slice(0, ROWS_MAX).map((reason) => html`<li>${cut(reason, MESSAGE_MAX)}</li>`)}
            </ul>
            ${reasons.length > ROWS_MAX && html`<p class="note warn">${plural(reasons.length - ROWS_MAX, 'more reason')} in campaign.json.</p>`}`
    }
    ${familyTable(campaign)}
    ${
      notAsked.length > 0 &&
      html`<p class="note">
        Not asked for: ${notAsked.map((family) => familyLabel(family).toLowerCase()).join(', ')}. The verdict
        (${verdictOf(campaign)}) says nothing about these families.
      </p>`
    }
  </section>`
}

function familyTable({ families }: Campaign): Html | undefined {
  const rows = Object.entries(families).filter(([, { planned }]) => planned > 0)
  if (rows.length === 0) return undefined
  return html`<div class="scroll">
    <table class="stack" aria-label="Planned and not run, by family">
      <thead>
        <tr>
          <th scope="col">Family</th>
          <th scope="col" class="number">Planned</th>
          <th scope="col" class="number">Run</th>
          <th scope="col" class="number">Merged</th>
          <th scope="col" class="number">Bounded</th>
          <th scope="col" class="number">Not begun</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(([name, family]) => {
          const { planned, run, merged, skipped } = family
          const left = Math.max(0, planned - run - merged - skipped)
          return html`<tr>
            <th scope="row">${familyLabel(name)}</th>
            <td class="number" data-label="Planned">${formatCount(planned)}</td>
            <td class="number" data-label="Run">${formatCount(run)}</td>
            <td class="number" data-label="Merged">${formatCount(merged)}</td>
            <td class="number${skipped > 0 ? ' warn' : ''}" data-label="Bounded">${formatCount(skipped)}</td>
            <td class="number${left > 0 ? ' warn' : ''}" data-label="Not begun">${formatCount(left)}</td>
            <td>${whyNot(family, left)}</td>
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
}

function whyNot({ merged, skipped, mergedBy }: FamilyTotals, left: number): string {
  const parts = [
    ...(mergedBy.fault > 0 ? [`${formatCount(mergedBy.fault)} are the same fault as one that was run`] : []),
    ...(mergedBy.image > 0 ? [`${formatCount(mergedBy.image)} the same disk and promise`] : []),
    ...(mergedBy.readSet > 0 ? [`${formatCount(mergedBy.readSet)} the same in all that was looked at`] : []),
    ...(merged > 0 && mergedBy.fault + mergedBy.image + mergedBy.readSet === 0 ? ['merged: the same as one run'] : []),
    ...(skipped > 0 ? [`${formatCount(skipped)} left out by the bound of states (--max-states)`] : []),
    ...(left > 0 ? ['the campaign ended before them'] : []),
  ]
  return parts.length === 0 ? 'all were run' : parts.join('; ')
}
