// test/bench/mcdc.ts: what measuring MC/DC costs a program, beside V8's coverage (c8) and istanbul.
//
// The program is the engine with a table of rows: written, read by key and in order. Each way of measuring has processes of
// its own, one after the other and around again, because the machine is shared; the figure is the fastest round.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { instrument } from '../../harness/coverage/index.ts'
import type { Bench } from './bench.ts'

const ENGINE = fileURLToPath(new URL('../../engine', import.meta.url))
const LOAD = fileURLToPath(new URL('./mcdc-load.js', import.meta.url))
const PROCESSES = 3
const ROUNDS = 6

type Way = Readonly<{ name: string; change?: (text: string, path: string) => string; environment?: string }>

type IstanbulInstrumenter = Readonly<{ instrumentSync(code: string, filename: string): string }>

function istanbul(): IstanbulInstrumenter {
  const load: unknown = createRequire(import.meta.url)('istanbul-lib-instrument')
  const create: unknown = typeof load === 'object' && load !== null && Reflect.get(load, 'createInstrumenter')
  if (typeof create !== 'function') throw new TypeError('istanbul-lib-instrument makes no instrumenter')
  return Reflect.apply(create, undefined, [{ esModules: true, compact: false }]) as IstanbulInstrumenter
}

function mcdcOf(text: string, path: string): string {
  return instrument(text, { language: 'js', module: 'module', key: path }).code
}

function waysOf(): readonly Way[] {
  const other = istanbul()
  return [
    { name: 'plain' },
    { name: 'MC/DC and value paths', change: mcdcOf },
    { name: 'istanbul', change: (text, path) => other.instrumentSync(text, path) },
    { name: 'V8 coverage (c8)', environment: 'NODE_V8_COVERAGE' },
  ]
}

type Prepared = Way & Readonly<{ engine: string; prepareMs: number; bytes: number }>

function prepare(way: Way, directory: string): Prepared {
  const engine = mkdtempSync(join(directory, 'engine-'))
  cpSync(ENGINE, engine, { recursive: true, filter: (path) => !/\.(map|d\.ts)$/.test(path) })
  writeFileSync(join(engine, 'package.json'), '{"type":"module"}')
  let bytes = 0
  const startMs = performance.now()
  for (const name of readdirSync(engine, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.js')) continue
    const path = join(engine, name)
    const text = readFileSync(path, 'utf8')
    const changed = way.change?.(text, path) ?? text
    bytes += changed.length
    if (changed !== text) writeFileSync(path, changed)
  }
  return { ...way, engine, prepareMs: performance.now() - startMs, bytes }
}

async function fastest({ engine, environment }: Prepared, directory: string): Promise<number> {
  const place = mkdtempSync(join(directory, 'data-'))
  mkdirSync(join(place, 'coverage'))
  const words = [LOAD, pathToFileURL(join(engine, 'index.js')).href, resolve(place), String(ROUNDS)]
  const env = environment === undefined ? process.env : { ...process.env, [environment]: join(place, 'coverage') }
  const { stdout } = await promisify(execFile)(process.execPath, words, { env })
  return Math.min(...(JSON.parse(stdout) as readonly number[]))
}

export const mcdcOverhead: Bench = {
  name: 'mcdc',
  summary: 'what measuring MC/DC costs, beside istanbul and V8 coverage',
  async run({ directory }) {
    const ways = waysOf().map((way) => prepare(way, directory))
    const best = ways.map(() => Infinity)
    for (let turn = 0; turn < PROCESSES; turn += 1)
      for (const [index, way] of ways.entries())
        best[index] = Math.min(best[index] ?? Infinity, await fastest(way, directory))
    const plain = best[0] ?? Number.NaN
    const bytes = ways[0]?.bytes ?? Number.NaN
    return {
      tables: [
        {
          title: 'Rows written, read by key and in order: processor time of the fastest round',
          rows: [
            ['way', 'cpu ms', 'x plain', 'code x plain', 'rewritten in ms'],
            ...ways.map((way, index) => [
              way.name,
              best[index] ?? Number.NaN,
              (best[index] ?? Number.NaN) / plain,
              way.bytes / bytes,
              way.change === undefined ? '-' : Math.round(way.prepareMs),
            ]),
          ],
        },
      ],
      figures: ways.slice(1).map(({ name }, index) => ({
        name,
        value: (best[index + 1] ?? Number.NaN) / plain,
        unit: 'x',
        ...(index === 0 ? { goal: { kind: 'at most' as const, value: 1.5 } } : {}),
      })),
    }
  },
}
