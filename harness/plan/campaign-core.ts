// harness/plan/campaign-core.ts: the seam between the campaign (workers, results, command line) and the core that runs
// and judges. The campaign never runs a scenario; the core never writes a file.
//
// 1. The same request gives the same preparation, on every worker and machine: units, counts and order are data.
// 2. A unit is run whole by one worker, so that what is merged does not depend on the number of workers.
// 3. `runUnit` yields records in plan order; `order` numbers are consecutive over the units of a preparation.

import type { DiskPicture } from '../../faults/index.ts'
import type { DocumentedPromise, ParameterValue } from '../../scenarios/index.ts'
import type { AllocationMode, FaultFamily, FaultPlan, Form, Subject } from './fault-plan.ts'
import type { RunRecord } from './run-record.ts'

/** What was asked for: the part of the command line that decides which runs there are. */
export type CampaignRequest = Readonly<{
  subject: Subject
  families: readonly FaultFamily[]
  modes: readonly AllocationMode[]
  forms: readonly Form[]
  /** Points to run, inclusive, of these each `every`-th; all if absent. */
  points?: Readonly<{ from: number; to: number; every?: number; offset?: number }>
  /** Random allocation faults apply to tags drawn by seed, each with one half; without it to all. */
  drawnTags?: boolean
  budgetBytes?: number
  probability?: number
  /** Faults that a plan of the family 'recovery' has, the first crash included; 2 if absent. */
  depth?: number
  /** In that family, every distinct crash state's recovery, not one of each trace. */
  everyRecovery?: boolean
  /** Conditions of the device are put to every call and with every value, not to one call of each call site. */
  everyCondition?: boolean
  /** Most crash states for each sync interval; 0 = no bound. */
  statesPerIntervalMax: number
  /** False: crash states are one only if their disks are equal, not if they differ in what was never looked at. */
  prune?: boolean
}>

/** One piece of work for one worker. */
export type UnitSummary = Readonly<{
  index: number
  family: FaultFamily
  form: Form
  /** Step or phase the unit covers. */
  phase: string
  /** First plan-order number and how many plans: `order` lies in [firstOrder, firstOrder + planned). */
  firstOrder: number
  planned: number
}>

/** One kind of fault point, for `count` and the report. */
export type PointRow = Readonly<{
  family: FaultFamily
  form: Form
  /** Tag of an allocation, kind of a file-system call. */
  kind: string
  phase: string
  count: number
  bytes: number
}>

export type PointRange = Readonly<{ family: FaultFamily; form: Form; phase: string; first: number; last: number }>

/** Something found before any fault was put: nondeterminism, a failing claim audit, a scenario that could not fail. */
export type CampaignFinding = Readonly<{
  oracle: string
  message: string
  step?: string
  /** Replays the faultless run. */
  token: string
  fingerprint: string
}>

/** An event of a trace, for people. */
export type TraceLine = Readonly<{
  index: number
  kind: string
  phase: string
  detail: string
  site?: string
  /**
   * Where the call stands in the code that ran, `function (path:line:column)`, innermost first, each on a line; where
   * positions were asked for, of the events around the fault and of those that the complaint is about.
   */
  stack?: string
  failed?: boolean
}>

export type Preparation = Readonly<{
  traceHash: string
  /** Totals over the counting runs: what `points` in campaign.json says. */
  points: Readonly<{ allocations: number; fileSystemCalls: number; syncs: number }>
  ranges: readonly PointRange[]
  rows: readonly PointRow[]
  units: readonly UnitSummary[]
  /** Families whose plans are a sample of what there could be. */
  sampledFamilies: readonly FaultFamily[]
  milestones: Readonly<Record<string, number>>
  /** The least number wanted, by milestone; a campaign with one that falls short is incomplete. */
  milestonesWanted: Readonly<Record<string, number>>
  /** Most bytes that a recovery may read, by the scenario's bound for the files of the recorded run, where it was largest. */
  recoveryBoundBytes?: number
  findings: readonly CampaignFinding[]
  /** Call sites of the whole-scenario counting run that neither form fails; a campaign with one is incomplete. */
  uncoveredSites: readonly string[]
  /** File-system calls of the whole-scenario run in order, for the time line: phase, kind, pending operations then. */
  timeline: readonly Readonly<{ index: number; kind: string; phase: string; pending: number }>[]
}>

/** The crash states of a sync interval: `generated` = `mergedByImage` + `distinct`, `distinct` = `mergedByReadSet` + run. */
export type IntervalCount = Readonly<{
  possible: number
  generated: number
  /** Not equal to an earlier one in disk and promise. */
  distinct: number
  run: number
  /** Equal to an earlier one in disk and promise. */
  mergedByImage: number
  /** Equal to one that passed, in all that was looked at. */
  mergedByReadSet: number
  exhausted: boolean
}>

/**
 * What a merged plan has in common with one that was run: the fault itself, where an injector can't tell two apart; the
 * whole disk and the promise; or all of the disk that was looked at, where the one that was run passed.
 */
export const MERGED_BY = ['fault', 'image', 'readSet'] as const
export type MergedBy = (typeof MERGED_BY)[number]

