// harness/host/local-machine.ts: a machine whose crew is this thread: for scenarios that only this thread has, as a test
// that declares one.
//
// 1. The core is loaded when the first task comes, as in a worker.
// 2. Timers are let in between runs, so that a budget can end a campaign; a run that never ends is the caller's to end.

import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { SourcePosition } from '../../reports/index.ts'
import type { AnyScenario } from '../../scenarios/index.ts'
import type { CampaignHost, Crew, Journal, PreparedCampaign, RecordSink, UnitTask, WorkEnd } from '../campaign/index.ts'
import type {
  CampaignCore,
  CampaignRequest,
  FailureFound,
  FailureSearch,
  FaultPlan,
  PointProfile,
  ReplayOptions,
  ReplayResult,
  RunRecord,
  UnitResult,
} from '../plan/index.ts'
import { Machine } from './machine.ts'

/** How long runs go on before timers get their turn. */
const TURN_MS = 20

/** Runs campaigns of one scenario in this thread. */
export class LocalMachine implements CampaignHost {
  readonly #machine = new Machine('')
  readonly #scenario: AnyScenario

  constructor(scenario: AnyScenario) {
    this.#scenario = scenario
  }

  nowMs(): number {
    return this.#machine.nowMs()
  }

  timestamp(): string {
    return this.#machine.timestamp()
  }

  tool(): ReturnType<Machine['tool']> {
    return this.#machine.tool()
  }

  makeCrew(): Crew {
    return new LocalCrew(this.#scenario)
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#machine.after(delayMs, task)
  }

  /** Ctrl-C belongs to whoever runs this thread. */
  onInterrupt(): () => void {
    return () => {}
  }

  codeHash(modules: readonly string[]): string {
    return this.#machine.codeHash(modules)
  }

  sourcePositions(stack: string): readonly SourcePosition[] {
    return this.#machine.sourcePositions(stack)
  }

  openJournal(directory: string): Journal {
    return this.#machine.openJournal(directory)
  }
}

class LocalCrew implements Crew {
  readonly workers = 1
  readonly #scenario: AnyScenario
  #core: Promise<CampaignCore> | undefined
  #digest = ''
  #stopped = false

  constructor(scenario: AnyScenario) {
    this.#scenario = scenario
  }

  async describe(_scenario: string, parameters: Parameters<CampaignCore['describe']>[1]) {
    return (await this.#own()).describe(this.#scenario.name, parameters)
  }

  async prepare(request: CampaignRequest): Promise<WorkEnd<PreparedCampaign>> {
    const preparation = await (await this.#own()).prepare(request)
    this.#digest = createHash('sha256').update(JSON.stringify(preparation)).digest('hex')
    return { kind: 'done', result: { preparation, digest: this.#digest }, digest: this.#digest }
  }

  async runUnit({ request, unit, done }: UnitTask, sink: RecordSink): Promise<WorkEnd<UnitResult>> {
    let sinceMs = performance.now()
    const emit = async (record: RunRecord): Promise<void> => {
      sink([record])
      if (performance.now() - sinceMs < TURN_MS) return
      await setImmediate()
      sinceMs = performance.now()
    }
    const result = await (
      await this.#own()
    ).runUnit(request, unit, emit, { skip: (order) => done.has(order), stop: () => this.#stopped })
    return { kind: 'done', result, digest: this.#digest }
  }

  async replay(plan: FaultPlan, options: ReplayOptions = {}): Promise<WorkEnd<ReplayResult>> {
    return { kind: 'done', result: await (await this.#own()).replay(plan, options), digest: '' }
  }

  async profile(request: CampaignRequest): Promise<WorkEnd<PointProfile>> {
    return { kind: 'done', result: await (await this.#own()).profile(request), digest: '' }
  }

  /** No time limit: a thread can't end itself. */
  async findFailure(search: FailureSearch): Promise<WorkEnd<FailureFound>> {
    return { kind: 'done', result: await (await this.#own()).findFailure(search), digest: '' }
  }

  /** No defect can be planted in a thread that has loaded the store. */
  activations(): number {
    return 0
  }

  stop(): void {
    this.#stopped = true
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #own(): Promise<CampaignCore> {
    this.#core ??= this.#load()
    return this.#core
  }

  async #load(): Promise<CampaignCore> {
    const { createCampaignCore } = await import('../run/index.ts')
    return createCampaignCore({ loadScenario: async () => this.#scenario, nowMs: () => performance.now() })
  }
}
