// harness/call-sites/reasons.ts: the written reasons for calls that are not reached or not failed, as a file.
//
// 1. A reason is bound to its call by id, which has the names of file and function: code that is renamed needs a new look.
// 2. A reason for a call that is not there, or that was failed after all, is told: it says what is not so.

import { z } from 'zod'
import type { Reason } from '../../reports/index.ts'
import { UsageError } from '../campaign/index.ts'

const REASON_MIN = 20

const reasonsSchema = z.strictObject({
  formatVersion: z.literal(1),
  reasons: z.array(z.strictObject({ sites: z.array(z.string().min(1)).min(1), reason: z.string().min(REASON_MIN) })),
})

/** `text` is JSON: `{ formatVersion: 1, reasons: [{ sites: [id], reason }] }`. Throws UsageError naming the place. */
export function readReasons(text: string, path: string): readonly Reason[] {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const { success, data, error } = reasonsSchema.safeParse(content)
  if (!success) {
    const [issue] = error.issues
    throw new UsageError(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a list of reasons'}`)
  }
  const reasons = data.reasons.flatMap(({ sites, reason }) => sites.map((id) => ({ id, reason })))
  const ids = reasons.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) throw new UsageError(`${path} gives two reasons for '${twice}'.`)
  return reasons
}
