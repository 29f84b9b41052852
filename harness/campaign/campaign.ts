// harness/campaign/campaign.ts: a whole campaign: prepare, run, record, judge whether it is complete.
//
// 1. This thread loads no scenario and no store: workers do, after the mutant's hook.
// 2. Wrong use is told before a result folder is made; nothing that exists is overwritten.
// 3. What stops a campaign early (bail, budget, Ctrl-C, a unit given up) is a reason in the result: never silent.

import { createHash } from 'node:crypto'
import {
  applyExpectations,
  createResultFolder,
  FORMAT_VERSION,
  verdictOf,
  writeCampaign,
  writeShard,
  type Campaign,
  type CampaignInput,
  type ScenarioInput,
} from '../../reports/index.ts'
import { encodeToken, type CampaignRequest, type FaultFamily, type FaultPlan } from '../plan/index.ts'
import { ORACLES, type Oracle } from '../oracles/index.ts'
import type { CampaignHost, CampaignView } from './campaign-host.ts'
import { repeatCommand, resumeCommand } from './command-line.ts'
import type { Crew } from './crew.ts'
import { gatherEvidence } from './gather-evidence.ts'
import { minimiseViolations } from './minimise-violations.ts'
import { UsageError, type CampaignOptions } from './options.ts'
import { ResultSink } from './result-sink.ts'
import { runSubject, type Subject, type SubjectEnd } from './run-subject.ts'
import { unitsOfShard } from './shards.ts'
import { checkPoints, requestOf } from './subject.ts'

