// engine/database/salvage-rows.ts: the rows of a damaged database, each once, those that are sure first.
//
// 1. A row is given only from a record whose checksum is right and that is a row of its table with that primary key.
// 2. Sure are the rows that the current commit reaches through whole nodes; keys that its whole leaves do not have are
//    gone for sure, whatever older records say.
// 3. For every other key the newest whole record decides, by place: leaves for all keys between their first and last,
//    rows that a whole mark covers for their own. What they give is doubtful: a newer state may be among what was lost, or the row was deleted.
// 4. Keys that nothing decides stay in `undecided`: what is lost.
// 5. Memory: the ranges, and one list of places for the pack in hand.

import {
  chunkBytesMax,
  type ColumnValue,
  comparePositions,
  decodeKeyColumn,
  encodeKey,
  FormatError,
  keySizeBytes,
  type Position,
  RECORD,
  recordHeaderBytes,
  recordPayloadBytes,
  type Reference,
} from '../format/index.ts'
import { EngineError } from '../errors.ts'
import type { PackWindow, WindowRecord } from '../pack/index.ts'
import type { Block } from '../ports/index.ts'
import { compareKeys, countOf, keyOf, loadNode, valueOf, verifyTree, type Bytes } from '../tree/index.ts'
import type { Root } from '../tree/index.ts'
import type { TablePlan } from './catalog.ts'
import { KEY_MAX, KEY_MIN, KeyRanges } from './key-ranges.ts'
import { readValues } from './row-access.ts'
import { scanPack } from './salvage-scan.ts'
import type { SalvageStore } from './salvage-store.ts'
import type { ReportDamage } from './verify-packs.ts'

/** Takes a row. `doubtful`: invariant 3. */
export type TakeRow = (table: TablePlan, values: readonly ColumnValue[], doubtful: boolean) => void

export type TableSalvage = Readonly<{ plan: TablePlan; undecided: KeyRanges }>

const INTEGER_KEY = ['integer'] as const
const KEY_BYTES = 16
const PLACE_BYTES = 8
const PLACES_AT_FIRST = 512
const CHUNK_REFERENCE_BYTES = 8
const FRAME_BYTES = 9

export class RowSalvage {
  readonly #store: SalvageStore
  readonly #tables: readonly TableSalvage[]
  readonly #take: TakeRow
  readonly #report: ReportDamage
  readonly #scratch: Block
  /** Rows in records that more than one table could hold: not taken. */
  ambiguous = 0
  /** Rows of keys that are looked for, in no leaf and in no whole commit: perhaps aborted, not taken. */
  uncommitted = 0

  constructor(store: SalvageStore, tables: readonly TableSalvage[], take: TakeRow, report: ReportDamage) {
    this.#store = store
    this.#tables = tables
    this.#take = take
    this.#report = report
    this.#scratch = store.state.allocator.allocate(KEY_BYTES, 'salvage')
  }

  free(): void {
    this.#store.state.allocator.free(this.#scratch)
  }

