// test/coverage/coverage.ts: `npm run coverage`: c8's figures of the engine from its tests and from small campaigns of its
// scenarios, merged; and what only runs with faults reach, shown apart.
//
// 1. Three parts, measured one after the other, kept in coverage/c8/: the tests, the scenarios without a fault, and the
//    campaigns. All run the compiled engine, so that they count in one text.
// 2. V8's data is read from every process and thread. One that dies before it has written lacks in it: the gate then
//    complains of a part that reached nothing (test/setup.ts makes vitest's workers write in time).
// 3. Never while MC/DC is measured: it would count what was written in.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  complaints,
  coverageSchema,
  figuresOf,
  METRICS,
  onlyBy,
  percentText,
  type Coverage,
  type Metric,
} from './figures.ts'
import { checkCoverageFormats } from '../evidence/coverage-formats.ts'
import { campaignCommand, POWERCUT, PROJECT, run } from './run.ts'
import { CAMPAIGNS, PLAIN, TESTS } from './workload.ts'

const OUT = 'coverage/c8'
const LEAST: Readonly<Record<Metric, number>> = { statements: 97, branches: 93, functions: 97 }
const REPORTS = ['json', 'lcovonly', 'cobertura']

const PARTS = ['tests', 'plain', 'campaigns'] as const
type Part = (typeof PARTS)[number]

const startMs = performance.now()
if (process.env['POWERCUT_MCDC'] !== undefined) throw new Error('MC/DC is measured too: one at a time')
if (!process.argv.includes('--merge')) measure()
process.exitCode = judge()
for (const part of ['tests', 'all'])
  for (const sentence of await checkCoverageFormats(join(PROJECT, OUT, part)))
    process.stdout.write(`${part}/${sentence}\n`)

function measure(): void {
  rmSync(join(PROJECT, OUT), { recursive: true, force: true })
  measured('tests', 'tests', ['npx', 'vitest', 'run', ...TESTS])
  for (const { name, scenario, parameters } of PLAIN)
    measured('plain', name, [process.execPath, POWERCUT, 'count', scenario, ...parameters])
  for (const campaign of CAMPAIGNS)
    measured('campaigns', campaign.name, campaignCommand(campaign, join(OUT, 'results', campaign.name)))
}

/** Runs a command, and keeps of V8's data what is about the compiled engine. */
function measured(part: Part, name: string, command: readonly string[]): void {
  const raw = join(PROJECT, OUT, 'raw')
  rmSync(raw, { recursive: true, force: true })
  run({ name: `${part}: ${name}`, command, environment: { NODE_V8_COVERAGE: raw } })
  const kept = join(PROJECT, OUT, part, 'v8')
  mkdirSync(kept, { recursive: true })
  const files = existsSync(raw) ? readdirSync(raw) : []
  let torn = 0
  for (const file of files) {
    const written = readFileSync(join(raw, file), 'utf8')
    // Tests kill processes, and one may die while it tells: what it executed is missing then, which only lowers a figure.
    if (!written.endsWith('}')) torn += 1
    const text = written.endsWith('}') ? engineOnly(written) : undefined
    if (text !== undefined) writeFileSync(join(kept, `coverage-${name}-${file.replace('coverage-', '')}`), text)
  }
  if (torn > 0)
    process.stdout.write(`  ${torn} of ${files.length} processes ended while they told what they executed\n`)
  rmSync(raw, { recursive: true, force: true })
}

type V8Data = { result: { url: string }[]; 'source-map-cache'?: Record<string, unknown> }

function isEngine(url: string): boolean {
  return url.startsWith(`file://${PROJECT}/dist/engine/`)
}

function engineOnly(text: string): string | undefined {
  const data = JSON.parse(text) as V8Data
  const result = data.result.filter(({ url }) => isEngine(url))
  if (result.length === 0) return undefined
  const maps = Object.entries(data['source-map-cache'] ?? {}).filter(([url]) => isEngine(url))
  return JSON.stringify({ ...data, result, 'source-map-cache': Object.fromEntries(maps) })
}

