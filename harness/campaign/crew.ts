// harness/campaign/crew.ts: the workers, as the campaign sees them. The host makes the real ones out of threads.
//
// 1. A crew is made for one subject's mutant: what its workers load is changed before anything is loaded.
// 2. Records reach the sink in batches, in plan order within a unit, before the unit's end is told.
// 3. A worker that ends costs the crew nothing: the next task gets another one.

import type {
  CampaignRequest,
  FailureFound,
  FailureSearch,
  FaultPlan,
  PointProfile,
  Preparation,
  ReplayOptions,
  ReplayResult,
  RunRecord,
  RunStart,
  ScenarioDescription,
  UnitResult,
} from '../plan/index.ts'
import type { Parameters } from '../../scenarios/index.ts'

export type PreparedCampaign = Readonly<{
  preparation: Preparation
  /** Identity of the preparation: every worker must come to the same. */
  digest: string
}>

export type UnitTask = Readonly<{
  request: CampaignRequest
  unit: number
  /** Plan-order numbers that have their record already. */
  done: ReadonlySet<number>
  /** Those of them whose run left no verdict: it ended or stuck its worker, and would again. */
  lost?: ReadonlySet<number>
}>

/** How a unit, or one plan, ended for the worker that had it. */
export type WorkEnd<Result> =
  | Readonly<{ kind: 'done'; result: Result; digest: string }>
  /** The worker's thread ended, or its core threw. `start`: the run in progress, if one had begun. */
  | Readonly<{ kind: 'died'; message: string; start: RunStart | undefined }>
  /** No run began or ended for `limitMs`, and the worker was ended. */
  | Readonly<{ kind: 'hung'; limitMs: number; start: RunStart | undefined }>

export type RecordSink = (records: readonly RunRecord[]) => void

export interface Crew extends AsyncDisposable {
  /** How many units may be in hand at once. */
  readonly workers: number
  describe(scenario: string, parameters: Parameters): Promise<ScenarioDescription>
  /** Prepares on one worker, or on `everyone` at once; gives what the first one found. */
  prepare(request: CampaignRequest, everyone: boolean): Promise<WorkEnd<PreparedCampaign>>
  runUnit(task: UnitTask, sink: RecordSink): Promise<WorkEnd<UnitResult>>
  replay(plan: FaultPlan, options?: Pick<ReplayOptions, 'positions'>): Promise<WorkEnd<ReplayResult>>
  /** Where the calls of the request's fault points stand. */
  profile(request: CampaignRequest): Promise<WorkEnd<PointProfile>>
  /** Looks for a failure; a worker that takes longer than `limitMs` is ended. */
  findFailure(search: FailureSearch, limitMs: number): Promise<WorkEnd<FailureFound>>
  /** How often its planted defect was executed so far, in all workers; of one that has none, 0. */
  activations(): number
  /** Units in hand end after the run that they are at. Idempotent; there is no way back. */
  stop(): void
  [Symbol.asyncDispose](): Promise<void>
}
