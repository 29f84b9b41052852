// reports/html/sections/disk-picture.ts: the disk at the fault, a row a file and a cell a sector. A cell says its state by
// colour and by letter; long runs of one state are one wide cell with their number.

import type { DiskPicture, FilePicture, SectorState } from '../../format/index.ts'
import { formatBytes, formatCount, plural } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut } from '../limits.ts'

/** Sectors of one state that have a cell each. */
const CELLS_EACH_MAX = 12

const STATES: Readonly<Record<SectorState, Readonly<{ letter: string; means: string }>>> = {
  durable: { letter: '·', means: 'durable: as a sync left it' },
  pending: { letter: 'P', means: 'pending: written, only in the cache' },
  dropped: { letter: 'D', means: 'dropped by a failed sync' },
  kept: { letter: 'K', means: 'was pending, survived' },
  lost: { letter: 'L', means: 'was pending, lost' },
  torn: { letter: 'T', means: 'torn: part of what was written' },
  filled: { letter: 'F', means: 'lost, and other bytes are there' },
  damaged: { letter: 'X', means: 'was durable, damaged' },
}

const NAMES: Readonly<Record<FilePicture['name'], string>> = {
  durable: 'name durable',
  pending: 'name pending',
  kept: 'name was pending, survived',
  lost: 'name lost',
}

export function diskPicture({ sectorBytes, files, filesLeftOut }: DiskPicture): Html {
  const shown = new Set(files.flatMap(({ sectors }) => sectors.map(({ state }) => state)))
  const legend = Object.entries(STATES).filter(([state]) => [...shown].some((each) => each === state))
  return html`<h4>Disk at the fault (sectors of ${formatCount(sectorBytes)} B)</h4>
    ${files.length === 0 && html`<p class="empty">It held no file.</p>`}
    ${
      legend.length > 0 &&
      html`<ul class="legend">
        ${legend.map(
          ([state, { letter, means }]) => html`<li><i class="sector sector-${state}">${letter}</i> ${means}</li>`,
        )}
      </ul>`
    }
    <ul class="files">
      ${files.map(fileRow)}
    </ul>
    ${filesLeftOut > 0 && html`<p class="note">and ${plural(filesLeftOut, 'more file')}</p>`}`
}

function fileRow({
  path,
  name,
  sizeBytes,
  durableSizeBytes,
  foundSizeBytes,
  sectors,
  sectorsLeftOut,
}: FilePicture): Html {
  const sizes = [
    `${formatBytes(sizeBytes)} written`,
    ...(durableSizeBytes === sizeBytes ? [] : [`${formatBytes(durableSizeBytes)} durable`]),
    ...(foundSizeBytes === undefined || foundSizeBytes === sizeBytes ? [] : [`${formatBytes(foundSizeBytes)} found`]),
  ]
  const told = sectors.map(({ state, count }) => `${formatCount(count)} ${state}`).join(', ')
  return html`<li>
    <p>
      <span class="code">${cut(path)}</span>
      <span class="${name === 'lost' ? 'bad' : 'soft'}">${NAMES[name]}</span>
      <span class="soft">${sizes.join(', ')}</span>
    </p>
    <div class="sectors" role="img" aria-label="Sectors in order: ${told === '' ? 'none' : told}">
      ${sectors.map(run)} ${sectorsLeftOut > 0 && html`<span class="soft">${formatCount(sectorsLeftOut)} more</span>`}
    </div>
  </li>`
}

function run({ state, count }: FilePicture['sectors'][number]): Html {
  const { letter, means } = STATES[state]
  if (count > CELLS_EACH_MAX)
    return html`<i class="sector sector-${state} wide" title="${formatCount(count)}: ${means}"
      >${letter} ×${formatCount(count)}</i
    >`
  return html`${Array.from({ length: count }, () => html`<i class="sector sector-${state}" title="${means}">${letter}</i>`)}`
}