  run(): void {
    const { isCurrent, catalog, state, packs } = this.#store
    if (isCurrent) {
      for (const table of this.#tables) {
        table.undecided.add(KEY_MIN, KEY_MAX)
        this.#walk(table, false)
      }
    } else for (const { undecided } of this.#tables) undecided.add(KEY_MIN, KEY_MAX)
    const base = catalog === undefined || isCurrent ? undefined : state.log.accepted.mark
    let walked = base === undefined
    for (const pack of packs.toReversed()) {
      if (!this.#isAnythingUndecided()) return
      this.#scan(pack, (place) => {
        if (walked || base === undefined || comparePositions(place, base) > 0) return
        walked = true
        for (const table of this.#tables) this.#walk(table, true)
      })
    }
    if (walked) return
    for (const table of this.#tables) this.#walk(table, true)
  }

  #isAnythingUndecided(): boolean {
    return this.#tables.some(({ undecided }) => undecided.count > 0)
  }

  // --- by the tree ---------------------------------------------------------------------------------------------------

  /** Takes the rows of undecided keys that the store's commit reaches; what it cannot reach stays undecided. */
  #walk({ plan, undecided }: TableSalvage, doubtful: boolean): void {
    const { state } = this.#store
    const root: Root | undefined = state.roots.trees[plan.tree]
    if (root === undefined) return
    if (root.reference === undefined) return undecided.remove(KEY_MIN, KEY_MAX)
    const lost = new KeyRanges(state.allocator)
    try {
      verifyTree(state.source, root, {
        damage: (reference, message, cause, bounds) => {
          this.#damage(reference, message, cause)
          if (bounds !== undefined) lost.add(this.#firstFrom(bounds.low), this.#lastBelow(bounds.high))
        },
        wants: (bounds) => undecided.meets(this.#firstFrom(bounds.low), this.#lastBelow(bounds.high)),
        entry: (leaf, key, value) => {
          const primaryKey = this.#primaryKeyOf(key)
          if (primaryKey === undefined) return this.#damage(leaf, `a primary key of table '${plan.name}' is wrong`)
          if (!undecided.meets(primaryKey, primaryKey)) return undefined
          const values = this.#rowOf(plan, leaf, primaryKey, value)
          if (values === undefined) lost.add(primaryKey, primaryKey)
          else this.#take(plan, values, doubtful)
          return undefined
        },
      })
      this.#keepOnly(undecided, lost)
    } finally {
      lost.free()
    }
    return undefined
  }

  /** Leaves of `undecided` what is also in `lost`. */
  #keepOnly(undecided: KeyRanges, lost: KeyRanges): void {
    let from = KEY_MIN
    for (let index = 0; index < lost.count; index += 1) {
      const range = lost.get(index)
      undecided.remove(from, range.from - 1)
      from = range.to + 1
    }
    undecided.remove(from, KEY_MAX)
  }

  #rowOf(plan: TablePlan, leaf: Reference, primaryKey: number, value: Bytes): ColumnValue[] | undefined {
    let reference: Reference = leaf
    try {
      reference = this.#store.state.readReference(value)
      const values = readValues(this.#store.state, plan, reference)
      if (values[plan.primary] === primaryKey) return values
      this.#damage(reference, `the row of table '${plan.name}' with key ${primaryKey} has another primary key`)
    } catch (error) {
      this.#note(reference, error)
    }
    return undefined
  }

  #primaryKeyOf(key: Bytes): number | undefined {
    try {
      const value = decodeKeyColumn('integer', key.bytes, key.start, key.start + key.lengthBytes)
      return typeof value === 'number' ? value : undefined
    } catch (error) {
      if (error instanceof FormatError) return undefined
      throw error
    }
  }

