// harness/host/thread-crew.ts: a crew of worker threads (piscina).
//
// 1. A worker that ends, for whatever reason, fails its task only; the pool starts another one.
// 2. A unit in which nothing begins or ends for the limit is stuck: its worker is ended. Preparing has a longer limit.
// 3. A unit's end is told after its last record: the port's messages are counted, not trusted to come in time.

import { MessageChannel } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import {
  UsageError,
  type Crew,
  type PreparedCampaign,
  type RecordSink,
  type UnitTask,
  type WorkEnd,
} from '../campaign/index.ts'
import { activationsIn, createActivationMemory } from '../../faults/mutants/index.ts'
import type {
  CampaignRequest,
  FailureFound,
  FailureSearch,
  FaultPlan,
  PointProfile,
  ReplayOptions,
  ReplayResult,
  ScenarioDescription,
  UnitResult,
} from '../plan/index.ts'
import type { Parameters } from '../../scenarios/index.ts'
import {
  BEATS,
  createControl,
  readStart,
  STOP,
  TAKEN,
  type DescribeReply,
  type UnitMessage,
  type WorkerData,
  type WorkerTask,
} from './worker-protocol.ts'

const PREPARE_FACTOR = 5

export type ThreadCrewOptions = Readonly<{
  workers: number
  /** URL of the module that makes the core. */
  coreModule: string
  mutant?: string | undefined
  /** A run that takes longer is stuck. */
  runLimitMs: number
}>

type Done<Result> = Readonly<{ result: Result; digest: string; sent?: number }>

export class ThreadCrew implements Crew {
  readonly workers: number
  readonly #pool: Piscina
  readonly #runLimitMs: number
  readonly #controls = new Set<SharedArrayBuffer>()
  readonly #activations = createActivationMemory()
  #stopped = false

  constructor(options: ThreadCrewOptions) {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
    const workerData: WorkerData = {
      coreModule: options.coreModule,
      mutant: options.mutant,
      activations: this.#activations,
    }
    this.workers = options.workers
    this.#runLimitMs = options.runLimitMs
    this.#pool = new Piscina({
      filename: fileURLToPath(new URL(`./worker${extension}`, import.meta.url)),
      name: 'work',
      minThreads: options.workers,
      maxThreads: options.workers,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      recordTiming: false,
      workerData,
    })
    // A worker's death is told by its task; without a listener the event alone would end the process.
    this.#pool.on('error', () => {})
  }

  async describe(scenario: string, parameters: Parameters): Promise<ScenarioDescription> {
    const task: WorkerTask = { kind: 'describe', scenario, parameters }
    const reply: DescribeReply = await this.#pool.run(task)
    if (!reply.ok) throw new UsageError(reply.message)
    return reply.description
  }

  async prepare(request: CampaignRequest, everyone: boolean): Promise<WorkEnd<PreparedCampaign>> {
    const [first] = await Promise.all(
      Array.from({ length: everyone ? this.workers : 1 }, (_, index) =>
        this.#guarded({ kind: 'prepare', request, whole: index === 0 }),
      ),
    )
    if (first === undefined) throw new TypeError('a crew has at least one worker')
    return first as WorkEnd<PreparedCampaign>
  }

  async replay(plan: FaultPlan, options: Pick<ReplayOptions, 'positions'> = {}): Promise<WorkEnd<ReplayResult>> {
    return (await this.#guarded({ kind: 'replay', plan, options })) as WorkEnd<ReplayResult>
  }

  async profile(request: CampaignRequest): Promise<WorkEnd<PointProfile>> {
    return (await this.#guarded({ kind: 'profile', request })) as WorkEnd<PointProfile>
  }

  async findFailure(search: FailureSearch, limitMs: number): Promise<WorkEnd<FailureFound>> {
    return (await this.#guarded({ kind: 'find', search }, limitMs)) as WorkEnd<FailureFound>
  }

  async runUnit(task: UnitTask, sink: RecordSink): Promise<WorkEnd<UnitResult>> {
    const control = createControl()
    const shared = new Int32Array(control)
    if (this.#stopped) Atomics.store(shared, STOP, 1)
    const { port1, port2 } = new MessageChannel()
    const abort = new AbortController()
    let received = 0
    let wanted = Infinity
    const all = new Gate()
    const settle = () => {
      if (received >= wanted) all.open()
    }
    port1.on('message', (message: UnitMessage) => {
      sink(message.records)
      received += 1
      Atomics.store(shared, TAKEN, received)
      Atomics.notify(shared, TAKEN)
      settle()
    })
    port1.on('close', () => all.open())
    const watch = new Watch(shared, this.#runLimitMs, () => abort.abort())
    this.#controls.add(control)
    try {
      const work: WorkerTask = { kind: 'unit', ...task, port: port2, control }
      const done: Done<UnitResult> = await this.#pool.run(work, { transferList: [port2], signal: abort.signal })
      wanted = done.sent ?? 0
      settle()
      await all.opened
      return { kind: 'done', result: done.result, digest: done.digest }
    } catch (error) {
      // The port closes with its worker, after what was sent has come; or here, if no worker had the task.
      port2.close()
      await all.opened
      const start = readStart(control)
      if (abort.signal.aborted) return { kind: 'hung', limitMs: watch.limitMs, start }
      return { kind: 'died', message: messageOf(error), start }
    } finally {
      watch.end()
      this.#controls.delete(control)
      port1.close()
    }
  }

  activations(): number {
    return activationsIn(this.#activations)
  }

  stop(): void {
    this.#stopped = true
    for (const control of this.#controls) Atomics.store(new Int32Array(control), STOP, 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy()
  }

  async #guarded(task: WorkerTask, limitMs = this.#runLimitMs * PREPARE_FACTOR): Promise<WorkEnd<unknown>> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), limitMs)
    try {
      const done: Done<unknown> = await this.#pool.run(task, { signal: abort.signal })
      return { kind: 'done', result: done.result, digest: done.digest }
    } catch (error) {
      if (abort.signal.aborted) return { kind: 'hung', limitMs, start: undefined }
      return { kind: 'died', message: messageOf(error), start: undefined }
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A promise and what fulfils it. */
class Gate {
  open: () => void = () => {}
  readonly opened: Promise<void> = new Promise((resolve) => {
    this.open = resolve
  })
}

/** Looks whether a unit still beats; calls `stuck` once if it does not. */
class Watch {
  limitMs: number
  readonly #timer: NodeJS.Timeout

  constructor(shared: Int32Array, runLimitMs: number, stuck: () => void) {
    this.limitMs = runLimitMs * PREPARE_FACTOR
    let beats = 0
    let sinceMs = performance.now()
    this.#timer = setInterval(
      () => {
        const now = Atomics.load(shared, BEATS)
        if (now !== beats) {
          beats = now
          this.limitMs = runLimitMs
          sinceMs = performance.now()
        } else if (performance.now() - sinceMs >= this.limitMs) {
          this.end()
          stuck()
        }
      },
      Math.min(1000, runLimitMs / 4),
    )
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
