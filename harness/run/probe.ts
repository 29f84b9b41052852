// harness/run/probe.ts: proof, before a sweep, that each injector is installed and fires, and that the program notices.

import { IO_FAULTS } from '../../faults/index.ts'
import { violation } from '../oracles/index.ts'
import { armAllocation, armIo } from './arm.ts'
import type { RunContext } from './context.ts'
import type { Finding } from './counting.ts'
import { Session } from './session.ts'
import type { FormSegment } from './unit.ts'

/** Calls of the first swept phases that are failed until the program is seen to notice. */
const CALLS_PROBED_MAX = 20

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
    const probes =
      family === 'allocation'
        ? allocation && [armAllocation(context, { kind: 'allocation', mode: 'once', point: 1 }, allocation, armedFrom)]
        : counted.calls
            .slice(0, CALLS_PROBED_MAX)
            .map((call) => armIo(context, { kind: 'io', mode: 'once', point: 1, code: 'EIO' }, call))
    let delivered = 0
    let failed = false
    // A program may look whether a file is there and take a failure for a no: one call that it sees failing is enough.
    for (const armed of probes ?? []) {
      const world = context.world(segment.start, context.trace(), { faults: armed.faults })
      const session = new Session(context.loaded, world)
      for (const { phase } of segment.phases) {
        const attempt = await session.phase(phase)
        failed ||= !attempt.ok
        if (failed || world.delivered > 0) break
      }
      delivered = world.delivered
      if (failed || delivered === 0) break
    }
    const label = family === 'allocation' ? 'allocation' : 'file-system call'
    if (delivered === 0)
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