  #note(reference: Reference, error: unknown): void {
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    this.#damage(reference, error.message, error)
  }

  #damage(reference: Position, message: string, cause?: unknown): void {
    const place = cause instanceof EngineError ? cause.context : {}
    const path = place.path ?? this.#store.files.path(reference.pack)
    this.#report(path, place.offsetBytes ?? reference.offsetBytes, message)
  }

  /** The least primary key that is not below a separator; separators may be shorter than keys. */
  #firstFrom(separator: Bytes | undefined): number {
    if (separator === undefined) return KEY_MIN
    let low = KEY_MIN
    let high = KEY_MAX + 1
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2)
      if (this.#isBelow(middle, separator)) low = middle + 1
      else high = middle
    }
    return low
  }

  #lastBelow(separator: Bytes | undefined): number {
    return separator === undefined ? KEY_MAX : this.#firstFrom(separator) - 1
  }

  #isBelow(primaryKey: number, { bytes, start, lengthBytes }: Bytes): boolean {
    const scratch = this.#scratch
    const keyBytes = keySizeBytes(INTEGER_KEY, [primaryKey])
    encodeKey(INTEGER_KEY, [primaryKey], scratch.bytes, scratch.start)
    return compareKeys(scratch.bytes, scratch.start, keyBytes, bytes, start, lengthBytes) < 0
  }

  // --- by records ----------------------------------------------------------------------------------------------------

  /** Looks at the leaves and rows of a pack, newest first; `before` is told each place before it is looked at. */
  #scan(pack: number, before: (place: Position) => void): void {
    const { state } = this.#store
    const { allocator, log } = state
    const covered = new KeyRanges(allocator)
    try {
      const places = new Places(state)
      try {
        const { markerIntervalBytes } = log.limits
        scanPack(this.#store.place(pack), log.seedOf(pack), markerIntervalBytes, this.#report, (window, record) => {
          noteCover(window, record, covered)
          if (record.type === RECORD.node) places.add(record.offsetBytes, record.payloadBytes, true)
          if (record.type === RECORD.item) places.add(record.offsetBytes, record.payloadBytes, false)
        })
        this.#decideByPlaces(pack, places, covered, before)
      } finally {
        places.free(allocator)
      }
    } finally {
      covered.free()
    }
  }

  #decideByPlaces(pack: number, places: Places, covered: KeyRanges, before: (place: Position) => void): void {
    for (let index = places.count - 1; index >= 0; index -= 1) {
      const { offsetBytes, lengthBytes, isNode } = places.get(index)
      before({ pack, offsetBytes })
      if (!this.#isAnythingUndecided()) return
      const reference = { pack, offsetBytes, lengthBytes }
      if (isNode) this.#leaf(reference)
      else this.#item(reference, covered.meets(offsetBytes, offsetBytes))
    }
  }

  #leaf(reference: Reference): void {
    const { state } = this.#store
    const block = this.#tryRead(reference, (whole) => loadNode(state.source, whole, 0))
    if (block === undefined) return
    try {
      const count = countOf(block)
      const table = this.#tableOfLeaf(block, count)
      if (table === undefined) return
      const { plan, undecided } = table
      const unread = new KeyRanges(state.allocator)
      try {
        for (let index = 0; index < count; index += 1) {
          const primaryKey = this.#primaryKeyOf(keyOf(block, index))
          if (primaryKey === undefined || !undecided.meets(primaryKey, primaryKey)) continue
          const values = this.#rowOf(plan, reference, primaryKey, valueOf(block, index))
          if (values === undefined) unread.add(primaryKey, primaryKey)
          else this.#take(plan, values, true)
        }
        const first = this.#primaryKeyOf(keyOf(block, 0)) ?? KEY_MAX
        const last = this.#primaryKeyOf(keyOf(block, count - 1)) ?? KEY_MIN
        let from = first
        for (let index = 0; index < unread.count; index += 1) {
          const range = unread.get(index)
          undecided.remove(from, range.from - 1)
          from = range.to + 1
        }
        undecided.remove(from, last)
      } finally {
        unread.free()
      }
    } finally {
      state.allocator.free(block)
    }
  }

  /** The table whose rows all readable entries of a leaf name; undefined for a leaf of a key, and where two could be. */
  #tableOfLeaf(block: Block, count: number): TableSalvage | undefined {
    let found: TableSalvage | undefined
    for (const table of this.#tables) {
      let fits = 0
      for (let index = 0; index < count && fits >= 0; index += 1) {
        const verdict = this.#fits(table.plan, keyOf(block, index), valueOf(block, index))
        fits = verdict === undefined ? fits : verdict ? fits + 1 : -1
      }
      if (fits <= 0) continue
      if (found !== undefined) {
        this.ambiguous += fits
        return undefined
      }
      found = table
    }
    return found
  }

  /** Whether an entry names a row of the table with that primary key; undefined if the row cannot be read. */
  #fits(plan: TablePlan, key: Bytes, value: Bytes): boolean | undefined {
    const { state } = this.#store
    const primaryKey = this.#primaryKeyOf(key)
    if (primaryKey === undefined) return false
    let block: Block
    let reference: Reference
    try {
      reference = state.readReference(value)
    } catch {
      return false
    }
    try {
      block = state.items.readItem(reference, 'row')
    } catch (error) {
      this.#passOver(reference, error)
      return undefined
    }
    try {
      return (
        plan.codec.decodeRow(block.bytes, block.start, block.start + reference.lengthBytes)[plan.primary] === primaryKey
      )
    } catch (error) {
      if (error instanceof FormatError) return false
      throw error
    } finally {
      state.allocator.free(block)
    }
  }

  /** `isCommitted`: the record lies in the cover of a whole mark. */
  #item(reference: Reference, isCommitted: boolean): void {
    const { state } = this.#store
    const block = this.#tryRead(reference, (whole) => state.items.readItem(whole, 'row'))
    if (block === undefined) return
    try {
      if (this.#takeItem(block, reference.lengthBytes, isCommitted)) return
    } finally {
      state.allocator.free(block)
    }
    // What is no row by itself may be the index of a long one.
    const long = this.#longReference(reference)
    const whole = long === undefined ? undefined : this.#tryRead(long, (item) => state.items.readItem(item, 'row'))
    if (long === undefined || whole === undefined) return
    try {
      this.#takeItem(whole, long.lengthBytes, isCommitted)
    } finally {
      state.allocator.free(whole)
    }
  }

  /** Takes the row if it is one of exactly one table; whether it is one at all. */
  #takeItem(block: Block, lengthBytes: number, isCommitted: boolean): boolean {
    const rows = this.#tables.flatMap((table) => {
      const values = decoded(table.plan, block, lengthBytes)
      return values === undefined ? [] : [{ table, values }]
    })
    const [only] = rows
    if (rows.length > 1) this.ambiguous += 1
    if (rows.length !== 1 || only === undefined) return rows.length > 0
    const { table, values } = only
    const primaryKey = values[table.plan.primary]
    if (typeof primaryKey !== 'number' || !table.undecided.meets(primaryKey, primaryKey)) return true
    if (!isCommitted) {
      this.uncommitted += 1
      return true
    }
    this.#take(table.plan, values, true)
    table.undecided.remove(primaryKey, primaryKey)
    return true
  }

  #tryRead(reference: Reference, read: (reference: Reference) => Block): Block | undefined {
    try {
      return read(reference)
    } catch (error) {
      this.#passOver(reference, error)
      return undefined
    }
  }

  /** What does not check is no record, and not worth telling; what the device did not give is. */
  #passOver(reference: Position, error: unknown): void {
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    if (error.context.errno !== undefined) this.#damage(reference, error.message, error)
  }

  /** The reference of the long item whose index the record is: its length follows from that of its last chunk. */
  #longReference(reference: Reference): Reference | undefined {
    const { state } = this.#store
    const { lengthBytes } = reference
    const chunkBytes = chunkBytesMax(state.log.limits.packBytesMax)
    if (lengthBytes < 2 * CHUNK_REFERENCE_BYTES || lengthBytes % CHUNK_REFERENCE_BYTES !== 0) return undefined
    const index = this.#tryRead(reference, (whole) => state.items.readItem(whole, 'chunk-index'))
    if (index === undefined) return undefined
    try {
      const at = index.start + lengthBytes - CHUNK_REFERENCE_BYTES
      const last = this.#payloadBytesAt(index.view.getUint32(at), index.view.getUint32(at + 4))
      if (last === undefined || last > chunkBytes) return undefined
      return { ...reference, lengthBytes: (lengthBytes / CHUNK_REFERENCE_BYTES - 1) * chunkBytes + last }
    } finally {
      state.allocator.free(index)
    }
  }

  /** What the frame of a record says of its length: not believed before the record is read by it and checks. */
  #payloadBytesAt(pack: number, offsetBytes: number): number | undefined {
    if (!this.#store.packs.includes(pack)) return undefined
    const place = this.#store.place(pack)
    const { state } = this.#store
    const frameBytes = Math.min(FRAME_BYTES, place.sizeBytes - offsetBytes)
    // A frame that a marker cuts is not read: such an item is found through its leaf alone.
    const interval = state.log.limits.markerIntervalBytes
    if (frameBytes < recordHeaderBytes(0) || (offsetBytes % interval) + FRAME_BYTES > interval) return undefined
    const scratch = state.allocator.allocate(FRAME_BYTES, 'salvage')
    try {
      state.log.read(pack, offsetBytes, frameBytes, scratch.bytes, scratch.start)
      const payloadBytes = recordPayloadBytes(scratch.bytes, scratch.start, frameBytes)
      return payloadBytes > 0 && scratch.bytes[scratch.start] === RECORD.chunk ? payloadBytes : undefined
    } catch (error) {
      this.#passOver({ pack, offsetBytes }, error)
      return undefined
    } finally {
      state.allocator.free(scratch)
    }
  }
}

