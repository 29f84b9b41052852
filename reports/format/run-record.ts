// reports/format/run-record.ts: one line of runs.ndjson, as it is written and as it is read.
//
// 1. A record stands alone: nothing of another line is needed to read it.
// 2. Families, forms and modes are open sets here: a record of a family that came later is still readable.
// 3. Fields that are not known are ignored on reading (see the version policy in campaign.ts).

import { z } from 'zod'

/** How a run ended; only `passed` is good. */
export const RUN_OUTCOMES = ['passed', 'violation', 'not-reached', 'scenario-failure', 'harness-failure'] as const
export type RunOutcome = (typeof RUN_OUTCOMES)[number]

/** What became of the step after the fault: retried as is, retried after a reopen, or it had gone on all along. */
export const RETRY_RESULTS = ['retried', 'reopened', 'survived'] as const
export type RetryResult = (typeof RETRY_RESULTS)[number]

const count = z.number().int().nonnegative()

export const runRecordSchema = z
  .object({
    order: count.describe('Place in the plan order of the campaign, from 0'),
    token: z.string().min(1).describe('Replays the run'),
    scenario: z.string().min(1),
    model: z.string().optional().describe('Persistence model, where the campaign has several'),
    family: z.string().min(1).describe('allocation, io, crash, …'),
    form: z.string().min(1).describe('linear or warm'),
    point: count.describe('The point of the fault, from 1'),
    identity: count.max(0xff_ff_ff_ff).optional().describe('Which point that is, whatever its number becomes: 32 bits'),
    mode: z.string().describe('once, from, budget, random; the family of a crash state'),
    fault: z.string().describe('The fault in a few words'),
    phase: z.string().describe('Step or phase in progress'),
    site: z.string().optional().describe('Call site, outermost last'),
    outcome: z.enum(RUN_OUTCOMES),
    delivered: count.describe('Faults delivered, counted by the injector'),
    retry: z.enum(RETRY_RESULTS).optional(),
    oracle: z.string().optional().describe('Who complained'),
    message: z.string().optional(),
    fingerprint: z.string().optional().describe('The same for the same defect'),
    traceHash: z.string().min(1),
    recoveryBytes: count.optional().describe("Bytes that recovery read from the store's files"),
    recoveryMs: z.number().nonnegative().optional().describe('Of a crash state: time of its recovery'),
    databaseBytes: count.optional().describe('Of a crash state: bytes of the files that recovery began with'),
    acknowledgedLost: count.optional().describe('Acknowledged steps that the recovered store did not hold'),
    unacknowledgedLost: count.optional().describe('Steps under way that the recovered store did not hold'),
    durationMs: z.number().nonnegative(),
  })
  .describe('One run of a powercut campaign: one line of runs.ndjson')

export type RunRecord = Readonly<z.infer<typeof runRecordSchema>>
