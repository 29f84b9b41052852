// test/bench/campaign-cost.ts: how the cost of a campaign grows with the length of its scenario.
//
// `bank`: the table does not grow, so 4 times the steps should cost 4 times as much, of every family; 5 is the goal.
// `core20`: the table grows, so a run costs more; what should grow with the steps is the number of runs, and the cost is
// split into recovery and model check.
// Without --full an evenly spread share of the plans is run, the same for both lengths; states are made and merged in full.

import type { FaultFamily } from '../../harness/index.ts'
import type { Bench, BenchResult, Figure, Table } from './bench.ts'
import { cpuMs } from './measure.ts'
import { createCore, requestFor, sweep, type SweepShare, type Swept } from './subject.ts'

/** The families whose cost is measured. */
const FAMILIES = ['allocation', 'io', 'crash'] as const satisfies readonly FaultFamily[]
type SweptFamily = (typeof FAMILIES)[number]
const FACTOR = 4
const GOAL = { kind: 'at most', value: 5 } as const
const SHARES: Readonly<Record<SweptFamily, SweepShare>> = {
  allocation: { plans: 17 },
  io: { plans: 101 },
  crash: { plans: 23 },
}
const CORE20_SHARES: Readonly<Record<SweptFamily, SweepShare>> = {
  allocation: { plans: 101 },
  io: { plans: 601 },
  crash: { plans: 37 },
}
const WHOLE: SweepShare = { plans: 1 }

type Measured = Readonly<{ prepareMs: number; families: Readonly<Record<SweptFamily, Swept>> }>

async function measureLength(
  scenario: string,
  changes: Readonly<Record<string, number>>,
  shareOf: (family: SweptFamily) => SweepShare,
): Promise<Measured> {
  const core = createCore()
  const request = await requestFor(core, scenario, changes, FAMILIES)
  const startMs = cpuMs()
  const preparation = await core.prepare(request)
  const prepareMs = cpuMs() - startMs
  const one = (family: SweptFamily) => sweep(core, request, preparation, family, shareOf(family))
  return {
    prepareMs,
    families: { allocation: await one('allocation'), io: await one('io'), crash: await one('crash') },
  }
}

async function bankCost(full: boolean): Promise<BenchResult> {
  const shareOf = (family: SweptFamily) => (full ? WHOLE : SHARES[family])
  await measureLength('bank', { transfers: 10 }, (family) => SHARES[family])
  const base = await measureLength('bank', { transfers: 40 }, shareOf)
  const long = await measureLength('bank', { transfers: 40 * FACTOR }, shareOf)
  const lines = [
    ['prepare', base.prepareMs, long.prepareMs] as const,
    ...FAMILIES.map((family) => [family, base.families[family].cpuMs, long.families[family].cpuMs] as const),
  ]
  const figures: Figure[] = lines.map(([name, one, four]) => ({
    name: `bank, ${FACTOR} x steps, ${name}`,
    value: four / one,
    unit: 'x the time',
    goal: GOAL,
  }))
  const table: Table = {
    title: `bank: 40 and ${40 * FACTOR} transfers, cpu ms${full ? '' : ' of a share of the plans'}`,
    rows: [
      ['', 'cpu ms', `${FACTOR} x steps`, 'ratio', 'runs', `${FACTOR} x steps`],
      ...lines.map(([name, one, four]) => {
        const family = FAMILIES.find((known) => known === name)
        const run = family === undefined ? ['', ''] : [base.families[family].run, long.families[family].run]
        return [name, one, four, four / one, ...run]
      }),
    ],
  }
  return { tables: [table], figures }
}

function allRuns({ families }: Measured): number {
  return FAMILIES.reduce((total, family) => total + families[family].due, 0)
}

function microsecondsPerRun({ run }: Swept, ms: number): number {
  return (ms / run) * 1000
}

async function core20Cost(full: boolean): Promise<BenchResult> {
  const shareOf = (family: SweptFamily) => (full ? WHOLE : CORE20_SHARES[family])
  const base = await measureLength('core20', { iterations: 64 }, shareOf)
  const long = await measureLength('core20', { iterations: 64 * FACTOR }, shareOf)
  const counts: Table = {
    title: `core20: 64 and ${64 * FACTOR} iterations, planned, and to be run once repetitions are merged`,
    rows: [
      ['family', 'planned', `${FACTOR} x`, 'run', `${FACTOR} x`, 'ratio of runs'],
      ...FAMILIES.map((family) => {
        const [one, four] = [base.families[family], long.families[family]]
        return [family, one.planned, four.planned, one.due, four.due, four.due / one.due]
      }),
    ],
  }
  const cost: Table = {
    title: `core20: microseconds a run in recovery and in the model check`,
    rows: [
      ['family', 'recovery', 'check', `${FACTOR} x: recovery`, 'check'],
      ...FAMILIES.map((family) => [
        family,
        ...[base.families[family], long.families[family]].flatMap((swept) => [
          microsecondsPerRun(swept, swept.recoveryMs),
          microsecondsPerRun(swept, swept.checkMs),
        ]),
      ]),
    ],
  }
  const crash = [base.families.crash, long.families.crash] as const
  const growth = (of: (swept: Swept) => number) =>
    microsecondsPerRun(crash[1], of(crash[1])) / microsecondsPerRun(crash[0], of(crash[0]))
  return {
    tables: [counts, cost],
    figures: [
      { name: `core20, ${FACTOR} x iterations`, value: allRuns(long) / allRuns(base), unit: 'x the runs', goal: GOAL },
      { name: 'core20, prepare', value: long.prepareMs / base.prepareMs, unit: 'x the time' },
      {
        name: 'core20, recovery of one crash state',
        value: growth(({ recoveryMs }) => recoveryMs),
        unit: 'x the time',
      },
      { name: 'core20, model check of one crash state', value: growth(({ checkMs }) => checkMs), unit: 'x the time' },
    ],
  }
}

export const campaignCost: Bench = {
  name: 'campaign-cost',
  summary: 'bank and core20 with 4 times the steps: time and runs against the default length',
  async run({ full }) {
    const results = [await bankCost(full), await core20Cost(full)]
    return {
      tables: results.flatMap(({ tables }) => tables),
      figures: results.flatMap(({ figures }) => figures),
    }
  },
}
