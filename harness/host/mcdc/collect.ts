// harness/host/mcdc/collect.ts: from what the processes of a session left behind to what mcdc.json says.
//
// 1. The sources on the disk are the denominator: every file that the patterns name, loaded or not.
// 2. A source that is not what was measured, or a compiled item that no source has, is a problem, not a guess.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  instrument,
  languageOf,
  Lines,
  matchItems,
  NO_TOTALS,
  reportFile,
  sha256,
  sumTotals,
  UnparsableError,
  type Item,
} from '../../coverage/index.ts'
import { MCDC_FORMAT_VERSION, type Mcdc, type McdcFile, type McdcProblem } from '../../../reports/index.ts'
import { Selection, type Session } from './session.ts'
import type { TextItem, TextRecord } from './texts.ts'

export type Run = Readonly<{ command: readonly string[]; exitCode: number }>

/** What the session measured. `version` is the package's. */
export function collectSession(session: Session, run: Run, version: string): Mcdc {
  return new Collector(session).collect(run, version)
}

/** Counts of a source while they are added up. */
type SourceCounts = { items: readonly Item[]; text: string; loaded: boolean; counts: (number[] | undefined)[] }

class Collector {
  readonly #session: Session
  readonly #selection: Selection
  readonly #sources = new Map<string, SourceCounts>()
  readonly #problems: McdcProblem[] = []

  constructor(session: Session) {
    this.#session = session
    this.#selection = new Selection(session)
  }

  collect(run: Run, version: string): Mcdc {
    const records = new Map(this.#list('texts', '.json').map((name) => [name.replace('.json', ''), this.#record(name)]))
    for (const name of this.#list('problems')) this.#problems.push(this.#json(join('problems', name)) as McdcProblem)
    const began = this.#list('began')
    const told = this.#list('counts', '.json')
    const sums = new Map<string, Map<number, number>>()
    for (const name of told) {
      const counts = this.#json(join('counts', name)) as Readonly<Record<string, readonly number[]>>
      for (const [key, sparse] of Object.entries(counts)) add(sums, key, sparse)
    }
    if (this.#session.include.length > 0) for (const path of this.#namedFiles()) this.#source(path)
    for (const [key, record] of records) this.#count(record, sums.get(key) ?? new Map())
    const files = [...this.#sources].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(fileOf)
    const problems = distinct(this.#problems)
    const { include, exclude } = this.#session
    return {
      formatVersion: MCDC_FORMAT_VERSION,
      form: 'masking',
      tool: { name: 'powercut', version, parser: `oxc-parser ${parserVersion()}`, node: process.version },
      runs: [
        {
          command: [...run.command],
          exitCode: run.exitCode,
          processes: began.length,
          processesLost: began.filter((id) => !told.includes(`${id}.json`)).length,
        },
      ],
      include: [...include],
      exclude: [...exclude],
      complete: problems.length === 0,
      problems,
      totals: files.length === 0 ? NO_TOTALS : sumTotals(files.map(({ totals }) => totals)),
      files,
    }
  }

  /** Adds what one text counted to its sources. */
  #count(record: TextRecord, sums: ReadonlyMap<number, number>): void {
    record.sources.forEach(({ path, sha256: hash }, index) => {
      if (path === '') return
      const source = this.#source(path)
      if (source === undefined) return
      source.loaded = true
      if (hash !== sha256(source.text)) {
        const kind = record.compiled || hash === undefined ? 'changed' : 'changed-by-loader'
        this.#problems.push({ kind, path, message: 'is not the text that was loaded, or has changed since' })
        return
      }
      const own = record.items.filter((item) => item.source === index)
      const lines = new Lines(source.text)
      const matches = record.compiled
        ? matchItems(
            own.map(({ kind, shape, points }) => ({
              kind,
              shape,
              points: points.map((point) => point && lines.offset(point)),
            })),
            source.items,
          )
        : own.map((_, itemIndex) => itemIndex)
      own.forEach((item, itemIndex) => {
        const at = matches[itemIndex] ?? -1
        if (at >= 0) source.counts[at] = sumOf(source.counts[at], countsOf(item, sums))
      })
    })
  }

  #source(path: string): SourceCounts | undefined {
    const known = this.#sources.get(path)
    if (known !== undefined) return known
    const file = join(this.#session.root, path)
    if (!existsSync(file)) {
      this.#problems.push({ kind: 'no-source', path, message: 'is named by a source map, and is not there' })
      return undefined
    }
    const text = readFileSync(file, 'utf8')
    const items = this.#itemsOf(text, path)
    if (items === undefined) return undefined
    const source: SourceCounts = { text, items, loaded: false, counts: items.map(() => undefined) }
    this.#sources.set(path, source)
    return source
  }

  #itemsOf(text: string, path: string): readonly Item[] | undefined {
    const language = languageOf(path) ?? 'jsx'
    let furthest: UnparsableError | undefined
    for (const module of ['module', 'commonjs'] as const)
      try {
        return instrument(text, { language, module, key: '' }).items
      } catch (error) {
        if (!(error instanceof UnparsableError)) throw error
        // What it is not fails early; where it is wrong, late.
        if (furthest === undefined || error.offset > furthest.offset) furthest = error
      }
    const { line, column } = new Lines(text).position(furthest?.offset ?? 0)
    const message = `${furthest?.message ?? ''} (line ${line + 1}, column ${column + 1})`
    this.#problems.push({ kind: 'unparsable', path, message })
    return undefined
  }

  /** Sources on the disk that the patterns name. What was compiled from another file is not one. */
  #namedFiles(): readonly string[] {
    const found: string[] = []
    const look = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name)
        if (entry.name.startsWith('.') || !this.#selection.mayHold(path)) continue
        if (entry.isDirectory()) look(path)
        else if (entry.isFile() && isSource(path)) {
          const named = this.#selection.pathOf(path)
          if (named !== undefined && !isCompiled(path)) found.push(named)
        }
      }
    }
    look(this.#session.root)
    return found
  }

  #list(folder: string, ending = ''): readonly string[] {
    return readdirSync(join(this.#session.directory, folder)).filter(
      (name) => name.endsWith(ending) && !/\.\d+-\w+$/.test(name),
    )
  }

  #record(name: string): TextRecord {
    return this.#json(join('texts', name)) as TextRecord
  }