/**
 * What a commit covers was committed. Other bytes may be those of an aborted transaction; as one writes its leaves only
 * when it commits, rows there are taken through leaves alone.
 */
function noteCover(window: PackWindow, record: WindowRecord, covered: KeyRanges): void {
  const mark = window.markOf(record)
  if (mark !== undefined) covered.add(mark.coverStartBytes, record.offsetBytes - 1)
}

function decoded(plan: TablePlan, block: Block, lengthBytes: number): ColumnValue[] | undefined {
  try {
    const values = plan.codec.decodeRow(block.bytes, block.start, block.start + lengthBytes)
    const isRow = plan.columns.every(({ nullable }, position) => nullable || values[position] !== null)
    return isRow ? values : undefined
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** Places of records in one pack, in a block that grows. */
class Places {
  readonly #state: SalvageStore['state']
  #block: Block
  #count = 0

  constructor(state: SalvageStore['state']) {
    this.#state = state
    this.#block = state.allocator.allocate(PLACES_AT_FIRST * PLACE_BYTES, 'places')
  }

  free(allocator: SalvageStore['state']['allocator']): void {
    allocator.free(this.#block)
  }

  get count(): number {
    return this.#count
  }

  add(offsetBytes: number, lengthBytes: number, isNode: boolean): void {
    if ((this.#count + 1) * PLACE_BYTES > this.#block.byteLength) this.#grow()
    const { view, start } = this.#block
    view.setUint32(start + this.#count * PLACE_BYTES, offsetBytes)
    view.setUint32(start + this.#count * PLACE_BYTES + 4, lengthBytes * 2 + (isNode ? 1 : 0))
    this.#count += 1
  }

  get(index: number): Readonly<{ offsetBytes: number; lengthBytes: number; isNode: boolean }> {
    const { view, start } = this.#block
    const rest = view.getUint32(start + index * PLACE_BYTES + 4)
    return {
      offsetBytes: view.getUint32(start + index * PLACE_BYTES),
      lengthBytes: Math.floor(rest / 2),
      isNode: rest % 2 === 1,
    }
  }

  #grow(): void {
    const { allocator } = this.#state
    const old = this.#block
    const block = allocator.allocate(old.byteLength * 2, 'places')
    block.bytes.set(old.bytes.subarray(old.start, old.start + this.#count * PLACE_BYTES), block.start)
    this.#block = block
    allocator.free(old)
  }
}
