// faults/models/order-families.ts: `size-first`, the file grew and the data did not arrive; `data-first`, the reverse.

import { bySector, everything, loseWrite, newestUpTo, upTo, type LostContent } from './choice.ts'
import { ZEROES, type FamilyContext, type FamilyStates } from './family.ts'
import type { Pending } from './pending.ts'

export function sizeFirstFamily(context: FamilyContext, lost: readonly LostContent[]): FamilyStates {
  const { pending } = context
  const places = growthsOf(pending).toReversed()
  return {
    count: places.length === 0 ? 0 : places.length + 1,
    lost,
    exhaustive: true,
    choose: (index, content) => {
      const place = places[index]
      if (place !== undefined) {
        const choice = upTo(pending, place + 1, content)
        const operation = pending.order[place]
        if (operation?.kind === 'data') loseWrite(pending, choice, operation.file, operation.operation)
        return choice
      }
      const choice = everything(pending, content)
      pending.files.forEach((_, file) => bySector(pending, choice, file).kept.fill(-1))
      return choice
    },
    describe: (index) => {
      const operation = pending.order[places[index] ?? -1]
      return operation === undefined
        ? 'all sizes and names survive, no data'
        : `the size of ${context.describeOperation(operation)} survives, its data does not; nothing after it`
    },
  }
}

export function dataFirstFamily(context: FamilyContext): FamilyStates {
  const { pending } = context
  const places = growthsOf(pending).toReversed()
  return {
    count: places.length,
    lost: ZEROES,
    exhaustive: true,
    choose: (index, content) => {
      const choice = everything(pending, content)
      const operation = pending.order[places[index] ?? -1]
      if (operation?.kind !== 'data') return choice
      const changes = pending.files[operation.file]?.sizeChanges ?? []
      bySector(pending, choice, operation.file).size = newestUpTo(changes, operation.operation - 1)
      return choice
    },
    describe: (index) => {
      const operation = pending.order[places[index] ?? -1]
      return `all data survives, but no size from ${operation === undefined ? '' : context.describeOperation(operation)} on`
    },
  }
}

/** Places in the order of writes that grew their file. */
function growthsOf({ order, files }: Pending): number[] {
  return order.flatMap((entry, place) => {
    if (entry.kind === 'name') return []
    const operation = files[entry.file]?.operations[entry.operation]
    return operation?.kind === 'write' && operation.sizeAfter > operation.sizeBefore ? [place] : []
  })
}
