// faults/models/torn-family.ts: each pending write cut at each sector border, the newest write first: its head alone (with
// the new size, or ending there), its tail alone, a hole; with what came after it lost, or kept.

import { bySector, everything, newestUpTo, nothing, upTo, type Choice, type LostContent } from './choice.ts'
import type { FamilyContext, FamilyStates } from './family.ts'
import type { Pending } from './pending.ts'

type Cut = Readonly<{
  file: number
  operation: number
  /** Place in the order of all operations. */
  place: number
  kind: 'head' | 'short-head' | 'tail' | 'hole' | 'within'
  /** Sectors of the write before the cut; for `within`, bytes. */
  at: number
  later: 'lost' | 'kept'
}>

// The last write first: its cuts have the smallest numbers.
function cutsOf({ pending, model, sectorBytes }: FamilyContext): Cut[] {
  const cuts: Cut[] = []
  for (let place = pending.order.length - 1; place >= 0; place -= 1) {
    const entry = pending.order[place]
    if (entry?.kind !== 'data') continue
    const { file, operation } = entry
    const span = pending.files[file]?.spans[operation] ?? { start: 0, end: 0 }
    const sectors = span.end - span.start
    const latest = place === pending.order.length - 1
    for (const later of latest ? (['lost'] as const) : (['lost', 'kept'] as const)) {
      for (let at = 1; at < sectors; at += 1) {
        cuts.push({ file, operation, place, kind: 'head', at, later })
        if (later === 'lost' && endsFile(pending, file, operation, at, sectorBytes)) {
          cuts.push({ file, operation, place, kind: 'short-head', at, later })
        }
        cuts.push({ file, operation, place, kind: 'tail', at, later })
        if (at < sectors - 1) cuts.push({ file, operation, place, kind: 'hole', at, later })
      }
    }
    const data = pending.files[file]?.operations[operation]
    if (model.atomicSectors || data?.kind !== 'write') continue
    for (let at = sectorBytes >>> 1; at < data.bytes.length; at += sectorBytes >>> 1) {
      if ((data.positionBytes + at) % sectorBytes !== 0) {
        cuts.push({ file, operation, place, kind: 'within', at, later: 'lost' })
      }
    }
  }
  return cuts
}

// A file cannot end before it ended without the write.
function endsFile(pending: Pending, file: number, operation: number, at: number, sectorBytes: number): boolean {
  const pendingFile = pending.files[file]
  const write = pendingFile?.operations[operation]
  const start = pendingFile?.sectors[pendingFile.spans[operation]?.start ?? 0] ?? 0
  return (
    write !== undefined &&
    (start + at) * sectorBytes > Math.max(write.sizeBefore, pendingFile?.node.durable.sizeBytes ?? 0)
  )
}

export function tornFamily(context: FamilyContext, lost: readonly LostContent[]): FamilyStates {
  const { pending, sectorBytes } = context
  const cuts = cutsOf(context)
  return {
    count: cuts.length,
    lost,
    exhaustive: true,
    choose: (index, content) => {
      const cut = cuts[index]
      if (cut === undefined) return nothing(pending, content)
      const choice = cut.later === 'lost' ? upTo(pending, cut.place + 1, content) : everything(pending, content)
      tear(pending, choice, cut, sectorBytes)
      return choice
    },
    describe: (index) => {
      const cut = cuts[index]
      const operation = cut === undefined ? undefined : pending.order[cut.place]
      if (cut === undefined || operation === undefined) return 'torn'
      const later = cut.later === 'lost' ? 'nothing after it' : 'all that came after it'
      return `${context.describeOperation(operation)} is torn: ${CUT_TEXTS[cut.kind]} ${cut.at}; ${later}`
    },
  }
}

const CUT_TEXTS: Readonly<Record<Cut['kind'], string>> = {
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
