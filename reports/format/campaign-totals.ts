// reports/format/campaign-totals.ts: folds a campaign's records, one at a time, into campaign.json.
//
// 1. `run` is the number of records, `delivered` what the injector counted in them, `planned` what the plan says
//    (the input): a difference makes the campaign incomplete and is told, never evened out.
// 2. Complete is what is left when nothing speaks against it; each reason is a sentence.
// 3. The same records and input give the same result, whatever the order of the records.

import { createHash } from 'node:crypto'
import {
  FORMAT_VERSION,
  type Campaign,
  type Failure,
  type FamilyTotals,
  type Milestones,
  type ScenarioResult,
  type Violation,
} from './campaign.ts'
import type { CampaignInput, ScenarioInput, UnitInput } from './campaign-input.ts'
import { incompleteReasons } from './completeness.ts'
import type { RunRecord } from './run-record.ts'
import { ScenarioTotals } from './scenario-totals.ts'
import { sumTotals } from './sum-totals.ts'
import { RecoveryTotals } from './recovery-totals.ts'

/** The family of what was found without a fault. */
export const NO_FAULT_FAMILY = 'none'

export class CampaignTotals {
  readonly #scenarios = new Map<string, ScenarioTotals>()
  #runs = 0
  #violations = 0

  /** A run ended. On resume, the records that are there are added first. */
  add(record: RunRecord): void {
    this.#scenario(record.scenario).add(record)
    this.#runs += 1
    if (record.outcome === 'violation') this.#violations += 1
  }

  /** A unit ended: what was merged or left out in it, and what it cost. Its records are added one by one. */
  addUnit(unit: UnitInput): void {
    this.#scenario(unit.scenario).addUnit(unit)
  }

  /** Records so far. */
  get runs(): number {
    return this.#runs
  }

  /** Runs so far in which an oracle complained. */
  get violationRuns(): number {
    return this.#violations
  }

