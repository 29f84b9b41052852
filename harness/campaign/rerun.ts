// harness/campaign/rerun.ts: only what failed in an earlier campaign, run again from its tokens.
//
// The runs are those of the tokens, not of points counted anew: what is repeated is what was seen, also after the code
// under test has changed. Plan order is the order of the earlier campaign.

import {
  applyExpectations,
  createResultFolder,
  readCampaign,
  readRecords,
  resolveResultFolder,
  verdictOf,
  writeCampaign,
  type ScenarioInput,
} from '../../reports/index.ts'
import { ORACLES } from '../oracles/index.ts'
import type { FaultPlan, RunRecord } from '../plan/index.ts'
import { bindPlan } from './bind-plan.ts'
import type { CampaignHost, CampaignView } from './campaign-host.ts'
import { EXIT, isModulePath, type CampaignOutcome } from './campaign.ts'
import { repeatCommand } from './command-line.ts'
import type { Crew } from './crew.ts'
import { gatherEvidence } from './gather-evidence.ts'
import { minimiseViolations } from './minimise-violations.ts'
import { UsageError, type CampaignOptions } from './options.ts'
import { ResultSink } from './result-sink.ts'

type Failed = Readonly<{ record: RunRecord; plan: FaultPlan }>

/** Throws UsageError if nothing failed there, TokenError if a scenario is another one now. */
export async function runRerun(
  options: CampaignOptions,
  from: string,
  host: CampaignHost,
  view: CampaignView,
): Promise<CampaignOutcome> {
  const startedAt = host.timestamp()
  const startMs = host.nowMs()
  const source = resolveResultFolder(from)
  const earlier = readCampaign(source)
  const records = [...readRecords(source)].filter(({ outcome }) => outcome !== 'passed') as RunRecord[]
  if (records.length === 0) throw new UsageError(`Nothing failed in ${source}, so there is nothing to run again.`)
  if (options.resume) throw new UsageError('--rerun and --resume exclude each other: give one of them.')
  const commandLine = repeatCommand(options)
  view.line(commandLine)
  const mutant = options.mutant ?? earlier.selection.mutant
  await using crew = host.makeCrew({ workers: options.workers, mutant, runLimitMs: options.runLimitMs })
  const failed = await bindAll(
    crew,
    records.toSorted((left, right) => left.order - right.order),
  )
  const directory = options.planOnly
    ? undefined
    : createResultFolder(options.out, { name: failed[0]?.plan.subject.scenario ?? 'campaign' })
  const journal = directory === undefined ? undefined : host.openJournal(directory)
  journal?.begin({ key: 'rerun', commandLine })
  const sink = new ResultSink(
    directory === undefined || journal === undefined ? undefined : { directory, journal, resume: false },
  )
  const incomplete = options.planOnly ? [] : await replayAll(failed, { crew, sink, host, view, options, startMs })
  sink.close()
  const labels = [...new Set(failed.map(({ record }) => record.scenario))]
  const result = sink.totals.result({
    tool: host.tool(),
    codeHash: host.codeHash([...new Set(failed.map(({ plan }) => plan.subject.scenario))].filter(isModulePath)),
    commandLine,
    startedAt,
    endedAt: host.timestamp(),
    durationMs: host.nowMs() - startMs,
    workers: options.workers,
    seed: earlier.seed,
    selection: {
      ...earlier.selection,
      points: undefined,
      rerunOf: source,
      minimiseBudgetMs: options.minimiseBudgetMs ?? 0,
    },
    oracles: ORACLES,
    model: earlier.model,
    sectorBytes: earlier.sectorBytes,
    scenarios: labels.map((label) => scenarioInput(label, failed, earlier.scenarios)),
    incomplete,
  })
  const found = options.expect === undefined ? result : applyExpectations(result, options.expect.entries)
  const smallest = await minimiseViolations(found, options.minimiseBudgetMs ?? 0, { crew, host, view })
  const campaign = directory === undefined ? smallest : await gatherEvidence(smallest, { crew, host })
  if (directory !== undefined) writeCampaign(directory, campaign)
  const verdict = verdictOf(campaign)
  const exitCode =
    verdict === 'violations'
      ? EXIT.violations
      : verdict === 'passed' || options.planOnly
        ? EXIT.passed
        : EXIT.incomplete
  return { campaign, directory, resume: undefined, exitCode, activations: crew.activations() }
}

async function bindAll(crew: Crew, records: readonly RunRecord[]): Promise<readonly Failed[]> {
  const failed: Failed[] = []
  for (const record of records) {
    failed.push({ record, plan: await bindPlan(crew, record.token) })
  }
  return failed
}

type Running = Readonly<{
  crew: Crew
  sink: ResultSink
  host: CampaignHost
  view: CampaignView
  options: CampaignOptions
  startMs: number
}>

async function replayAll(failed: readonly Failed[], running: Running): Promise<readonly string[]> {
  const { crew, sink, host, view, options, startMs } = running
  const reasons: string[] = []
  const cancel = host.onInterrupt(() => reasons.push('Interrupted by Ctrl-C.'))
  const waiting = failed.entries()
  const lane = async (): Promise<void> => {
    for (const [order, { record, plan }] of waiting) {
      if (reasons.length > 0) return
      let end = await crew.replay(plan)
      if (end.kind === 'died') end = await crew.replay(plan)
      if (end.kind === 'done') sink.add([{ ...end.result.record, scenario: record.scenario, order }])
      else {
        const hung = end.kind === 'hung'
        const message = end.kind === 'hung' ? `it did not end within ${end.limitMs / 1000} s` : end.message
        sink.add([{ ...record, order, outcome: hung ? 'scenario-failure' : 'harness-failure', message }])
      }
      view.progress({
        scenario: record.scenario,
        done: sink.settled,
        total: failed.length,
        runs: sink.totals.runs,
        violations: sink.totals.violationRuns,
        elapsedMs: host.nowMs() - startMs,
      })
      if (options.bail !== undefined && sink.totals.violationRuns >= options.bail) {
        reasons.push(`Stopped after ${sink.totals.violationRuns} violations (--bail ${options.bail}).`)
      }
    }
  }
  await Promise.all(Array.from({ length: crew.workers }, lane))
  cancel()
  view.done()
  return reasons
}

function scenarioInput(
  label: string,
  failed: readonly Failed[],
  earlier: readonly Readonly<{ name: string; points: ScenarioInput['points']; traceHash: string }>[],
): ScenarioInput {
  const own = failed.filter(({ record }) => record.scenario === label)
  const before = earlier.find(({ name }) => name === label)
  const families = [...new Set(own.map(({ record }) => record.family))]
  const planned = (family: string) => own.filter(({ record }) => record.family === family).length
  return {
    name: label,
    parameters: own[0]?.plan.subject.parameters ?? {},
    traceHash: before?.traceHash ?? 'none',
    points: before?.points ?? { allocations: 0, fileSystemCalls: 0, syncs: 0 },
    families: Object.fromEntries(families.map((family) => [family, { planned: planned(family), exhaustive: false }])),
    rows: [],
    milestones: {},
    findings: [],
    uncoveredSites: [],
    timeline: [],
  }
}
