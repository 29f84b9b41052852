// harness/run/digest.ts: several hashes as one.

import { Hash64, hashBytes } from '../../faults/index.ts'

const encoder = new TextEncoder()

/** 16 hexadecimal digits of the hashes in their order. */
export function combinedDigest(digests: readonly string[]): string {
  const hash = new Hash64()
  for (const digest of digests) hash.addHash(hashBytes(encoder.encode(digest)))
  return hash.digits()
}