  /** campaign.json. May be asked for at any time. */
  result(input: CampaignInput): Campaign {
    const parts = input.scenarios.map((scenario) => ({ scenario, totals: this.#scenario(scenario.name) }))
    const scenarios = parts.map(({ scenario, totals }) => scenarioResult(scenario, totals))
    const recovery = new RecoveryTotals()
    for (const { totals } of parts) recovery.merge(totals.recovery)
    const totals = sumTotals(scenarios, recovery)
    const findings = input.scenarios.flatMap(({ name, findings: found }) =>
      found.map((finding) => ({ scenario: name, ...finding })),
    )
    const violations = oneRowEach([
      ...findings.map(violationOfFinding),
      ...parts.flatMap(({ totals: part }) => part.violations()),
    ])
    const failures: Failure[] = oneRowEach(parts.flatMap(({ totals: part }) => part.failures()))
    const incomplete = [...input.incomplete, ...incompleteReasons(scenarios, input.selection)]
    return {
      formatVersion: FORMAT_VERSION,
      tool: { ...input.tool },
      ...(input.codeHash === undefined ? {} : { codeHash: input.codeHash }),
      commandLine: input.commandLine,
      startedAt: input.startedAt,
      endedAt: input.endedAt,
      durationMs: input.durationMs,
      workers: input.workers,
      scenario: input.scenarios.map(({ name }) => name).join(' '),
      seed: input.seed,
      selection: input.selection,
      model: input.model,
      sectorBytes: input.sectorBytes,
      ...modelMatrix(input, parts),
      complete: incomplete.length === 0,
      incomplete,
      ...totals,
      traceHash: traceHashOf(scenarios),
      violations,
      failures,
      ...(input.oracles === undefined ? {} : { oracles: { ...input.oracles } }),
      findings,
      cost: {
        runsPerSecond: input.durationMs > 0 ? (this.#runs * 1000) / input.durationMs : 0,
        recoveryMs: scenarios.reduce((sum, { cost }) => sum + cost.recoveryMs, 0),
        checkMs: scenarios.reduce((sum, { cost }) => sum + cost.checkMs, 0),
        runMs: scenarios.reduce((sum, { cost }) => sum + cost.runMs, 0),
      },
      scenarios,
    }
  }

  #scenario(name: string): ScenarioTotals {
    const known = this.#scenarios.get(name)
    if (known !== undefined) return known
    const made = new ScenarioTotals()
    this.#scenarios.set(name, made)
    return made
  }
}

type Part = Readonly<{ scenario: ScenarioInput; totals: ScenarioTotals }>

/** Nothing for a campaign under one model. */
function modelMatrix({ crashPromises = [] }: CampaignInput, parts: readonly Part[]): Pick<Campaign, 'models'> {
  const models = [...new Set(parts.flatMap(({ scenario: { model } }) => (model === undefined ? [] : [model])))]
  if (models.length < 2) return {}
  const complained = parts.flatMap(({ totals }) => [...totals.crashViolations.keys()])
  const sum = (model: string, count: (totals: ScenarioTotals) => number): number =>
    parts.reduce((all, { scenario, totals }) => all + (scenario.model === model ? count(totals) : 0), 0)
  const rows = [...new Set([...crashPromises, ...complained])].map((promise) => ({
    promise,
    cells: models.map((model) => ({
      states: sum(model, ({ crashRuns }) => crashRuns),
      violations: sum(model, ({ crashViolations }) => crashViolations.get(promise) ?? 0),
    })),
  }))
  return { models: { models, rows } }
}

/** One scenario's is the campaign's; of several, the SHA-256 of all names and hashes in order. */
function traceHashOf(scenarios: readonly ScenarioResult[]): string {
  const [first, ...others] = scenarios
  if (first === undefined) return ''
  if (others.length === 0) return first.traceHash
  const lines = scenarios.map(({ name, traceHash }) => `${name} ${traceHash}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}

function scenarioResult(input: ScenarioInput, totals: ScenarioTotals): ScenarioResult {
  const names = [...new Set([...Object.keys(input.families), ...totals.families.keys()])]
  const families: Record<string, FamilyTotals> = {}
  const retries: ScenarioResult['retries'] = {}
  for (const name of names) {
    const counted = totals.family(name)
    const planned = input.families[name]
    families[name] = {
      planned: planned?.planned ?? 0,
      run: counted.run,
      merged: counted.merged,
      mergedBy: { ...counted.mergedBy },
      runMs: counted.runMs,
      skipped: counted.skipped,
      violations: counted.outcomes.violation,
      exhaustive:
        planned?.exhaustive === true && counted.skipped === 0 && counted.run + counted.merged === planned.planned,
      delivered: counted.delivered,
      outcomes: { ...counted.outcomes },
    }
    const { retried, reopened, survived } = counted.retries
    if (retried + reopened + survived > 0) retries[name] = { ...counted.retries }
  }
  return {
    name: input.name,
    ...(input.source === undefined ? {} : { source: input.source }),
    ...(input.model === undefined ? {} : { model: input.model }),
    parameters: { ...input.parameters },
    points: { ...input.points },
    families,
    recovery: {
      statesRun: totals.crashRuns,
      distinct: totals.intervals.distinct,
      ...totals.recovery.result(),
      ...(input.recoveryBoundBytes === undefined ? {} : { boundBytes: input.recoveryBoundBytes }),
    },
    traceHash: input.traceHash,
    intervals: { ...totals.intervals },
    milestones: milestonesOf(input),
    retries,
    uncoveredSites: [...input.uncoveredSites],
    pointKinds: pointKindsOf(input),
    callSites: totals.callSites(),
    timeLines: totals.timeLines(input.timeline),
    cost: { ...totals.cost },
  }
}

function milestonesOf({ milestones, milestonesWanted = {} }: ScenarioInput): Milestones {
  const names = [...new Set([...Object.keys(milestonesWanted), ...Object.keys(milestones)])]
  return Object.fromEntries(
    names.map((name) => [name, { count: milestones[name] ?? 0, wanted: milestonesWanted[name] ?? 0 }]),
  )
}

/** The rows of all phases together. */
function pointKindsOf({ rows }: ScenarioInput): ScenarioResult['pointKinds'] {
  const kinds = new Map<string, ScenarioResult['pointKinds'][number]>()
  for (const { family, form, kind, count, bytes } of rows) {
    const key = JSON.stringify([family, form, kind])
    const known = kinds.get(key)
    if (known === undefined) kinds.set(key, { family, form, kind, count, bytes })
    else {
      known.count += count
      known.bytes += bytes
    }
  }
  return [...kinds.values()]
}

function violationOfFinding(finding: Campaign['findings'][number]): Violation {
  return {
    fingerprint: finding.fingerprint,
    oracle: finding.oracle,
    family: NO_FAULT_FAMILY,
    token: finding.token,
    message: finding.message,
    count: 1,
    scenario: finding.scenario,
    phase: finding.step ?? '',
    fault: 'no fault',
  }
}

/** One row for each fingerprint over all scenarios: the first row, with the runs of all. */
function oneRowEach<Row extends Violation>(rows: readonly Row[]): Row[] {
  const byFingerprint = new Map<string, Row>()
  for (const row of rows) {
    const known = byFingerprint.get(row.fingerprint)
    if (known === undefined) byFingerprint.set(row.fingerprint, { ...row })
    else known.count += row.count
  }
  return [...byFingerprint.values()]
}
