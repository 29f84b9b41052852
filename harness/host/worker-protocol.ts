// harness/host/worker-protocol.ts: what goes between the main thread and a worker.
//
// A task's `control` is memory that both see, so that a worker that is busy, stuck or gone can still be told and read:
//
//   int32 0   stop: 1 = end after the run in hand
//   int32 1   beats: grows whenever a run begins or ends
//   int32 2   batches that the main thread has taken
//   int32 3   length of the text that follows at byte 16: the run in hand, as JSON

import type { MessagePort } from 'node:worker_threads'
import type {
  CampaignRequest,
  FailureSearch,
  FaultPlan,
  ReplayOptions,
  RunRecord,
  RunStart,
  ScenarioDescription,
} from '../plan/index.ts'
import type { Parameters } from '../../scenarios/index.ts'

export const STOP = 0
export const BEATS = 1
export const TAKEN = 2
const START_LENGTH = 3
const HEADER_BYTES = 16
const CONTROL_BYTES = 4096
/** Batches on their way before a worker waits for the main thread. */
export const BATCHES_MAX = 16

export type WorkerData = Readonly<{
  /** URL of the module that makes the core: exports `createCore()`. */
  coreModule: string
  mutant: string | undefined
  /** Where the planted defect counts its executions. */
  activations: SharedArrayBuffer
}>

export type WorkerTask =
  | Readonly<{ kind: 'describe'; scenario: string; parameters: Parameters }>
  | Readonly<{ kind: 'prepare'; request: CampaignRequest; whole: boolean }>
  | Readonly<{
      kind: 'unit'
      request: CampaignRequest
      unit: number
      done: ReadonlySet<number>
      lost?: ReadonlySet<number>
      port: MessagePort
      control: SharedArrayBuffer
    }>
  | Readonly<{ kind: 'replay'; plan: FaultPlan; options: ReplayOptions }>
  | Readonly<{ kind: 'profile'; request: CampaignRequest }>
  | Readonly<{ kind: 'find'; search: FailureSearch }>

export type DescribeReply =
  | Readonly<{ ok: true; description: ScenarioDescription }>
  | Readonly<{ ok: false; message: string }>

/** On a unit's port: batches, then the end. */
export type UnitMessage = Readonly<{ records: readonly RunRecord[] }>

export function createControl(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES)
}

export function writeStart(control: SharedArrayBuffer, start: RunStart): void {
  const bytes = new TextEncoder().encode(JSON.stringify(start)).subarray(0, CONTROL_BYTES - HEADER_BYTES)
  new Uint8Array(control, HEADER_BYTES).set(bytes)
  Atomics.store(new Int32Array(control), START_LENGTH, bytes.length)
}

/** The run in hand; undefined before the first one, or if its text did not fit. */
export function readStart(control: SharedArrayBuffer): RunStart | undefined {
  const length = Atomics.load(new Int32Array(control), START_LENGTH)
  if (length === 0) return undefined
  const bytes = Uint8Array.from(new Uint8Array(control, HEADER_BYTES, length))
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as RunStart
  } catch {
    return undefined
  }
}
