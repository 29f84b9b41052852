// harness/run/probe.ts: proof, before a sweep, that each injector is installed and fires, and that the program notices.

import { IO_FAULTS } from '../../faults/index.ts'
import { violation } from '../oracles/index.ts'
import { armAllocation, armIo } from './arm.ts'
import type { RunContext } from './context.ts'
import type { Finding } from './counting.ts'
import { Session } from './session.ts'
import type { FormSegment } from './unit.ts'

/** Puts one fault through each injector and looks whether it is delivered and whether the program fails. */
export async function probeInjectors(
  context: RunContext,
  segments: readonly FormSegment[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const benign = context.loaded.scenario.benignTags ?? {}
  for (const family of ['allocation', 'io'] as const) {
    const found = segments.find(({ counted }) =>
      family === 'allocation'
        ? counted.allocations.some(({ tag }) => benign[tag] === undefined)
        : counted.calls.some(({ call }) => IO_FAULTS[call.kind].length > 0),
    )
    if (found === undefined) continue
    const { segment, counted, armedFrom } = found
    const allocation = counted.allocations.find(({ tag }) => benign[tag] === undefined)
    const call = counted.calls[0]
    const armed =
      family === 'allocation'
        ? allocation && armAllocation(context, { kind: 'allocation', mode: 'once', point: 1 }, allocation, armedFrom)
        : call && armIo(context, { kind: 'io', mode: 'once', point: 1, code: 'EIO' }, call)
    if (armed === undefined) continue
    const world = context.world(segment.start, context.trace(), { faults: armed.faults })
    const session = new Session(context.loaded, world)
    let failed = false
    for (const { phase } of segment.phases) {
      const attempt = await session.phase(phase)
      failed ||= !attempt.ok
      if (failed || world.delivered > 0) break
    }
    const label = family === 'allocation' ? 'allocation' : 'file-system call'
    if (world.delivered === 0)
      findings.push({
        ...violation('injector', `the fault put into the first ${label} was not delivered`),
        step: segment.label,
      })
    else if (!failed)
      findings.push({
        ...violation('injector', `the first ${label} was failed, and the program did not see it`),
        step: segment.label,
      })
  }
  return findings
}
