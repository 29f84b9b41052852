// test/bench/main.ts: `npm run bench`: runs benchmarks, prints their tables and a summary of what matters.
//
// Each benchmark has a process of its own, so that none warms up another's code or litters its heap.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { allocators } from './allocators.ts'
import type { Bench, BenchOptions, BenchResult } from './bench.ts'
import { campaignCost } from './campaign-cost.ts'
import { campaignMemory } from './campaign-memory.ts'
import { campaignSpeed } from './campaign-speed.ts'
import { disk } from './disk.ts'
import { engine } from './engine.ts'
import { mcdcOverhead } from './mcdc.ts'
import { minimising } from './minimise.ts'
import { millionRuns } from './million-runs.ts'
import { millionStates } from './million-states.ts'
import { openBound } from './open-bound.ts'
import { summaryTable, tableLines } from './print.ts'

const BENCHES: readonly Bench[] = [
  campaignCost,
  campaignSpeed,
  campaignMemory,
  millionStates,
  millionRuns,
  disk,
  allocators,
  engine,
  openBound,
  minimising,
  mcdcOverhead,
]

type Flags = Readonly<{ full?: boolean; short?: boolean; json?: boolean; dir: string; here?: boolean }>

const program: Command = new Command('bench')
  .description('Measures; prints medians of processor time. Goals are printed beside the figures, never asserted.')
  .argument(
    '[NAME...]',
    `which to run, all but million-states and million-runs by default: ${BENCHES.map(({ name }) => name).join(', ')}`,
  )
  .option('--full', 'leave nothing out: every plan instead of a spread share, the large database (many minutes)')
  .option('--short', 'a tenth of million-states or million-runs')
  .option('--dir <DIR>', 'a directory on the disk to measure', tmpdir())
  .option('--json', 'print the results as one JSON document')
  .option('--here', 'one benchmark, in this process (for a profiler); prints JSON')
  .addHelpText(
    'after',
    `\nBenchmarks:\n${BENCHES.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`).join('\n')}
\nExample:\n  $ npm run bench -- campaign-cost engine`,
  )
  .action(async (names: string[], flags: Flags) => {
    const unknown = names.find((name) => BENCHES.every((bench) => bench.name !== name))
    if (unknown !== undefined) {
      program.error(`There is no benchmark '${unknown}': valid are ${BENCHES.map(({ name }) => name).join(', ')}.`, {
        exitCode: 2,
      })
    }
    const chosen = BENCHES.filter(({ name, onDemand }) =>
      names.length === 0 ? onDemand !== true : names.includes(name),
    )
    if (flags.here === true) await runHere(chosen, flags)
    else await runEach(chosen, flags)
  })
await program.parseAsync()

async function runHere(benches: readonly Bench[], flags: Flags): Promise<void> {
  const [bench, second] = benches
  if (bench === undefined || second !== undefined) program.error('--here takes one benchmark.', { exitCode: 2 })
  const base = resolve(flags.dir)
  mkdirSync(base, { recursive: true })
  const directory = mkdtempSync(join(base, 'powercut-bench-'))
  try {
    const options: BenchOptions = { full: flags.full === true, short: flags.short === true, directory }
    process.stdout.write(`${JSON.stringify(await bench.run(options))}\n`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function runEach(benches: readonly Bench[], flags: Flags): Promise<void> {
  const say = (text: string) => void (flags.json === true ? process.stderr : process.stdout).write(`${text}\n`)
  const results: (readonly [string, BenchResult])[] = []
  for (const { name, summary } of benches) {
    say(`\n${name}: ${summary}`)
    const startMs = performance.now()
    const result = await inChild(name, flags)
    for (const table of result.tables) say(`\n${tableLines(table).join('\n')}`)
    say(`\n  took ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
    results.push([name, result])
  }
  say(`\n${tableLines(summaryTable(results)).join('\n')}`)
  if (flags.json === true) {
    const machine = { node: process.version, platform: process.platform, arch: process.arch }
    process.stdout.write(`${JSON.stringify({ machine, benches: Object.fromEntries(results) }, undefined, 2)}\n`)
  }
}

/** Runs one benchmark in a process of its own, which prints its result as JSON. */
async function inChild(name: string, flags: Flags): Promise<BenchResult> {
  const words = [
    name,
    '--here',
    '--dir',
    flags.dir,
    ...(flags.full === true ? ['--full'] : []),
    ...(flags.short === true ? ['--short'] : []),
  ]
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk))
  const code = await new Promise<number | null>((done, failed) => {
    child.on('error', failed)
    child.on('close', done)
  })
  if (code !== 0) throw new Error(`the benchmark '${name}' ended with exit code ${code}`)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as BenchResult
}
