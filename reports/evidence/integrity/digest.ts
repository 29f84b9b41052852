// reports/evidence/integrity/digest.ts: SHA-256, as 64 hexadecimal digits.
import { createHash } from 'node:crypto'

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
