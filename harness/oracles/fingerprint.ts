// harness/oracles/fingerprint.ts: one short name for one defect, however often it is found.
//
// 1. It holds nothing that differs between two findings of the same defect: no index, no step number, no seed, no size.

import { Hash64 } from '../../faults/index.ts'

/** 12 hexadecimal digits: oracle, scenario, kind of phase, and where the fault was (call site, else kind of call). */
export function fingerprintOf(oracle: string, scenario: string, phaseKind: string, place: string): string {
  const hash = new Hash64()
  for (const text of [oracle, scenario, phaseKind, place]) hash.addText(text)
  return hash.digits().slice(0, 12)
}
