// harness/campaign/promises.ts: asks what the documentation of a store promises: one campaign for each promise, persistence
// model and family of faults that its scenario names, and whether it came out as the scenario's reading says.
//
// 1. A promise is broken if an oracle that it names complains, and kept if none does and the campaign was whole. What other
//    oracles say is listed apart.
// 2. A reading that came true is no failure, whether the promise is kept or broken; one that did not is.

import type { Campaign } from '../../reports/index.ts'
import type { DocumentedPromise, ExpectedOutcome } from '../../scenarios/index.ts'
import { FAULT_FAMILIES, type FaultFamily } from '../plan/index.ts'
import type { CampaignHost, CampaignView } from './campaign-host.ts'
import { runCampaign } from './campaign.ts'
import { UsageError, type CampaignOptions } from './options.ts'

/** A way in which a promise was broken, or another complaint. */
export type PromiseComplaint = Readonly<{
  oracle: string
  fault: string
  count: number
  token: string
  message: string
}>

/** A promise under one model and set of families. */
export type PromiseRow = Readonly<{
  scenario: string
  promise: string
  text: string
  source: string
  parameters: DocumentedPromise['parameters']
  model: string
  families: readonly string[]
  expected: ExpectedOutcome['outcome']
  reading: string
  /** `unknown`: the campaign was not whole. */
  found: ExpectedOutcome['outcome'] | 'unknown'
  runs: number
  merged: number
  broken: readonly PromiseComplaint[]
  /** Complaints of oracles that the promise does not name. */
  apart: readonly PromiseComplaint[]
  incomplete: readonly string[]
}>

export type PromiseOptions = Pick<CampaignOptions, 'workers' | 'runLimitMs' | 'statesPerIntervalMax'> &
  Readonly<{ scenarios: readonly string[]; models: readonly string[]; seed: number }>

/** Yields a row as its campaign ends. Throws UsageError for a scenario without promises. */
export async function* askPromises(
  options: PromiseOptions,
  host: CampaignHost,
  view: CampaignView,
): AsyncGenerator<PromiseRow, void> {
  for (const scenario of options.scenarios) {
    const promises = await promisesOf(scenario, options, host)
    if (promises.length === 0)
      throw new UsageError(
        `Scenario '${scenario}' declares no promises: 'promises' in a scenario says what a store's documentation promises.`,
      )
    for (const promise of promises)
      for (const expected of promise.expected) {
        if (options.models.length > 0 && !options.models.includes(expected.model)) continue
        yield await ask(scenario, promise, expected, options, host, view)
      }
  }
}

async function promisesOf(
  scenario: string,
  { runLimitMs }: PromiseOptions,
  host: CampaignHost,
): Promise<readonly DocumentedPromise[]> {
  await using crew = host.makeCrew({ workers: 1, mutant: undefined, runLimitMs })
  return (await crew.describe(scenario, {})).promises
}

async function ask(
  scenario: string,
  promise: DocumentedPromise,
  expected: ExpectedOutcome,
  options: PromiseOptions,
  host: CampaignHost,
  view: CampaignView,
): Promise<PromiseRow> {
  const { workers, runLimitMs, statesPerIntervalMax, seed } = options
  const { campaign } = await runCampaign(
    {
      scenarios: [scenario],
      families: familiesOf(expected),
      modes: ['once'],
      set: Object.fromEntries(Object.entries(promise.parameters).map(([name, value]) => [name, String(value)])),
      seeds: [seed],
      warm: false,
      model: expected.model,
      sectorBytes: 512,
      statesPerIntervalMax,
      allowIncomplete: false,
      workers,
      runLimitMs,
      resume: false,
      planOnly: false,
    },
    host,
    view,
    false,
  )
  return rowOf(scenario, promise, expected, campaign)
}

function familiesOf({ families }: ExpectedOutcome): readonly FaultFamily[] {
  return FAULT_FAMILIES.filter((family) => families.includes(family))
}

function rowOf(
  scenario: string,
  { name, text, source, parameters, oracles }: DocumentedPromise,
  { model, families, outcome, reading }: ExpectedOutcome,
  campaign: Campaign,
): PromiseRow {
  const complaints = [...campaign.violations, ...campaign.failures].map(
    ({ oracle, fault, count, token, message }): PromiseComplaint => ({ oracle, fault, count, token, message }),
  )
  const broken = complaints.filter(({ oracle }) => oracles.includes(oracle))
  const totals = Object.values(campaign.families)
  const runs = totals.reduce((sum, { run }) => sum + run, 0)
  const lost =
    campaign.failures.length > 0 ||
    runs === 0 ||
    totals.some((family) => family.run + family.merged + family.skipped < family.planned)
  return {
    scenario,
    promise: name,
    text,
    source,
    parameters,
    model,
    families,
    expected: outcome,
    reading,
    found: broken.length > 0 ? 'broken' : lost ? 'unknown' : 'kept',
    runs,
    merged: totals.reduce((sum, { merged }) => sum + merged, 0),
    broken,
    apart: complaints.filter(({ oracle }) => !oracles.includes(oracle)),
    incomplete: campaign.incomplete,
  }
}
