// faults/models/prefix-family.ts: `none` and `prefix`: the first j pending operations survive, in the order of all.

import { upTo, type LostContent } from './choice.ts'
import type { FamilyContext, FamilyStates } from './family.ts'

export function prefixFamily(
  { pending, describeOperation }: FamilyContext,
  lost: readonly LostContent[],
  counts: readonly number[],
  name: 'none' | 'prefix',
): FamilyStates {
  return {
    count: counts.length,
    lost,
    exhaustive: true,
    choose: (index, content) => upTo(pending, counts[index] ?? 0, content),
    describe: (index) => {
      if (name === 'none') return 'nothing that was pending survives'
      const count = counts[index] ?? 0
      const last = pending.order[count - 1]
      const end = last === undefined ? '' : `, up to ${describeOperation(last)}`
      return `the first ${count} of ${pending.order.length} pending operations survive${end}`
    },
  }
}
