// reports/format/campaign.ts: campaign.json, what a campaign was and what came of it.
//
// Version policy. `formatVersion` is 1. A field may be added within a version, and readers ignore fields that they do
// not know; so a file of this version is read by every powercut that knows the version. A field that goes, or whose
// meaning changes, makes a new version. A reader refuses versions above its own and still reads those below.
//
// 1. `planned` comes from the plan, `run` is the number of records, `delivered` is what the injector counted: three
//    sources, never derived from one another.
// 2. `scenarios` is always there; the top level holds the totals under the same names.
// 3. A finding of the faultless run is a violation too (family `none`).

import { z } from 'zod'
import { diskPictureSchema } from './disk-picture.ts'

export const FORMAT_VERSION = 1

const count = z.number().int().nonnegative()
const milliseconds = z.number().nonnegative()

export const outcomeCountsSchema = z
  .object({
    passed: count,
    violation: count,
    'not-reached': count,
    'scenario-failure': count,
    'harness-failure': count,
  })
  .describe('Runs by how they ended')

export const pointsSchema = z
  .object({ allocations: count, fileSystemCalls: count, syncs: count })
  .describe('Fault points that the counting runs found')

export const MERGED_KINDS = ['fault', 'image', 'readSet'] as const

export const mergedBySchema = z
  .object({
    fault: count.describe('The same fault: nothing can tell two apart'),
    image: count.describe('The same disk and promise'),
    readSet: count.describe('The same in all that was looked at, and that one passed'),
  })
  .default({ fault: 0, image: 0, readSet: 0 })
  .describe('Merged plans by what they had in common with one that was run')

export const familyTotalsSchema = z.object({
  planned: count.describe('Fault plans: points × modes'),
  run: count.describe('Records'),
  merged: count.describe('Planned states that were the same as one that was run'),
  mergedBy: mergedBySchema,
  skipped: count.describe('Left out by a bound'),
  violations: count.describe('Runs in which an oracle complained'),
  exhaustive: z.boolean().describe('Every fault point of the family was run'),
  delivered: count.describe('Faults delivered, counted by the injector'),
  outcomes: outcomeCountsSchema,
  runMs: milliseconds.default(0).describe('Time of its runs, added up over all workers'),
})

export const bytesReadSchema = z.object({
  count: count.describe('Recoveries measured'),
  median: count,
  maximum: count,
  exact: z.boolean().describe('False: median and histogram are right to within 1 part in 128'),
  histogram: z
    .array(z.object({ from: count, to: count.describe('Inclusive'), count }))
    .describe('Recoveries by bytes read'),
})

export const recoverySchema = z.object({
  statesRun: count.describe('Crash states that were run'),
  distinct: count.describe('Different crash states among those generated'),
  bytesRead: bytesReadSchema.describe("Bytes that recovery read of the store's files"),
  boundBytes: count.optional().describe('Most that the scenario allows a recovery to read'),
  timeUs: bytesReadSchema.optional().describe('Microseconds that recovery took'),
  acknowledgedLost: bytesReadSchema.optional().describe('Acknowledged steps that a recovered store did not hold'),
  unacknowledgedLost: bytesReadSchema.optional().describe('Steps under way that a recovered store did not hold'),
  bySize: z
    .array(
      z.object({
        from: count.describe('Bytes of the files that recovery began with'),
        to: count.describe('Inclusive'),
        count,
        bytesMedian: count,
        bytesMaximum: count,
        timeUsMedian: count,
        timeUsMaximum: count,
        lostMaximum: count.describe('Steps, acknowledged or not'),
      }),
    )
    .optional()
    .describe('Recovery against the size of the database'),
})

export const intervalsSchema = z
  .object({
    exhausted: count.describe('Sync intervals whose every state was run'),
    sampled: count.describe('Sync intervals of which a sample was run'),
    possible: z.number().nonnegative(),
    generated: count,
    distinct: count.describe('Crash states that differ from the others in disk or promise'),
    run: count.describe('Crash states that were explored: recovered and judged'),
    mergedByImage: count.default(0).describe('The same disk and promise as an earlier state'),
    mergedByReadSet: count.default(0).describe('The same as one that passed, in all that was looked at'),
  })
  .describe('Sync intervals, and crash states in them')

export const minimisedSchema = z
  .object({
    token: z.string().describe('Of the smallest case; the first one again if none was found'),
    faultsBefore: count,
    faultsAfter: count,
    stepsBefore: count.describe('0: the violation was not had again'),
    stepsAfter: count,
    steps: z.array(z.string()).describe('Names of the steps that are left'),
    parameters: z
      .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
      .describe('Those that are not as they were'),
    fault: z.string().optional(),
    phase: z.string().optional(),
    message: z.string().optional(),
    runs: count.describe('Runs that it took'),
    durationMs: milliseconds,
    complete: z.boolean().describe('Nothing smaller was left to try'),
    reason: z.string().optional().describe('Why it is not complete'),
  })
  .describe('The smallest case of a violation: fewest faults, smallest parameters, fewest steps, simplest fault')

