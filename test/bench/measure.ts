// test/bench/measure.ts: time per operation, in processor time, because the machine is shared with others.
//
// 1. What is timed is a round: as many operations as take ROUND_MS at least, so that the clock's step does not show.
// 2. The figure is the median over the rounds. tinybench makes the rounds; its clock is the processor's.
// 3. Processor time counts all threads of the process. It leaves out waiting, so wall time is given beside it.

import { Bench as Tinybench } from 'tinybench'

const ROUND_MS = 15
const ROUNDS = 15
const ROUND_OPERATIONS_MAX = 1 << 22

export type Case = Readonly<{
  name: string
  /** One operation. */
  run(): void
  /** Operations that one call of `run` does. Default: 1. */
  operations?: number
}>

/** Medians over the rounds, for one operation. */
export type Measured = Readonly<{ name: string; cpuNs: number; wallNs: number }>

/** Processor time of this process so far, all threads, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export async function measure(cases: readonly Case[]): Promise<readonly Measured[]> {
  const tinybench = new Tinybench({
    time: 0,
    iterations: ROUNDS,
    warmup: true,
    warmupTime: 0,
    warmupIterations: 2,
    now: cpuMs,
    throws: true,
    retainSamples: true,
  })
  const wall = new Map<string, number[]>()
  const operationsOf = new Map<string, number>()
  for (const { name, run, operations = 1 } of cases) {
    const calls = callsOfRound(run)
    const rounds: number[] = []
    wall.set(name, rounds)
    operationsOf.set(name, calls * operations)
    tinybench.add(
      name,
      () => {
        const startMs = performance.now()
        for (let i = 0; i < calls; i += 1) run()
        rounds.push(performance.now() - startMs)
      },
      { async: false },
    )
  }
  await tinybench.run()
  return cases.map(({ name }) => {
    const result = tinybench.getTask(name)?.result
    if (result === undefined || !('latency' in result) || result.latency === undefined) {
      throw new Error(`the benchmark '${name}' gave no result`)
    }
    const operations = operationsOf.get(name) ?? 1
    const nsOf = (ms: number) => (ms * 1e6) / operations
    return { name, cpuNs: nsOf(result.latency.p50), wallNs: nsOf(median(wall.get(name)?.slice(-ROUNDS) ?? [])) }
  })
}

/** Calls of `run` that take ROUND_MS; also warms it up. */
function callsOfRound(run: () => void): number {
  for (let calls = 1; ; calls *= 2) {
    const startMs = performance.now()
    for (let i = 0; i < calls; i += 1) run()
    if (performance.now() - startMs >= ROUND_MS || calls >= ROUND_OPERATIONS_MAX) return calls
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Rows of a table: processor time, wall time, operations a second of processor time, and against the first case. */
export function measuredRows(measured: readonly Measured[]): (readonly (string | number)[])[] {
  const first = measured[0]?.cpuNs ?? Number.NaN
  return [
    ['operation', 'cpu ns', 'wall ns', '/cpu s', 'x first'],
    ...measured.map(({ name, cpuNs, wallNs }) => [name, cpuNs, wallNs, 1e9 / cpuNs, cpuNs / first]),
  ]
}
