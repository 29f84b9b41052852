// test/bench/campaign-memory.ts: a campaign's memory does not grow with its runs: after a quarter of them and after all.
//
// One thread runs every crash state and every failed allocation of a short `bank`, again and again from new preparations,
// so that what a core keeps of earlier campaigns would show as well.

import type { Bench } from './bench.ts'
import { createCore, requestFor, sweep } from './subject.ts'

/** A core keeps its last few preparations and drops them at once: a quarter is a whole number of such turns. */
const ROUNDS = 16
const FAMILIES = ['allocation', 'crash'] as const
const MIB = 1024 * 1024

type Memory = Readonly<{
  runs: number
  heapBytes: number
  buffersBytes: number
  rssBytes: number
  peakRssBytes: number
}>

function memoryNow(runs: number): Memory {
  // Twice: what the first collection finalises, the second takes.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const peakRssBytes = process.resourceUsage().maxRSS * 1024
  return { runs, heapBytes: heapUsed, buffersBytes: arrayBuffers, rssBytes: rss, peakRssBytes }
}

export const campaignMemory: Bench = {
  name: 'campaign-memory',
  summary: 'heap and peak of resident memory after a quarter of a campaign and after all of it',
  async run({ full }) {
    const core = createCore()
    const plans = full ? 1 : 11
    const points: Memory[] = []
    let runs = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Another seed is another request: nothing prepared before may be used again.
      const request = await requestFor(core, 'bank', { transfers: 10 }, FAMILIES, round)
      const preparation = await core.prepare(request)
      for (const family of FAMILIES) runs += (await sweep(core, request, preparation, family, { plans })).run
      if (round % (ROUNDS / 4) === 0) points.push(memoryNow(runs))
    }
    const ratio = (of: (memory: Memory) => number) => {
      const [first, last] = [points[0], points.at(-1)]
      return first === undefined || last === undefined ? Number.NaN : of(last) / of(first)
    }
    const goal = { kind: 'at most', value: 1.25 } as const
    return {
      tables: [
        {
          title: 'MiB after each quarter of the runs',
          rows: [
            ['runs', 'heap', 'buffers', 'resident', 'peak resident'],
            ...points.map((point) => [
              point.runs.toLocaleString('en-US'),
              point.heapBytes / MIB,
              point.buffersBytes / MIB,
              point.rssBytes / MIB,
              point.peakRssBytes / MIB,
            ]),
          ],
        },
      ],
      figures: [
        {
          name: 'heap, all runs / a quarter',
          value: ratio((point) => point.heapBytes + point.buffersBytes),
          unit: 'x',
          goal,
        },
        { name: 'peak resident, all runs / a quarter', value: ratio((point) => point.peakRssBytes), unit: 'x', goal },
      ],
    }
  },
}
