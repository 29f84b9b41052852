// faults/models/torn-family.ts: each pending write cut at each sector border, the newest write first: its head alone (with
// the new size, or ending there), its tail alone, a hole; with what came after it lost, or kept.

import { bySector, everything, newestUpTo, nothing, upTo, type Choice, type LostContent } from './choice.ts'
import type { FamilyContext, FamilyStates } from './family.ts'
import type { Pending } from './pending.ts'

type CutKind = 'head' | 'short-head' | 'tail' | 'hole' | 'within'

/** Cuts of one write of one kind: as many as `count`, at `first`, `first + step`, … */
type Section = Readonly<{
  file: number
  operation: number
  /** Place in the order of all operations. */
  place: number
  kind: CutKind
  later: 'lost' | 'kept'
  first: number
  step: number
  count: number
  /** Index of the section's first cut in the family. */
  start: number
}>

/** `at`: sectors of the write before the cut; for `within`, bytes. */
type Cut = Omit<Section, 'first' | 'step' | 'count' | 'start'> & Readonly<{ at: number }>

// The last write first: its cuts have the smallest numbers. A long write has many cuts, so they are counted, not listed.
function sectionsOf({ pending, model, sectorBytes }: FamilyContext): Section[] {
  const sections: Section[] = []
  let start = 0
  for (let place = pending.order.length - 1; place >= 0; place -= 1) {
    const entry = pending.order[place]
    if (entry?.kind !== 'data') continue
    const { file, operation } = entry
    const add = (kind: CutKind, later: Section['later'], first: number, count: number, step = 1): void => {
      if (count <= 0) return
      sections.push({ file, operation, place, kind, later, first, step, count, start })
      start += count
    }
    const span = pending.files[file]?.spans[operation] ?? { start: 0, end: 0 }
    const sectors = span.end - span.start
    const shortFrom = firstEnd(pending, file, operation, sectorBytes)
    add('head', 'lost', 1, sectors - 1)
    add('short-head', 'lost', shortFrom, sectors - shortFrom)
    add('tail', 'lost', 1, sectors - 1)
    add('hole', 'lost', 1, sectors - 2)
    if (place < pending.order.length - 1) {
      add('head', 'kept', 1, sectors - 1)
      add('tail', 'kept', 1, sectors - 1)
      add('hole', 'kept', 1, sectors - 2)
    }
    const data = pending.files[file]?.operations[operation]
    if (model.atomicSectors || data?.kind !== 'write') continue
    const middle = sectorBytes >>> 1
    const firstMiddle = (middle - (data.positionBytes % sectorBytes) + sectorBytes) % sectorBytes || sectorBytes
    add('within', 'lost', firstMiddle, Math.ceil((data.bytes.length - firstMiddle) / sectorBytes), sectorBytes)
  }
  return sections
}

// The first cut after which the file can end: a file cannot end before it ended without the write.
function firstEnd({ files }: Pending, file: number, operation: number, sectorBytes: number): number {
  const pendingFile = files[file]
  const write = pendingFile?.operations[operation]
  if (pendingFile === undefined || write === undefined) return Infinity
  const start = pendingFile.sectors[pendingFile.spans[operation]?.start ?? 0] ?? 0
  const end = Math.max(write.sizeBefore, pendingFile.node.durable.sizeBytes)
  return Math.max(1, Math.floor(end / sectorBytes) + 1 - start)
}

function cutAt(sections: readonly Section[], index: number): Cut | undefined {
  let low = 0
  let high = sections.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((sections[middle]?.start ?? Infinity) <= index) low = middle
    else high = middle
  }
  const section = sections[low]
  if (section === undefined || index - section.start >= section.count) return undefined
  const { file, operation, place, kind, later, first, step } = section
  return { file, operation, place, kind, later, at: first + (index - section.start) * step }
}

export function tornFamily(context: FamilyContext, lost: readonly LostContent[]): FamilyStates {
  const { pending, sectorBytes } = context
  const sections = sectionsOf(context)
  const last = sections.at(-1)
  return {
    count: last === undefined ? 0 : last.start + last.count,
    lost,
    exhaustive: true,
    choose: (index, content) => {
      const cut = cutAt(sections, index)
      if (cut === undefined) return nothing(pending, content)
      const choice = cut.later === 'lost' ? upTo(pending, cut.place + 1, content) : everything(pending, content)
      tear(pending, choice, cut, sectorBytes)
      return choice
    },
    describe: (index) => {
      const cut = cutAt(sections, index)
      const operation = cut === undefined ? undefined : pending.order[cut.place]
      if (cut === undefined || operation === undefined) return 'torn'
      const later = cut.later === 'lost' ? 'nothing after it' : 'all that came after it'
      return `${context.describeOperation(operation)} is torn: ${CUT_TEXTS[cut.kind]} ${cut.at}; ${later}`
    },
  }
}

const CUT_TEXTS: Readonly<Record<CutKind, string>> = {
  head: 'only its sectors before',
  'short-head': 'it ends at sector',
  tail: 'only its sectors from',
  hole: 'all of its sectors but',
  within: 'it ends within a sector, at byte',
}

function tear(pending: Pending, choice: Choice, cut: Cut, sectorBytes: number): void {
  const pendingFile = pending.files[cut.file]
  const span = pendingFile?.spans[cut.operation]
  const operation = pendingFile?.operations[cut.operation]
  if (pendingFile === undefined || span === undefined || operation?.kind !== 'write') return
  const chosen = bySector(pending, choice, cut.file)
  const keptSectors =
    cut.kind === 'within' ? Math.floor(((operation.positionBytes % sectorBytes) + cut.at) / sectorBytes) : cut.at
  for (let sector = span.start; sector < span.end; sector += 1) {
    const place = sector - span.start
    const isLost =
      cut.kind === 'tail' ? place < keptSectors : cut.kind === 'hole' ? place === keptSectors : place >= keptSectors
    if (!isLost || chosen.kept[sector] !== cut.operation) continue
    chosen.kept[sector] = newestUpTo(pendingFile.versions[sector] ?? [], cut.operation - 1)
  }
  if (cut.kind === 'within') {
    choice.partial = { file: cut.file, operation: cut.operation, endBytes: cut.at }
  }
  if (cut.kind !== 'short-head') return
  chosen.sizeMax = ((pendingFile.sectors[span.start] ?? 0) + cut.at) * sectorBytes
}