  #json(path: string): unknown {
    return JSON.parse(readFileSync(join(this.#session.directory, path), 'utf8'))
  }
}

function isSource(path: string): boolean {
  return languageOf(path) !== undefined && !/\.d\.[cm]?ts$/.test(path)
}

function isCompiled(path: string): boolean {
  return /\.[cm]?js$/.test(path) && /^\/\/# sourceMappingURL=/m.test(readFileSync(path, 'utf8'))
}

function add(sums: Map<string, Map<number, number>>, key: string, sparse: readonly number[]): void {
  const slots = sums.get(key) ?? new Map<number, number>()
  sums.set(key, slots)
  for (let i = 0; i + 1 < sparse.length; i += 2) {
    const slot = sparse[i] ?? 0
    slots.set(slot, (slots.get(slot) ?? 0) + (sparse[i + 1] ?? 0))
  }
}

function countsOf(item: TextItem, sums: ReadonlyMap<number, number>): number[] {
  const total = (slots: readonly number[]) => slots.reduce((sum, slot) => sum + (sums.get(slot) ?? 0), 0)
  if (item.outcomes !== undefined)
    return item.outcomes.map(({ plus, minus }) => Math.max(0, total(plus) - total(minus)))
  return Array.from({ length: item.slots }, (_, slot) => sums.get(item.base + slot) ?? 0)
}

function sumOf(before: readonly number[] | undefined, counts: readonly number[]): number[] {
  return counts.map((count, index) => count + (before?.[index] ?? 0))
}

function fileOf([path, { text, loaded, items, counts }]: readonly [string, SourceCounts]): McdcFile {
  return reportFile({ path, text, loaded, items, counts })
}

function distinct(problems: readonly McdcProblem[]): McdcProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

function parserVersion(): string {
  try {
    const manifest: unknown = createRequire(import.meta.url)('oxc-parser/package.json')
    const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : ''
    return String(version)
  } catch {
    return ''
  }
}
