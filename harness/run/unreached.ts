// harness/run/unreached.ts: points of the whole run at call sites that no segment has.

import type { FormSegment } from './unit.ts'

/** Points of the whole run at call sites that no segment has. */
export function unreached(whole: FormSegment['counted'], segments: readonly FormSegment[]): FormSegment['counted'] {
  const { allocations, calls, readings } = sitesOf(segments)
  return {
    allocations: whole.allocations.filter(({ tag, site }) => !allocations.has(`${tag} ${site}`)),
    calls: whole.calls.filter(({ call, site }) => !calls.has(`${call.kind} ${site}`)),
    // A choice has no site: every one of a step is met in that step's own segments.
    choices: [],
    readings: whole.readings.filter(({ site }) => !readings.has(site)),
  }
}

function sitesOf(
  segments: readonly FormSegment[],
): Readonly<{ allocations: Set<string>; calls: Set<string>; readings: Set<string> }> {
  const readings = new Set<string>()
  const allocations = new Set<string>()
  const calls = new Set<string>()
  for (const { counted } of segments) {
    for (const { tag, site } of counted.allocations) allocations.add(`${tag} ${site}`)
    for (const { call, site } of counted.calls) calls.add(`${call.kind} ${site}`)
    for (const { site } of counted.readings) readings.add(site)
  }
  return { allocations, calls, readings }
}
