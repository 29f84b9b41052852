// test/bench/campaign-speed.ts: runs a second: a real campaign of `bank` on two workers, and one thread's core alone.
//
// The campaign is the one of `powercut run`, with its pool and its result folder. Its speed is that of the time after
// preparation, in wall time, of all runs and of the second half, when the threads have warmed up; one thread's is for
// each second of processor time, after a warm-up. A run is a state that was recovered and judged; accounted for are
// also those that are merged, which have its verdict. `bank` has few states, and is over before the code is warm: the
// same is measured with ten times the transfers.

import { join } from 'node:path'
import { CORE_MODULE, Machine, runCampaign, type CampaignOptions, type FaultFamily } from '../../harness/index.ts'
import type { Bench, Figure } from './bench.ts'
import { cpuMs } from './measure.ts'
import { createCore, requestFor, sweep } from './subject.ts'

const WORKERS = 2
/** A campaign's share: it is interrupted so long after its preparation. */
const RUNNING_MS = 12_000
const LONG_TRANSFERS = 400
const LONG_RUNNING_MS = 30_000
const WARM_UP_CPU_MS = 2000
const ONE_THREAD_CPU_MS = 4000
const SUBJECTS = [
  { family: 'crash', what: 'crash states checked', goal: 1500 },
  { family: 'allocation', what: 'failed-allocation runs', goal: 1000 },
] as const satisfies readonly Readonly<{ family: FaultFamily; what: string; goal: number }>[]

/** `done`: merged ones included, each with the verdict of the one it is the same as; undefined where none was counted. */
type Speed = Readonly<{ runs: number; done?: number; seconds: number; cpuSeconds: number }>

/** Interrupts a campaign some time after it was prepared, as Ctrl-C would: runs in hand are finished. */
class ImpatientMachine extends Machine {
  readonly #runningMs: number

  constructor(runningMs: number) {
    super(CORE_MODULE)
    this.#runningMs = runningMs
  }

  override onInterrupt(task: () => void): () => void {
    return this.after(this.#runningMs, task)
  }
}

type Moment = Readonly<{ runs: number; done: number; ms: number; cpuMs: number }>

function moment(runs: number, done: number): Moment {
  return { runs, done, ms: performance.now(), cpuMs: cpuMs() }
}

function between(from: Moment, to: Moment): Speed {
  return {
    runs: to.runs - from.runs,
    done: to.done - from.done,
    seconds: (to.ms - from.ms) / 1000,
    cpuSeconds: (to.cpuMs - from.cpuMs) / 1000,
  }
}

type Length = Readonly<{ set: CampaignOptions['set']; runningMs: number | undefined }>

async function campaign(
  family: FaultFamily,
  out: string,
  { set, runningMs }: Length,
): Promise<Readonly<{ all: Speed; secondHalf: Speed }>> {
  const options: CampaignOptions = {
    scenarios: ['bank'],
    families: [family],
    modes: ['once', 'from'],
    set,
    seeds: [1],
    warm: false,
    sectorBytes: 512,
    statesPerIntervalMax: 0,
    allowIncomplete: true,
    workers: WORKERS,
    runLimitMs: 60_000,
    resume: false,
    out,
    planOnly: false,
  }
  // The first progress is shown when everything is prepared, before the first run.
  const moments: Moment[] = []
  const machine = runningMs === undefined ? new Machine(CORE_MODULE) : new ImpatientMachine(runningMs)
  const { campaign: result } = await runCampaign(options, machine, {
    line: () => {},
    progress: ({ runs, done }) => void moments.push(moment(runs, done)),
    done: () => {},
  })
  if (result.violations.length > 0) throw new Error(`the campaign found ${result.violations.length} violations`)
  const [first, last] = [moments[0], moments.at(-1)]
  const middle = moments.find(({ runs }) => runs * 2 >= (last?.runs ?? 0))
  if (first === undefined || middle === undefined || last === undefined) throw new Error('the campaign ran nothing')
  return { all: between(first, last), secondHalf: between(middle, last) }
}

async function oneThread(family: FaultFamily): Promise<Speed> {
  const core = createCore()
  const request = await requestFor(core, 'bank', {}, [family])
  const preparation = await core.prepare(request)
  await sweep(core, request, preparation, family, { plans: 1, units: 3, cpuMsMax: WARM_UP_CPU_MS })
  const startMs = performance.now()
  const swept = await sweep(core, request, preparation, family, { plans: 1, units: 2, cpuMsMax: ONE_THREAD_CPU_MS })
  return { runs: swept.run, seconds: (performance.now() - startMs) / 1000, cpuSeconds: swept.cpuMs / 1000 }
}

export const campaignSpeed: Bench = {
  name: 'campaign-speed',
  summary: `crash states and failed-allocation runs of bank a second: on ${WORKERS} workers, and in one thread`,
  async run({ directory, full }) {
    const rows: (readonly (string | number)[])[] = [
      ['', 'runs', 'accounted', 's', 'cpu s', 'runs/s', 'runs/cpu s', 'accounted/s'],
    ]
    const figures: Figure[] = []
    const add = (name: string, { runs, done = runs, seconds, cpuSeconds }: Speed) =>
      rows.push([name, runs, done, seconds, cpuSeconds, runs / seconds, runs / cpuSeconds, done / seconds])
    for (const { family, what, goal } of SUBJECTS) {
      const usual = { set: {}, runningMs: full ? undefined : RUNNING_MS }
      const { all, secondHalf } = await campaign(family, join(directory, family), usual)
      add(`${what}, ${WORKERS} workers`, all)
      add(`${what}, ${WORKERS} workers, second half`, secondHalf)
      figures.push({
        name: `${what}, ${WORKERS} workers`,
        value: all.runs / all.seconds,
        unit: '/s',
        goal: { kind: 'at least', value: goal },
      })
      if (all.done !== undefined && all.done > all.runs)
        figures.push({
          name: `${what}, ${WORKERS} workers, with those merged into them`,
          value: all.done / all.seconds,
          unit: '/s',
        })
      const long = { set: { transfers: String(LONG_TRANSFERS) }, runningMs: LONG_RUNNING_MS }
      const longer = await campaign(family, join(directory, `${family}-long`), long)
      add(`${what}, ${LONG_TRANSFERS} transfers`, longer.all)
      add(`${what}, ${LONG_TRANSFERS} transfers, second half`, longer.secondHalf)
      figures.push({
        name: `${what}, ${WORKERS} workers, ${LONG_TRANSFERS} transfers, second half`,
        value: longer.secondHalf.runs / longer.secondHalf.seconds,
        unit: '/s',
        goal: { kind: 'at least', value: goal },
      })
      const alone = await oneThread(family)
      add(`${what}, one thread`, alone)
      figures.push({ name: `${what}, one thread`, value: alone.runs / alone.cpuSeconds, unit: '/cpu s' })
    }
    return { tables: [{ title: 'bank, after preparation', rows }], figures }
  },
}
