// harness/host/mcdc/texts.ts: texts as they are loaded, made to count, and what is known of them, shared by all processes.
//
// 1. A text is prepared once in a session: what it became, and where its parts are in the sources, is kept under a key
//    that follows from path and text.
// 2. A text that can't be measured is loaded as it is, and told as a problem.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  instrument,
  languageOf,
  Lines,
  sha256,
  UnparsableError,
  type Instrumented,
  type Position,
} from '../../coverage/index.ts'
import type { McdcProblem } from '../../../reports/index.ts'
import { originsOf, SourceMapError, type Origins } from './compiled.ts'
import { Selection, writeShared, type Session } from './session.ts'

/** One item of a loaded text, as the session keeps it. */
export type TextItem = Readonly<{
  kind: string
  shape: string
  base: number
  /** How many slots from the base are its own. */
  slots: number
  /** Slots of each outcome of a value path. */
  outcomes?: readonly Readonly<{ plus: readonly number[]; minus: readonly number[] }>[]
  /** In which source it is, and where there; undefined if the map does not say. */
  source: number | undefined
  points: readonly (Position | undefined)[]
}>

export type TextRecord = Readonly<{
  key: string
  /** Sources, from the root; the text itself, if it was not compiled. */
  sources: readonly Readonly<{ path: string; sha256: string | undefined }>[]
  compiled: boolean
  items: readonly TextItem[]
}>

export type PrepareOptions = Readonly<{
  module: 'module' | 'commonjs'
  /** Text that comes from this file, changed or not. */
  file: string
}>

/** What a text became; `map` is its source map, where it was asked for. */
export type Prepared = Readonly<{ code: string; map: string | undefined }>

/** Text that is instrumented begins so. */
const COUNTING = /\{c(?: as |:)\$mc/

export class Texts {
  readonly #session: Session
  readonly #selection: Selection

  constructor(session: Session) {
    this.#session = session
    this.#selection = new Selection(session)
  }

  /** undefined: not measured, load it as it is. Never throws for what the text is. */
  prepare(text: string, options: PrepareOptions, withMap = false): Prepared | undefined {
    const { file, module } = options
    if (!this.#selection.mayHold(file) || COUNTING.test(text.slice(0, 10_000))) return undefined
    const key = sha256(`${file}\0${module}\0${text}`).slice(0, 32)
    const code = this.#read(`${key}.code`)
    if (code !== undefined && !withMap) return { code, map: undefined }
    try {
      const origins = originsOf(text, file)
      const sources = origins?.sources ?? [file]
      if (!sources.some((source) => this.#selection.pathOf(source) !== undefined)) return undefined
      return this.#prepare(text, options, key, origins, withMap)
    } catch (error) {
      if (error instanceof SourceMapError) {
        // A compiled file that nobody asks for may be broken.
        if (this.#selection.pathOf(file) !== undefined || this.#session.include.length > 0)
          this.problem({ kind: 'no-source-map', path: this.#selection.inside(file) ?? file, message: error.message })
        return undefined
      }
      if (!(error instanceof UnparsableError)) throw error
      const { line, column } = new Lines(text).position(error.offset)
      const message = `${error.message} (line ${line + 1}, column ${column + 1})`
      this.problem({ kind: 'unparsable', path: this.#selection.inside(file) ?? file, message })
      return undefined
    }
  }

  problem(problem: McdcProblem): void {
    const text = JSON.stringify(problem)
    writeShared(join(this.#session.directory, 'problems', sha256(text).slice(0, 32)), text)
  }

  #prepare(
    text: string,
    { file, module }: PrepareOptions,
    key: string,
    origins: Origins | undefined,
    withMap: boolean,
  ): Prepared {
    const language = languageOf(file) ?? 'jsx'
    let instrumented: Instrumented
    try {
      instrumented = instrument(text, { language, module, key })
    } catch (error) {
      // What a loader hands on under a TypeScript name is JavaScript by now, or has types still.
      if (!(error instanceof UnparsableError) || language === 'jsx') throw error
      instrumented = instrument(text, { language: 'jsx', module, key })
    }
    const record = this.#record(text, file, key, origins, instrumented)
    if (record !== undefined) {
      writeShared(join(this.#session.directory, 'texts', `${key}.json`), JSON.stringify(record))
      writeShared(join(this.#session.directory, 'texts', `${key}.code`), instrumented.code)
    }
    return { code: instrumented.code, map: withMap ? instrumented.map(file) : undefined }
  }

  #record(
    text: string,
    file: string,
    key: string,
    origins: Origins | undefined,
    { items, slots }: Instrumented,
  ): TextRecord | undefined {
    const lines = new Lines(text)
    const files = origins?.sources ?? [file]
    const bases = [...items.map(({ base }) => base), slots].toSorted((left, right) => left - right)
    const sources = files.map((source) => ({
      path: this.#selection.pathOf(source) ?? '',
      sha256: origins === undefined ? sha256(text) : hashOf(source),
    }))
    return {
      key,
      sources,
      compiled: origins !== undefined,
      items: items.map((item) => {
        const spots = item.metric === 'decision' ? item.conditions.map(({ inner }) => inner) : item.points
        const places = spots.map(({ start }) => {
          const position = lines.position(start)
          return origins === undefined ? { file, position } : origins.originOf(position)
        })
        const from = places[0]?.file
        const source = from === undefined ? -1 : files.indexOf(from)
        return {
          kind: item.kind,
          shape: item.shape,
          base: item.base,
          slots: (bases.find((base) => base > item.base) ?? slots) - item.base,
          ...(item.metric === 'value-path'
            ? { outcomes: item.outcomes.map(({ plus, minus }) => ({ plus, minus })) }
            : {}),
          source: source < 0 || sources[source]?.path === '' ? undefined : source,
          points: places.map((place) => (place?.file === from ? place?.position : undefined)),
        }
      }),
    }
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#session.directory, 'texts', name), 'utf8')
    } catch {
      return undefined
    }
  }
}

function hashOf(file: string): string | undefined {
  try {
    return sha256(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