export const sourcePositionSchema = z
  .object({
    function: z.string(),
    file: z.string().describe('From the working directory of the campaign, with forward slashes'),
    line: count.describe('From 1'),
    column: count.optional().describe('From 1'),
    text: z.string().optional().describe('The line itself'),
  })
  .describe('A place in the sources of the code under test')

export const comparedSchema = z
  .object({
    expected: z.string().describe('Places that differ, a line each; else what the oracle demands'),
    found: z.string().describe('The same places, as they were found; else the message'),
  })
  .describe('Expected and found, side by side')

export const evidenceEventSchema = z.object({
  index: count,
  kind: z.string(),
  phase: z.string(),
  detail: z.string(),
  role: z
    .enum(['fault', 'cause'])
    .optional()
    .describe('fault: here it was; cause: what the complaint names began here'),
  failed: z.boolean().optional(),
  site: z.string().optional(),
  position: sourcePositionSchema.optional(),
})

export const evidenceSchema = z
  .object({
    stack: z.array(sourcePositionSchema).describe('Of the call at the fault, innermost first'),
    cause: z
      .array(sourcePositionSchema)
      .optional()
      .describe('Of the call that the complaint names, such as the allocation of what leaked'),
    events: z.array(evidenceEventSchema).describe('Around the fault, in the order of the run'),
    eventsTotal: count.optional().describe('Events of the run'),
    compared: comparedSchema.optional(),
    disk: diskPictureSchema.optional(),
  })
  .describe('What a replay of the first run that showed it saw around the fault')

export const expectationSchema = z
  .object({
    reason: z.string(),
    owner: z.string(),
    expires: z.string().optional().describe('Last day on which it is expected, YYYY-MM-DD'),
  })
  .describe('Why a violation is known, and who answers for it')

export const EXPECTATION_STATES = ['found', 'not-found', 'not-asked', 'expired'] as const

export const expectedAnomalySchema = expectationSchema
  .extend({
    fingerprint: z.string(),
    scenario: z.string().optional(),
    state: z
      .enum(EXPECTATION_STATES)
      .describe(
        'found; not-found by a complete campaign: it may be mended; not-asked: what was run cannot tell; expired: found, and too late to expect',
      ),
  })
  .describe('A known open anomaly of the --expect file')

export const violationSchema = z.object({
  fingerprint: z.string().describe('The same for the same defect'),
  oracle: z.string(),
  family: z.string().describe('The family of the fault; none: found without a fault'),
  token: z.string().describe('Of the first run that showed it'),
  message: z.string(),
  count: count.describe('Runs that showed it'),
  scenario: z.string(),
  phase: z.string(),
  fault: z.string(),
  site: z.string().optional(),
  minimised: minimisedSchema.optional(),
  evidence: evidenceSchema.optional(),
  expected: expectationSchema.optional().describe('A known open anomaly: it does not fail the campaign'),
})

export const failureSchema = violationSchema
  .extend({ outcome: z.enum(['not-reached', 'scenario-failure', 'harness-failure']) })
  .describe('Runs that ended without a verdict on the store')

export const findingSchema = z
  .object({
    scenario: z.string(),
    oracle: z.string(),
    message: z.string(),
    step: z.string().optional(),
    token: z.string(),
    fingerprint: z.string(),
  })
  .describe('Found before any fault was put')

export const siteSchema = z.object({
  family: z.string(),
  site: z.string().describe('Call site; where none was recorded, the tag or the kind of fault'),
  points: count.describe('Different fault points that were run there'),
  run: count,
  delivered: count,
  outcomes: outcomeCountsSchema,
  maps: z
    .array(
      z.object({
        form: z.string(),
        pointsEach: count.describe('Fault points in a cell'),
        cells: z
          .string()
          .describe('From point 1: p passed, n not reached, h harness failed, s scenario failed, v violation, . none'),
      }),
    )
    .optional()
    .describe('Worst outcome by fault point, in order'),
})

export const pointKindSchema = z.object({
  family: z.string(),
  form: z.string(),
  kind: z.string().describe('Tag of an allocation, kind of a file-system call'),
  count,
  bytes: z.number().nonnegative(),
})

export const timeLineBucketSchema = z.object({
  from: count.describe('First point'),
  to: count.describe('Last point, inclusive'),
  kinds: z.record(z.string(), count).describe('File-system calls by kind'),
  phase: z.string(),
  pendingMax: count.describe('Most pending operations'),
  states: count.describe('Crash states run'),
  outcomes: outcomeCountsSchema,
})

export const timeLineSchema = z.object({
  form: z.string(),
  buckets: z.array(timeLineBucketSchema),
})

export const milestonesSchema = z
  .record(z.string(), z.object({ count, wanted: count }))
  .describe('What the scenario must have met for the campaign to be worth something')

export const retriesSchema = z
  .object({ retried: count, reopened: count, survived: count })
  .describe('What became of the step after the fault')

export const costSchema = z.object({
  runsPerSecond: z.number().nonnegative(),
  recoveryMs: milliseconds.describe('Time in recovery, over all workers'),
  checkMs: milliseconds.describe('Time in the model check, over all workers'),
  runMs: milliseconds.describe('Time of all runs, over all workers'),
})

