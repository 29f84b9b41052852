// engine/database/verify-store.ts: a whole database, bytes first, then trees, rows and keys.
//
// 1. Every broken checksum, order, reference and count is reported with path and offset, up to REPORTS_MAX.
// 2. Damage never ends the walk; an I/O error or a lack of memory does.

import { type ColumnValue, decodeKeyColumn, FormatError, type Reference } from '../format/index.ts'
import { EngineError } from '../errors.ts'
import { TreeView, verifyTree, type Bytes } from '../tree/index.ts'
import type { DamageReport, SoundFiles } from './api.ts'
import type { TablePlan } from './catalog.ts'
import { entryValues, keyBlock, readValues } from './row-access.ts'
import type { StoreState } from './store-state.ts'
import { verifyPacks } from './verify-packs.ts'

/** More damage than this is not listed: what is left of such a database is a matter for salvage. */
export const REPORTS_MAX = 1000

export function verifyStore(
  state: StoreState,
  tables: ReadonlyMap<string, TablePlan>,
  known?: SoundFiles,
): readonly DamageReport[] {
  // charged: bounded by REPORTS_MAX, and handed to the caller.
  const reports: DamageReport[] = []
  const report = (path: string, offsetBytes: number, message: string): void => {
    if (reports.length < REPORTS_MAX) reports.push({ path, offsetBytes, message })
  }
  verifyPacks(state, report, known)
  new TreeCheck(state, report).run(tables)
  return reports
}

class TreeCheck {
  readonly #state: StoreState
  readonly #report: (path: string, offsetBytes: number, message: string) => void

  constructor(state: StoreState, report: (path: string, offsetBytes: number, message: string) => void) {
    this.#state = state
    this.#report = report
  }

  run(tables: ReadonlyMap<string, TablePlan>): void {
    this.#tree(this.#state.roots.main, () => undefined)
    for (const table of tables.values()) this.#table(table)
  }

  #damage(reference: Readonly<{ pack: number; offsetBytes: number }>, message: string, cause?: unknown): void {
    const place = cause instanceof EngineError ? cause.context : {}
    const path = place.path ?? this.#state.log.pathOf(reference.pack)
    this.#report(path, place.offsetBytes ?? reference.offsetBytes, message)
  }

  #tree(root: Parameters<typeof verifyTree>[1], entry: (leaf: Reference, key: Bytes, value: Bytes) => void): number {
    return verifyTree(this.#state.source, root, {
      damage: (reference, message, cause) => this.#damage(reference, message, cause),
      entry,
    })
  }

  #table(table: TablePlan): void {
    const { roots } = this.#state
    const root = roots.trees[table.tree]
    if (root === undefined) return
    this.#tree(root, (leaf, key, value) => this.#row(table, leaf, key, value))
    for (const plan of table.keys) {
      const keyRoot = roots.trees[plan.tree]
      if (keyRoot === undefined) continue
      this.#tree(keyRoot, (leaf, _key, value) => this.#entry(table, plan.name, leaf, value))
      if (keyRoot.count !== root.count)
        this.#damage(
          keyRoot.reference ?? this.#state.log.accepted.mark,
          `key '${plan.name}' of table '${table.name}' has ${keyRoot.count} entries for ${root.count} rows`,
        )
    }
  }

  /** A row checks, its primary key is its key, and each key of the table has its entry. */
  #row(table: TablePlan, leaf: Reference, key: Bytes, value: Bytes): void {
    let values: readonly ColumnValue[]
    let reference: Reference = leaf
    try {
      reference = this.#state.readReference(value)
      values = readValues(this.#state, table, reference)
      const primary = decodeKeyColumn('integer', key.bytes, key.start, key.start + key.lengthBytes)
      if (values[table.primary] !== primary)
        this.#damage(reference, `the row of table '${table.name}' with key ${String(primary)} has another primary key`)
    } catch (error) {
      if (error instanceof FormatError)
        return this.#damage(leaf, `a primary key of table '${table.name}': ${error.message}`)
      if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
      return this.#damage(reference, error.message, error)
    }
    for (const plan of table.keys) this.#hasEntry(table, plan, values, key, reference)
    return undefined
  }

  #hasEntry(
    table: TablePlan,
    plan: TablePlan['keys'][number],
    values: readonly ColumnValue[],
    primaryKey: Bytes,
    reference: Reference,
  ): void {
    const state = this.#state
    const entry = entryValues(table, plan, values)
    const root = state.roots.trees[plan.tree]
    const block = keyBlock(state, entry.types, entry.values)
    try {
      if (root === undefined) return
      const found = new TreeView(state.cache, root).get(block.bytes, block.start, block.byteLength)
      if (found === undefined || !sameBytes(found, primaryKey))
        this.#damage(reference, `key '${plan.name}' of table '${table.name}' lacks the entry of this row`)
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
      this.#damage(reference, error.message, error)
    } finally {
      state.allocator.free(block)
    }
  }

  /** An entry of a key names a row that is there. */
  #entry(table: TablePlan, keyName: string, leaf: Reference, value: Bytes): void {
    const root = this.#state.roots.trees[table.tree]
    if (root === undefined) return
    try {
      const found = new TreeView(this.#state.cache, root).get(value.bytes, value.start, value.lengthBytes)
      if (found === undefined)
        this.#damage(leaf, `key '${keyName}' of table '${table.name}' names a row that is not there`)
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
      this.#damage(leaf, error.message, error)
    }
  }
}

function sameBytes(a: Bytes, b: Bytes): boolean {
  if (a.lengthBytes !== b.lengthBytes) return false
  for (let index = 0; index < a.lengthBytes; index += 1)
    if (a.bytes[a.start + index] !== b.bytes[b.start + index]) return false
  return true
}
