// test/bench/minimise.ts: how small a planted defect's case becomes, and what that costs.
//
// Each campaign is of the scenario at a length at which there is something to leave out, with the fault families that see
// the mutant first, and ends with its first violation.

import {
  EXIT,
  Machine,
  CORE_MODULE,
  MINIMISE_BUDGET_MS,
  runCampaign,
  type CampaignOptions,
} from '../../harness/index.ts'
import { ENGINE_MUTANTS } from '../../faults/mutants/index.ts'
import type { Violation } from '../../reports/index.ts'
import type { Bench, BenchResult, Table } from './bench.ts'

const MUTANTS = [
  'sync-left-out',
  'new-pack-directory-not-synced',
  'failed-sync-retried',
  'failed-sync-swallowed',
  'half-made-pack-kept',
  'block-not-freed-on-error',
  'out-of-memory-swallowed',
  'lock-kept-after-error',
  'interruption-reported',
  'cover-not-checked',
  'short-append-taken-as-whole',
] as const
const LENGTHS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  core20: { iterations: '24' },
  bank: { transfers: '24' },
  rows: { rows: '12' },
}
const FULL_LENGTHS: typeof LENGTHS = {}

function optionsFor(id: string, lengths: typeof LENGTHS): CampaignOptions {
  const mutant = ENGINE_MUTANTS.find((candidate) => candidate.id === id)
  if (mutant === undefined) throw new TypeError(`there is no mutant '${id}'`)
  const { scenario, campaign } = mutant
  return {
    scenarios: [scenario],
    families: campaign.families,
    modes: campaign.modes ?? ['once', 'from'],
    set: lengths[scenario] ?? {},
    seeds: [1],
    warm: campaign.warm === true,
    sectorBytes: 512,
    statesPerIntervalMax: 0,
    allowIncomplete: false,
    workers: 1,
    runLimitMs: 60_000,
    minimiseBudgetMs: MINIMISE_BUDGET_MS,
    bail: 1,
    mutant: id,
    resume: false,
    planOnly: false,
  }
}

function rowOf(id: string, scenario: string, { oracle, family, minimised }: Violation): (string | number)[] {
  if (minimised === undefined) throw new TypeError(`the violation of '${id}' was not minimised`)
  const { faultsBefore, faultsAfter, stepsBefore, stepsAfter, parameters, runs, durationMs, complete } = minimised
  return [
    id,
    scenario,
    `${family} ${oracle}`,
    `${faultsBefore} → ${faultsAfter}`,
    `${stepsBefore} → ${stepsAfter}`,
    Object.entries(parameters)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    runs,
    (durationMs / 1000).toFixed(1),
    complete ? 'yes' : 'no',
  ]
}

export const minimising: Bench = {
  name: 'minimise',
  summary: 'how small the case of each of eleven planted defects becomes, in how many runs and seconds',
  async run({ full }): Promise<BenchResult> {
    const rows: (string | number)[][] = [
      ['mutant', 'scenario', 'found by', 'faults', 'steps', 'parameters', 'runs', 's', 'complete'],
    ]
    let before = 0
    let after = 0
    const host = new Machine(CORE_MODULE)
    const silent = { line: () => {}, progress: () => {}, done: () => {} }
    for (const id of MUTANTS) {
      const options = optionsFor(id, full ? FULL_LENGTHS : LENGTHS)
      const { campaign, exitCode } = await runCampaign(options, host, silent, false)
      const [violation] = campaign.violations
      if (exitCode !== EXIT.violations || violation === undefined) throw new TypeError(`'${id}' was not found`)
      rows.push(rowOf(id, options.scenarios[0] ?? '', violation))
      before += violation.minimised?.stepsBefore ?? 0
      after += violation.minimised?.stepsAfter ?? 0
    }
    const table: Table = { title: 'The smallest case of the first violation', rows }
    return {
      tables: [table],
      figures: [{ name: 'steps left of all', value: after / before, unit: 'of what there were' }],
    }
  },
}
