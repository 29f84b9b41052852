// harness/host/worker.ts: what runs in a worker thread: one core, and the tasks it is given.
//
// 1. The mutant's hook is in force before the core, the scenario or the engine is imported.
// 2. The run in hand is in the control memory before it starts: if this thread ends, the main thread reads it there.
// 3. What a scenario prints goes to standard error: standard output is the command's own.

import { Console } from 'node:console'
import { createHash } from 'node:crypto'
import { workerData } from 'node:worker_threads'
import { countActivationsIn } from '../../faults/mutants/index.ts'
import type { CampaignCore, CampaignRequest, RunRecord } from '../plan/index.ts'
import type { Parameters } from '../../scenarios/index.ts'
import { plantInThisThread } from './plant-mutant.ts'
import {
  BATCHES_MAX,
  BEATS,
  STOP,
  TAKEN,
  writeStart,
  type DescribeReply,
  type UnitMessage,
  type WorkerData,
  type WorkerTask,
} from './worker-protocol.ts'

const BATCH_RECORDS_MAX = 64
const BATCH_AGE_MS_MAX = 100
/** How long a worker waits for the main thread to take a batch before it looks again. */
const WAIT_MS = 1000

globalThis.console = new Console(process.stderr, process.stderr)

let core: Promise<CampaignCore> | undefined
let prepared: Readonly<{ key: string; digest: string }> | undefined

/** The pool's entry point. */
export async function work(task: WorkerTask): Promise<unknown> {
  switch (task.kind) {
    case 'describe':
      return describe(task.scenario, task.parameters)
    case 'prepare': {
      const { preparation, digest } = await prepare(task.request)
      return { result: { preparation: task.whole ? preparation : undefined, digest }, digest }
    }
    case 'unit':
      return runUnit(task)
    case 'replay':
      return { result: await (await ownCore()).replay(task.plan, task.options), digest: '' }
    case 'profile':
      return { result: await (await ownCore()).profile(task.request), digest: '' }
    case 'find':
      return { result: await (await ownCore()).findFailure(task.search), digest: '' }
    default:
      return task satisfies never
  }
}

function ownCore(): Promise<CampaignCore> {
  core ??= loadCore()
  return core
}

async function loadCore(): Promise<CampaignCore> {
  const data: WorkerData = workerData
  countActivationsIn(data.activations)
  if (data.mutant !== undefined) plantInThisThread(data.mutant)
  const module: Readonly<{ createCore: () => CampaignCore | Promise<CampaignCore> }> = await import(data.coreModule)
  return module.createCore()
}

/** An error loses its class on the way to the main thread, so it is told as data. */
async function describe(scenario: string, parameters: Parameters): Promise<DescribeReply> {
  const own = await ownCore()
  try {
    return { ok: true, description: await own.describe(scenario, parameters) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

async function prepare(request: CampaignRequest) {
  const preparation = await (await ownCore()).prepare(request)
  const digest = createHash('sha256').update(JSON.stringify(preparation)).digest('hex')
  prepared = { key: JSON.stringify(request), digest }
  return { preparation, digest }
}

async function runUnit(task: Extract<WorkerTask, { kind: 'unit' }>): Promise<unknown> {
  const { request, unit, done, lost, port, control } = task
  const shared = new Int32Array(control)
  const beat = () => Atomics.add(shared, BEATS, 1)
  let batch: RunRecord[] = []
  let batchStartMs = 0
  let sent = 0
  const send = () => {
    if (batch.length === 0) return
    port.postMessage({ records: batch } satisfies UnitMessage)
    batch = []
    sent += 1
    for (let taken = Atomics.load(shared, TAKEN); sent - taken > BATCHES_MAX; taken = Atomics.load(shared, TAKEN)) {
      Atomics.wait(shared, TAKEN, taken, WAIT_MS)
      beat()
    }
  }
  try {
    if (prepared?.key !== JSON.stringify(request)) await prepare(request)
    beat()
    const result = await (
      await ownCore()
    ).runUnit(
      request,
      unit,
      (record) => {
        beat()
        if (batch.length === 0) batchStartMs = performance.now()
        batch.push(record)
        const full = batch.length >= BATCH_RECORDS_MAX || performance.now() - batchStartMs >= BATCH_AGE_MS_MAX
        if (full || record.outcome !== 'passed') send()
      },
      {
        skip: (order) => {
          beat()
          return done.has(order)
        },
        judged: (order) => lost?.has(order) !== true,
        stop: () => Atomics.load(shared, STOP) === 1,
        begin: (start) => {
          beat()
          writeStart(control, start)
        },
      },
    )
    send()
    return { result, digest: prepared?.digest ?? '', sent }
  } finally {
    send()
    port.close()
  }
}