/** Sources of which nothing is left when types are gone: they have no statement. */
function typesOnly(): readonly string[] {
  const names = readdirSync(join(PROJECT, 'engine'), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => {
      const text = readFileSync(join(PROJECT, 'dist/engine', name.replace(/\.ts$/, '.js')), 'utf8')
      const code = text.replaceAll(/^\/\/.*$/gm, '').replaceAll(/\/\*[^]*?\*\//g, '')
      return code.trim() === 'export {};'
    })
    .map((name) => `engine/${name}`)
}

function report(name: string, data: string): Coverage {
  const out = join(OUT, name)
  const excluded = ['test/**', ...typesOnly()].flatMap((pattern) => ['--exclude', pattern])
  run({
    name: `c8 report of ${name}`,
    command: [
      'npx',
      'c8',
      'report',
      '--temp-directory',
      data,
      '--reports-dir',
      out,
      ...REPORTS.flatMap((reporter) => ['--reporter', reporter]),
      '--all',
      '--src',
      'engine',
      '--include',
      'engine/**/*.ts',
      '--exclude-after-remap',
      ...excluded,
    ],
  })
  const files = coverageSchema.parse(JSON.parse(readFileSync(join(PROJECT, out, 'coverage-final.json'), 'utf8')))
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [relative(PROJECT, path), file]))
}

function judge(): number {
  const all = join(PROJECT, OUT, 'all/v8')
  rmSync(all, { recursive: true, force: true })
  mkdirSync(all, { recursive: true })
  for (const part of PARTS) {
    const data = join(PROJECT, OUT, part, 'v8')
    mkdirSync(data, { recursive: true })
    for (const file of readdirSync(data)) writeFileSync(join(all, `${part}-${file}`), readFileSync(join(data, file)))
  }
  const parts = {
    tests: report('tests', join(OUT, 'tests/v8')),
    plain: report('plain', join(OUT, 'plain/v8')),
    campaigns: report('campaigns', join(OUT, 'campaigns/v8')),
  }
  const whole = report('all', join(OUT, 'all/v8'))
  printTable(parts, whole)
  printOnly('Lines that campaigns reach and the same scenarios without a fault do not', parts.campaigns, [parts.plain])
  printOnly('Lines that campaigns reach and tests do not', parts.campaigns, [parts.tests])
  const wrong = complaints(parts, whole, LEAST)
  for (const complaint of wrong) process.stdout.write(`${complaint}\n`)
  process.stdout.write(`${((performance.now() - startMs) / 60_000).toFixed(1)} minutes\n`)
  return wrong.length === 0 ? 0 : 1
}

function printTable(parts: Readonly<Record<Part, Coverage>>, whole: Coverage): void {
  const columns = [...Object.values(parts), whole]
  const names = [...Object.keys(parts), 'all']
  const cells = (files: (coverage: Coverage) => Coverage[string][]): string =>
    columns.map((coverage) => metricsText(files(coverage))).join('  |')
  process.stdout.write(`\n${'percent of statements, branches, functions'.padEnd(44)}`)
  process.stdout.write(`${names.map((name) => name.padStart(20)).join('  |')}\n`)
  for (const path of Object.keys(whole).toSorted())
    process.stdout.write(
      `${path.padEnd(44)}${cells((coverage) => [coverage[path]].filter((file) => file !== undefined))}\n`,
    )
  process.stdout.write(`${'all'.padEnd(44)}${cells((coverage) => Object.values(coverage))}\n`)
}

function metricsText(files: readonly Coverage[string][]): string {
  const figures = figuresOf(files)
  return METRICS.map((metric) => percentText(figures[metric]).padStart(6)).join(' ')
}

function printOnly(title: string, part: Coverage, others: readonly Coverage[]): void {
  process.stdout.write(`\n${title}:\n`)
  for (const [path, ranges] of onlyBy(part, others)) process.stdout.write(`  ${path}: ${ranges.join(', ')}\n`)
}
