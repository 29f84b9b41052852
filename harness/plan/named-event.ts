// harness/plan/named-event.ts: the event that a complaint is about, besides the fault: where what leaked was made.

import type { ReplayResult } from './campaign-core.ts'

/** Events that make what can be held too long. */
const MAKERS: ReadonlySet<string> = new Set(['allocate', 'open', 'create'])

/**
 * Position in the trace of the last event up to the fault that made something at a call site which the message holds, or
 * of the last one at all; undefined if the message names none.
 */
export function namedEvent({ trace, faultEvent, record }: ReplayResult): number | undefined {
  const { message = '' } = record
  let found: number | undefined
  for (const [at, { kind, site }] of trace.entries()) {
    if (site === undefined || site === '' || !MAKERS.has(kind) || !message.includes(site)) continue
    if (found !== undefined && faultEvent !== undefined && at > faultEvent) break
    found = at
  }
  return found
}
