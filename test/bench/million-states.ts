// test/bench/million-states.ts: a campaign of a million crash states: time, speed at its start and at its end, memory.
//
// The campaign is the one of `powercut run bank --faults crash --set transfers=N`, with its pool and its result folder.
// Two speeds: states explored (recovered and judged), and states accounted for, merged ones included. Resident memory is
// that of the process, workers and all, when everything is prepared, at the end, and at its peak.

import { join } from 'node:path'
import { CORE_MODULE, Machine, runCampaign, type CampaignOptions } from '../../harness/index.ts'
import type { Bench } from './bench.ts'
import { cpuMs } from './measure.ts'

const WORKERS = 2
/** Makes somewhat more than a million crash states; a tenth of it a tenth of them. */
const TRANSFERS = 1640
const SHORT = 10
/** Part of the campaign that is its start, and its end. */
const PART = 0.1
const MIB = 1024 * 1024

type Moment = Readonly<{ runs: number; done: number; ms: number; cpuMs: number; rssBytes: number }>

function mib(bytes: number): number {
  return bytes / MIB
}

export const millionStates: Bench = {
  name: 'million-states',
  summary: 'a campaign of a million crash states on two workers: speed at its start and end, memory (minutes)',
  onDemand: true,
  async run({ directory, short }) {
    const transfers = short ? TRANSFERS / SHORT : TRANSFERS
    const options: CampaignOptions = {
      scenarios: ['bank'],
      families: ['crash'],
      modes: ['once', 'from'],
      set: { transfers: String(transfers) },
      seeds: [1],
      warm: false,
      sectorBytes: 512,
      statesPerIntervalMax: 0,
      allowIncomplete: false,
      workers: WORKERS,
      runLimitMs: 600_000,
      resume: false,
      out: join(directory, 'million-states'),
      planOnly: false,
    }
    const startMs = performance.now()
    const moments: Moment[] = []
    const { campaign } = await runCampaign(options, new Machine(CORE_MODULE), {
      line: () => {},
      progress: ({ runs, done }) =>
        void moments.push({
          runs,
          done,
          ms: performance.now(),
          cpuMs: cpuMs(),
          rssBytes: process.memoryUsage.rss(),
        }),
      done: () => {},
    })
    if (campaign.violations.length > 0) throw new Error(`the campaign found ${campaign.violations.length} violations`)
    const [first, last] = [moments[0], moments.at(-1)]
    if (first === undefined || last === undefined) throw new Error('the campaign ran nothing')
    const at = (share: number) => moments.find(({ done }) => done >= share * last.done) ?? last
    const speed = (name: string, from: Moment, to: Moment) => {
      const [runs, done] = [to.runs - from.runs, to.done - from.done]
      const [seconds, cpuSeconds] = [(to.ms - from.ms) / 1000, (to.cpuMs - from.cpuMs) / 1000]
      return [name, done, runs, seconds, done / seconds, runs / seconds, done / cpuSeconds, runs / cpuSeconds]
    }
    const { possible, run, mergedByImage, mergedByReadSet } = campaign.intervals
    const peak = process.resourceUsage().maxRSS * 1024
    return {
      tables: [
        {
          title: `bank, ${transfers} transfers`,
          rows: [
            ['', 'accounted', 'explored', 's', 'accounted/s', 'explored/s', 'accounted/cpu s', 'explored/cpu s'],
            speed('first tenth', first, at(PART)),
            speed('second tenth', at(PART), at(2 * PART)),
            speed('last tenth', at(1 - PART), last),
            speed('all, after preparation', first, last),
          ],
        },
        {
          title: 'account',
          rows: [
            ['planned', 'explored', 'merged by image', 'merged by read set', 'left'],
            [possible, run, mergedByImage, mergedByReadSet, possible - run - mergedByImage - mergedByReadSet],
          ],
        },
        {
          title: 'resident MiB',
          rows: [
            ['prepared', 'a fifth', 'half', 'end', 'peak'],
            [mib(first.rssBytes), mib(at(0.2).rssBytes), mib(at(0.5).rssBytes), mib(last.rssBytes), mib(peak)],
          ],
        },
      ],
      figures: [
        { name: 'crash states accounted for', value: campaign.families['crash']?.planned ?? 0, unit: '' },
        { name: 'time, preparation included', value: (performance.now() - startMs) / 1000, unit: 's' },
        { name: 'resident at the end / at a fifth', value: last.rssBytes / at(0.2).rssBytes, unit: 'x' },
      ],
    }
  },
}
