// harness/oracles/claim-audit.ts: what is said to be durable, against what the simulated disk really holds durable.
//
// 1. A claim is judged when it is made: when the bytes that name it are appended, when the step that rests on it returns.
// 2. Durable is what every power loss leaves: name, directories above it, size and every byte up to the position.

import { isDurable, type DiskImage } from '../../faults/index.ts'
import type { DurableClaim } from '../../scenarios/index.ts'

/** The first claim that is not kept, in words. `maker` says who makes them. */
export function auditClaims(image: DiskImage, claims: readonly DurableClaim[], maker: string): string | undefined {
  for (const { path, endBytes } of claims)
    if (!isDurable(image, path, endBytes))
      return `${maker} rests on ${endBytes} bytes of '${path}' being durable, and a power loss could take some of them`
  return undefined
}