/** What became of a unit. */
export type UnitResult = Readonly<{
  unit: number
  planned: number
  run: number
  /** Planned states that were the same state as one that was run. */
  merged: number
  /** `merged`, kind by kind. */
  mergedBy: Readonly<Record<MergedBy, number>>
  /** Left out by `statesPerIntervalMax`. */
  skipped: number
  delivered: number
  /** Crash states of a sync interval. */
  interval?: IntervalCount
  /** Time spent in recovery and in the model check, for the cost report. */
  recoveryMs: number
  checkMs: number
}>

/** Every fault point of a subject's counted segments, with the place of its call in the code that ran. */
export type PointProfile = Readonly<{
  /** `function (path:line:column)`, innermost first, each on a line. */
  stacks: readonly string[]
  points: readonly ProfiledPoint[]
}>

export type ProfiledPoint = Readonly<{
  family: FaultFamily
  form: Form
  /** As in the point's records. */
  identity: number
  /** Tag of an allocation, kind of a file-system call. */
  kind: string
  /** Index into `stacks`. */
  stack: number
}>

export type ReplayOptions = Readonly<{
  /** A `debugger` statement stops at the failing call. */
  inspect?: boolean
  /** Events have their source positions. */
  positions?: boolean
}>

export type ReplayResult = Readonly<{
  record: RunRecord
  trace: readonly TraceLine[]
  /** Index in `trace` of the event where the fault was. */
  faultEvent: number | undefined
  stack: string | undefined
  /** What was compared, where the complaint is about a difference. */
  compared: Readonly<{ expected: string; found: string }> | undefined
  /** The disk at the fault, and what a crash or damage made of it; undefined where no disk is part of it. */
  disk: DiskPicture | undefined
  /** Set if the point at the recorded index is another call site now. */
  moved: string | undefined
}>

/** What a run is, told before it starts: if the worker dies or hangs in it, this is all that is left to name it by. */
export type RunStart = Readonly<
  Pick<
    RunRecord,
    'order' | 'token' | 'scenario' | 'family' | 'form' | 'point' | 'identity' | 'mode' | 'fault' | 'phase'
  >
>

export type UnitOptions = Readonly<{
  skip?: (order: number) => boolean
  /**
   * Of those left out, the ones that have their record from an earlier try: they are judged again, without a record, for
   * later states to be merged with as they would have been.
   */
  judged?: (order: number) => boolean
  stop?: () => boolean
  /** Called right before each plan that is run. */
  begin?: (start: RunStart) => void
}>

/** A failure to look for in a plan's subject, which may be a smaller one than that in which it was found. */
export type FailureSearch = Readonly<{
  /** Says the subject, the form, and which faults to look among; their points may be others in this subject. */
  plan: FaultPlan
  oracle: string
  fingerprint: string
  /** `alike`: the same faults, the plan's own point first. `simpler`: faults before the plan's, the simplest first. */
  among: 'alike' | 'simpler'
  /** Most runs with a fault. */
  runsMax: number
}>

export type FailureFound = Readonly<{
  /** Undefined: nothing that was run fails like that. */
  found: Readonly<{ plan: FaultPlan; record: RunRecord }> | undefined
  /** Names of the subject's steps; empty if it has none or cannot be run. */
  stepNames: readonly string[]
  runs: number
}>

export interface CampaignCore {
  prepare(request: CampaignRequest): Promise<Preparation>
  /** Runs the plans of a unit in order, leaving out those for which `skip(order)`. Awaits `emit` after each record. */
  runUnit(
    request: CampaignRequest,
    unit: number,
    emit: (record: RunRecord) => void | Promise<void>,
    options?: UnitOptions,
  ): Promise<UnitResult>
  /** Runs one plan again. */
  replay(plan: FaultPlan, options?: ReplayOptions): Promise<ReplayResult>
  /** Where the calls of the request's fault points stand. Only points of allocations and of file-system calls. */
  profile(request: CampaignRequest): Promise<PointProfile>
  /** Looks for a run that fails with the search's fingerprint. A subject that fails without a fault has none. */
  findFailure(search: FailureSearch): Promise<FailureFound>
  /** The scenario's declared parameters and contract hash, for tokens and for `--set`. */
  describe(scenario: string, parameters: Readonly<Record<string, ParameterValue>>): Promise<ScenarioDescription>
}

export type ScenarioDescription = Readonly<{
  name: string
  summary: string
  parameters: Readonly<Record<string, ParameterValue>>
  models: readonly string[]
  /** Values to draw parameters from in swarm runs. */
  swarm: Readonly<Record<string, readonly ParameterValue[]>>
  promises: readonly DocumentedPromise[]
  /** Mutants of the kit that mean nothing to this store, with the reason. */
  equivalentMutants?: Readonly<Record<string, string>>
  /** Ids of the requirements that a campaign of it verifies. */
  requirements: readonly string[]
  /** Binds tokens: hash of name, parameters and step names, 8 hexadecimal digits. */
  contractHash: string
  stepNames: readonly string[]
}>