const totals = {
  points: pointsSchema,
  families: z.record(z.string(), familyTotalsSchema),
  recovery: recoverySchema,
  traceHash: z.string(),
  intervals: intervalsSchema,
  milestones: milestonesSchema,
  retries: z.record(z.string(), retriesSchema).describe('By family'),
  uncoveredSites: z.array(z.string()).describe('Call sites that no form failed'),
}

export const modelMatrixSchema = z
  .object({
    models: z.array(z.string()),
    rows: z.array(
      z.object({
        promise: z.string().describe('An oracle of the crash family'),
        cells: z
          .array(z.object({ states: count.describe('Crash states run'), violations: count }))
          .describe('By model'),
      }),
    ),
  })
  .describe('Promise × persistence model')

export const scenarioResultSchema = z.object({
  name: z.string(),
  source: z.string().optional().describe("The scenario's module, from the working directory; absent: a built-in one"),
  model: z.string().optional().describe('Persistence model, where the campaign has several'),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  ...totals,
  pointKinds: z.array(pointKindSchema),
  callSites: z.array(siteSchema),
  timeLines: z.array(timeLineSchema).describe('Crash points in the order of file-system calls, one for each form'),
  cost: costSchema.omit({ runsPerSecond: true }),
})

export const selectionSchema = z
  .object({
    families: z.array(z.string()),
    modes: z.array(z.string()),
    forms: z.array(z.string()),
    points: z.object({ from: count, to: count }).optional(),
    budgetBytes: count.optional(),
    probability: z.number().min(0).max(1).optional(),
    statesPerIntervalMax: count.describe('0: no bound'),
    prune: z.boolean().optional().describe('False: no crash state was merged by what was looked at'),
    budgetMs: milliseconds.optional(),
    minimiseBudgetMs: milliseconds.optional().describe('For each violation; 0: none was minimised'),
    bail: count.optional(),
    mutant: z.string().optional(),
    rerunOf: z.string().optional(),
    shard: z.object({ index: count, count }).optional().describe('A part of the plan: the index-th of count, from 1'),
    swarm: z.boolean().describe('Each seed drew its families, modes, points and sizes').optional(),
  })
  .describe('What was asked for; complete is relative to it')

export const campaignSchema = z
  .object({
    formatVersion: z.literal(FORMAT_VERSION),
    tool: z.object({ powercut: z.string(), node: z.string(), platform: z.string() }),
    codeHash: z.string().optional().describe('Of the harness, and of the code under test as far as imports tell'),
    commandLine: z.string(),
    startedAt: z.string().describe('ISO 8601, UTC'),
    endedAt: z.string().describe('ISO 8601, UTC'),
    durationMs: milliseconds,
    workers: count,
    scenario: z.string().describe('Names of all scenarios, separated by spaces'),
    scenarios: z.array(scenarioResultSchema),
    seed: z.number().int(),
    selection: selectionSchema,
    model: z.string().describe('Persistence model'),
    sectorBytes: count,
    models: modelMatrixSchema.optional().describe('Where the campaign has several persistence models'),
    ...totals,
    violations: z.array(violationSchema),
    failures: z.array(failureSchema),
    expectations: z.array(expectedAnomalySchema).optional().describe('Where the campaign was given an --expect file'),
    oracles: z.record(z.string(), z.string()).optional().describe('Who judged, and what each demands'),
    findings: z.array(findingSchema),
    cost: costSchema,
    complete: z.boolean(),
    incomplete: z.array(z.string()).describe('Why it is not complete, a sentence each'),
  })
  .describe('A powercut campaign and its results')

export type OutcomeCounts = z.infer<typeof outcomeCountsSchema>
export type Points = z.infer<typeof pointsSchema>
export type MergedBy = z.infer<typeof mergedBySchema>
export type FamilyTotals = z.infer<typeof familyTotalsSchema>
export type BytesRead = z.infer<typeof bytesReadSchema>
export type Recovery = z.infer<typeof recoverySchema>
export type Intervals = z.infer<typeof intervalsSchema>
export type MinimisedCase = z.infer<typeof minimisedSchema>
export type SourcePosition = z.infer<typeof sourcePositionSchema>
export type EvidenceEvent = z.infer<typeof evidenceEventSchema>
export type Evidence = z.infer<typeof evidenceSchema>
export type Expectation = z.infer<typeof expectationSchema>
export type ExpectedAnomaly = z.infer<typeof expectedAnomalySchema>
export type Violation = z.infer<typeof violationSchema>
export type Failure = z.infer<typeof failureSchema>
export type Finding = z.infer<typeof findingSchema>
export type Site = z.infer<typeof siteSchema>
export type PointKind = z.infer<typeof pointKindSchema>
export type TimeLine = z.infer<typeof timeLineSchema>
export type TimeLineBucket = z.infer<typeof timeLineBucketSchema>
export type Milestones = z.infer<typeof milestonesSchema>
export type Retries = z.infer<typeof retriesSchema>
export type ScenarioResult = z.infer<typeof scenarioResultSchema>
export type Selection = z.infer<typeof selectionSchema>
export type Campaign = z.infer<typeof campaignSchema>
