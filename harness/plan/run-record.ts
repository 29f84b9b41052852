// harness/plan/run-record.ts: what one run leaves behind. One line of runs.ndjson.

import type { FaultFamily, Form } from './fault-plan.ts'

/** How a run ended. */
export const OUTCOMES = [
  /** Every oracle was content, and the fault was delivered. */
  'passed',
  /** An oracle complained. */
  'violation',
  /** The planned fault was never reached: a defect of the campaign. */
  'not-reached',
  /** The scenario's own code threw where no fault was, hung, or was not deterministic. */
  'scenario-failure',
  /** The harness failed (a worker died twice). */
  'harness-failure',
] as const
export type Outcome = (typeof OUTCOMES)[number]

export type RunRecord = Readonly<{
  /** Place in the campaign's plan order, from 0. Sorting by it gives the same file for any number of workers. */
  order: number
  token: string
  scenario: string
  /** Persistence model, where a campaign has several. */
  model?: string
  family: FaultFamily
  form: Form
  /** The fault's point. */
  point: number
  /** Which point that is, whatever its number becomes; see `identity` of a fault. */
  identity?: number
  /** once, from, budget, random; the crash state's family. */
  mode: string
  /** The fault in a few words: `append EIO`, `allocation 48 bytes 'node'`, `after sync, prefix 3`. */
  fault: string
  /** Step or phase in progress. */
  phase: string
  /** Call site, `function (file)`, outermost last, where one was recorded. */
  site?: string
  outcome: Outcome
  /** Faults delivered, counted by the injector. */
  delivered: number
  /** After the fault: the step was retried and succeeded without a reopen, or needed one. */
  retry?: 'retried' | 'reopened' | 'survived'
  oracle?: string
  message?: string
  fingerprint?: string
  traceHash: string
  /** Bytes that recovery read from the store's files. */
  recoveryBytes?: number
  /** Of a crash state: how long its recovery took, and the bytes of the files that it began with. */
  recoveryMs?: number
  databaseBytes?: number
  /** Steps that the recovered store did not hold, of those that were acknowledged, and of those that were under way. */
  acknowledgedLost?: number
  unacknowledgedLost?: number
  durationMs: number
}>