export const EXIT = { passed: 0, violations: 1, usage: 2, incomplete: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export type CampaignOutcome = Readonly<{
  campaign: Campaign
  /** Undefined for `--plan` and for campaigns that keep nothing. */
  directory: string | undefined
  /** Goes on with it, if there is something to go on with. */
  resume: string | undefined
  exitCode: ExitCode
  /** How often the planted defect was executed, as its own code counted. */
  activations: number
}>

/** `keep: false`: no result folder, only the outcome (selftest). Throws UsageError, or what the workers threw. */
export async function runCampaign(
  options: CampaignOptions,
  host: CampaignHost,
  view: CampaignView,
  keep = true,
): Promise<CampaignOutcome> {
  const startedAt = host.timestamp()
  const startMs = host.nowMs()
  const commandLine = repeatCommand(options)
  const { minimiseBudgetMs = 0 } = options
  const workers = options.planOnly ? 1 : options.workers
  const crew = host.makeCrew({ workers, mutant: options.mutant, runLimitMs: options.runLimitMs })
  await using _ = crew
  const { subjects, lost } = await prepareSubjects(options, crew)
  const sized = subjects.flatMap(({ preparation, unitOffset }) =>
    preparation.units.map(({ index, planned }) => ({ unit: unitOffset + index, planned })),
  )
  const own = options.shard === undefined ? undefined : unitsOfShard(sized, options.shard)
  const owns = (unit: number) => own?.has(unit) !== false
  const folder = keep && !options.planOnly ? openFolder(options, host, subjects, commandLine) : undefined
  const sink = new ResultSink(folder, new Set(options.expect?.entries.map(({ fingerprint }) => fingerprint)))
  const ends = new Map<Subject, SubjectEnd>()
  const incomplete: string[] = lost.map(({ reason }) => reason)
  if (!options.planOnly) {
    incomplete.push(...(await runAll(options, { host, view, crew, sink, subjects, owns, ends, startMs })))
  }
  sink.close()
  const input: CampaignInput = {
    tool: host.tool(),
    codeHash: host.codeHash(options.scenarios.filter(isModulePath)),
    commandLine,
    startedAt,
    endedAt: host.timestamp(),
    durationMs: host.nowMs() - startMs,
    workers: options.workers,
    seed: options.seeds[0] ?? 0,
    selection: selectionOf(options),
    model: options.models?.join(', ') ?? subjects[0]?.request.subject.model ?? options.model ?? '',
    oracles: ORACLES,
    crashPromises: CRASH_ORACLES,
    sectorBytes: options.sectorBytes,
    scenarios: [
      ...subjects.map((subject) => scenarioInput(options, subject, owns, ends.get(subject))),
      ...lost.map(({ scenario }) => scenario),
    ],
    incomplete,
  }
  const interrupted = wasInterrupted(incomplete)
  const tools = { crew, host, view }
  const found = withExpectations(options, sink.totals.result(input))
  const smallest = await minimiseViolations(found, interrupted ? 0 : minimiseBudgetMs, tools)
  const campaign = folder === undefined || interrupted ? smallest : await gatherEvidence(smallest, tools)
  if (folder !== undefined) {
    if (options.shard !== undefined) {
      const whole = {
        ...input,
        commandLine: repeatCommand(withoutShard(options)),
        scenarios: [
          ...subjects.map((subject) => scenarioInput(withoutShard(options), subject, () => true, ends.get(subject))),
          ...lost.map(({ scenario }) => scenario),
        ],
      }
      writeShard(folder.directory, {
        formatVersion: FORMAT_VERSION,
        ...options.shard,
        plan: planKey(subjects),
        codeHash: input.codeHash ?? '',
        units: sized.map((unit) => ({ ...unit, own: owns(unit.unit), ...sink.resultOf(unit.unit) })),
        input: whole,
      })
    }
    writeCampaign(folder.directory, campaign)
  }
  return {
    campaign,
    directory: folder?.directory,
    resume: folder === undefined || !hasLeft(campaign) ? undefined : resumeCommand(options, folder.directory),
    exitCode: exitCodeOf(options, campaign),
    activations: crew.activations(),
  }
}

/** What is demanded of a crashed disk: the rows of a campaign under several models. */
const CRASH_ORACLES: readonly Oracle[] = [
  'recovery-opens',
  'recovered-state',
  'recovery-verify',
  'recovery-commits',
  'recovery-read-only',
  'recovery-bounded',
  'invariant',
]

const INTERRUPTED = 'Interrupted by Ctrl-C.'

/** Whoever interrupts a campaign wants it to end: what it found is told as it is. */
function wasInterrupted(reasons: readonly string[]): boolean {
  return reasons.includes(INTERRUPTED)
}

/** A scenario that could not be prepared: a finding if it hung, a reason if its workers died. */
type Lost = Readonly<{ scenario: ScenarioInput; reason: string }>

async function prepareSubjects(
  options: CampaignOptions,
  crew: Crew,
): Promise<Readonly<{ subjects: readonly Subject[]; lost: readonly Lost[] }>> {
  const subjects: Subject[] = []
  const lost: Lost[] = []
  let orderOffset = 0
  let unitOffset = 0
  for (const scenario of options.scenarios) {
    const description = await crew.describe(scenario, {})
    for (const seed of options.seeds) {
      for (const model of options.models ?? [options.model]) {
        const seeded = options.seeds.length === 1 ? description.name : `${description.name} seed ${seed}`
        const label = options.models === undefined ? seeded : `${seeded} (${model})`
        const request = requestOf(
          { ...options, ...(model === undefined ? {} : { model }) },
          scenario,
          seed,
          description,
        )
        const faultless: FaultPlan = { subject: request.subject, form: request.forms[0] ?? 'linear', faults: [] }
        const own = await crew.describe(scenario, request.subject.parameters)
        const faultlessToken = encodeToken(faultless, {
          contractHash: own.contractHash,
          defaults: description.parameters,
        })
        // With a few points only, one worker has done most of them before the others would be prepared.
        const everyone = !options.planOnly && options.points === undefined
        let end = await crew.prepare(request, everyone)
        if (end.kind === 'died') end = await crew.prepare(request, everyone)
        if (end.kind !== 'done') {
          lost.push(lostScenario(label, request, end, faultlessToken))
          continue
        }
        const { preparation, digest } = end.result
        checkPoints(options, scenario, preparation)
        subjects.push({
          label,
          severalModels: options.models !== undefined,
          request,
          preparation,
          digest,
          faultlessToken,
          orderOffset,
          unitOffset,
        })
        orderOffset += preparation.units.reduce((most, unit) => Math.max(most, unit.firstOrder + unit.planned), 0)
        unitOffset += preparation.units.length
      }
    }
  }
  return { subjects, lost }
}

function lostScenario(
  label: string,
  request: CampaignRequest,
  end: Readonly<{ kind: 'hung'; limitMs: number }> | Readonly<{ kind: 'died'; message: string }>,
  token: string,
): Lost {
  const hung = end.kind === 'hung'
  const reason = hung
    ? `Scenario '${label}' could not be prepared: it did not end within ${end.limitMs / 1000} s.`
    : `Scenario '${label}' could not be prepared: ${end.message}`
  return {
    reason,
    scenario: {
      name: label,
      parameters: request.subject.parameters,
      traceHash: 'none',
      points: { allocations: 0, fileSystemCalls: 0, syncs: 0 },
      families: {},
      rows: [],
      milestones: {},
      findings: hung ? [{ oracle: 'hang', message: reason, token, fingerprint: `hang:${label}:counting` }] : [],
      uncoveredSites: [],
      timeline: [],
    },
  }
}

function openFolder(options: CampaignOptions, host: CampaignHost, subjects: readonly Subject[], commandLine: string) {
  const name = options.scenarios.length === 1 ? (options.scenarios[0] ?? 'campaign') : 'campaign'
  const directory = createResultFolder(options.out, { name, resume: options.resume })
  const journal = host.openJournal(directory)
  const requests = subjects.map(({ request, preparation }) => [request, preparation.units, preparation.traceHash])
  const asked = options.shard === undefined ? requests : [requests, options.shard]
  const key = createHash('sha256').update(JSON.stringify(asked)).digest('hex')
  const known = journal.campaign
  if (options.resume && known !== undefined && known.key !== key) {
    throw new UsageError(
      known.commandLine === commandLine
        ? `The campaign in ${directory} can't go on: the code under test has changed since, so its points are others; run it anew.`
        : `The campaign in ${directory} is another one: resume it with '${known.commandLine}'.`,
    )
  }
  if (known === undefined) journal.begin({ key, commandLine })
  return { directory, journal, resume: options.resume && known !== undefined }
}

/** Identity of what there is to run and of all that was counted, whichever part of it is run. */
function planKey(subjects: readonly Subject[]): string {
  const plans = subjects.map(({ request, digest }) => [request, digest])
  return createHash('sha256').update(JSON.stringify(plans)).digest('hex')
}

function withoutShard(options: CampaignOptions): CampaignOptions {
  const { shard, ...whole } = options
  return shard === undefined ? options : whole
}

/** A part of a campaign cannot say that an anomaly is gone; it can say which ones it met. */
function withExpectations({ expect }: CampaignOptions, campaign: Campaign): Campaign {
  return expect === undefined ? campaign : applyExpectations(campaign, expect.entries)
}

type Running = Readonly<{
  host: CampaignHost
  view: CampaignView
  crew: Crew
  sink: ResultSink
  subjects: readonly Subject[]
  owns: (unit: number) => boolean
  ends: Map<Subject, SubjectEnd>
  startMs: number
}>

/** Runs all subjects in order; gives the reasons for ending early. */
async function runAll(options: CampaignOptions, running: Running): Promise<readonly string[]> {
  const { host, view, crew, sink, subjects, owns, ends, startMs } = running
  const reasons: string[] = []
  const stop = (reason: string) => {
    if (reasons.length > 0) return
    reasons.push(reason)
    crew.stop()
  }
  const stopped = () => reasons.length > 0
  const found = subjects.reduce((sum, { preparation }) => sum + preparation.findings.length, 0)
  const total = subjects.reduce((sum, subject) => sum + plannedOf(subject, owns), 0)
  const bailIfDue = () => {
    const violations = found + sink.openViolationRuns
    if (options.bail !== undefined && violations >= options.bail) {
      stop(`Stopped after ${violations} violations (--bail ${options.bail}).`)
    }
  }
  const { budgetMs } = options
  const left = budgetMs === undefined ? undefined : Math.max(0, budgetMs - (host.nowMs() - startMs))
  const cancelBudget =
    left === undefined
      ? undefined
      : host.after(left, () => stop(`The budget of ${(budgetMs ?? 0) / 1000} s was spent.`))
  const cancelInterrupt = host.onInterrupt(() => stop(INTERRUPTED))
  const given: string[] = []
  try {
    bailIfDue()
    for (const subject of subjects) {
      if (stopped()) break
      const recorded = () => {
        bailIfDue()
        view.progress({
          scenario: subject.label,
          done: sink.settled,
          total,
          runs: sink.totals.runs,
          violations: found + sink.totals.violationRuns,
          elapsedMs: host.nowMs() - startMs,
        })
      }
      recorded()
      const end = await runSubject(subject, crew, sink, { stopped, owns, recorded })
      ends.set(subject, end)
      given.push(...end.reasons)
    }
  } finally {
    cancelBudget?.()
    cancelInterrupt()
    view.done()
  }
  return [...reasons, ...given]
}

function plannedOf({ preparation, unitOffset }: Subject, owns: (unit: number) => boolean): number {
  return preparation.units.reduce((sum, { index, planned }) => sum + (owns(unitOffset + index) ? planned : 0), 0)
}

function scenarioInput(
  options: CampaignOptions,
  subject: Subject,
  owns: (unit: number) => boolean,
  end: SubjectEnd | undefined,
): ScenarioInput {
  const { request, preparation, label } = subject
  const { milestones, milestonesWanted, recoveryBoundBytes } = preparation
  const everyPoint = options.points === undefined && options.modes.some((mode) => mode === 'once' || mode === 'from')
  const family = (name: FaultFamily) => ({
    planned: preparation.units.reduce(
      (sum, unit) => sum + (unit.family === name && owns(subject.unitOffset + unit.index) ? unit.planned : 0),
      0,
    ),
    exhaustive:
      options.points === undefined &&
      options.shard === undefined &&
      options.swarm !== true &&
      (name !== 'allocation' || everyPoint) &&
      !preparation.sampledFamilies.includes(name),
  })
  const { scenario } = request.subject
  return {
    name: label,
    ...(isModulePath(scenario) ? { source: scenario.replace(/^\.\//, '') } : {}),
    ...(options.models === undefined ? {} : { model: request.subject.model }),
    parameters: request.subject.parameters,
    traceHash: preparation.traceHash,
    points: preparation.points,
    families: Object.fromEntries(request.families.map((name) => [name, family(name)])),
    rows: preparation.rows,
    milestones,
    milestonesWanted: options.swarm === true ? {} : milestonesWanted,
    findings: [...preparation.findings, ...(end?.findings ?? [])],
    uncoveredSites: preparation.uncoveredSites,
    timeline: preparation.timeline,
    ...(recoveryBoundBytes === undefined ? {} : { recoveryBoundBytes }),
  }
}

/** A scenario that is named by its module. */
export function isModulePath(scenario: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(scenario)
}

function selectionOf(options: CampaignOptions): CampaignInput['selection'] {
  const { points, budgetBytes, probability, budgetMs, minimiseBudgetMs, bail, mutant, rerun, shard, swarm } = options
  return {
    families: [...options.families],
    modes: [...options.modes],
    forms: [options.warm ? 'warm' : 'linear'],
    ...(points === undefined ? {} : { points: { from: points.from, to: points.to ?? Number.MAX_SAFE_INTEGER } }),
    ...(budgetBytes === undefined ? {} : { budgetBytes }),
    ...(probability === undefined ? {} : { probability }),
    statesPerIntervalMax: options.statesPerIntervalMax,
    ...(options.prune === false ? { prune: false } : {}),
    ...(budgetMs === undefined ? {} : { budgetMs }),
    ...(minimiseBudgetMs === undefined ? {} : { minimiseBudgetMs }),
    ...(bail === undefined ? {} : { bail }),
    ...(mutant === undefined ? {} : { mutant }),
    ...(rerun === undefined ? {} : { rerunOf: rerun }),
    ...(shard === undefined ? {} : { shard: { ...shard } }),
    ...(swarm === undefined ? {} : { swarm }),
  }
}

/** Whether runs are left that a resumed campaign would do. */
function hasLeft(campaign: Campaign): boolean {
  return Object.values(campaign.families).some(({ planned, run, merged, skipped }) => run + merged + skipped < planned)
}

/** Violations win over incompleteness. `--allow-incomplete` forgives what was not covered, never a failed harness. */
export function exitCodeOf(
  options: Pick<CampaignOptions, 'planOnly' | 'allowIncomplete'>,
  campaign: Campaign,
): ExitCode {
  if (options.planOnly) return EXIT.passed
  const verdict = verdictOf(campaign)
  if (verdict === 'violations') return EXIT.violations
  if (verdict === 'passed') return EXIT.passed
  const failed = campaign.failures.some(({ outcome }) => outcome === 'harness-failure' || outcome === 'not-reached')
  return options.allowIncomplete && !failed ? EXIT.passed : EXIT.incomplete
}
