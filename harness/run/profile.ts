// harness/run/profile.ts: every fault point, and where its call stands in the code that ran: the dynamic side of fault
// coverage. Points are those of the units, by the identities that records have.

import type { PointProfile, ProfiledPoint } from '../plan/index.ts'
import type { Prepared } from './prepare.ts'

export function profileOf({ units }: Prepared): PointProfile {
  const stacks = new Map<string, number>()
  const points: ProfiledPoint[] = []
  for (const unit of units) {
    if (unit.kind !== 'fault') continue
    const { family, form } = unit.summary
    const add = (kind: string, stack: string | undefined, identity: number | undefined): void => {
      if (stack === undefined || identity === undefined) return
      const known = stacks.get(stack)
      if (known === undefined) stacks.set(stack, stacks.size)
      points.push({ family, form, identity, kind, stack: known ?? stacks.size - 1 })
    }
    if (family === 'allocation')
      for (const { tag, stack, identity } of unit.points.allocations) add(tag, stack, identity)
    if (family === 'io') for (const { call, stack, identity } of unit.points.calls) add(call.kind, stack, identity)
  }
  return { stacks: [...stacks.keys()], points }
}
