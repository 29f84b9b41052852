// scenarios/salvage/sample.ts: damaged databases that salvage is given, and what must come out of each.
//
// 1. A sample is made once for each set of options, outside of every world, by ordinary transactions on files in memory;
//    then bytes of it are changed. It follows from its options alone.
// 2. Which bytes are changed is found by what they hold: each short row has its number in its text three times, so that a
//    recovery marker can cut one of them at most.
// 3. `rows` are those that salvage must bring out, no more and no fewer.

import {
  column,
  createAllocator,
  databaseDirectory,
  defineSchema,
  openDatabase,
  singleChunk,
  type Database,
  type PackOptions,
  type RowOf,
  type UpdateTransaction,
} from '../../engine/index.ts'
import { MemoryFiles } from './memory-files.ts'

export const SAMPLE_NAME = 'sample'
export const sampleSchema = defineSchema({
  item: { columns: { id: column.integer(), text: column.string() }, primaryKey: 'id' },
})

export type SampleRow = RowOf<(typeof sampleSchema)['item']>

export type Sample = Readonly<{
  files: readonly Readonly<{ name: string; bytes: Uint8Array }>[]
  rows: readonly SampleRow[]
  /** Keys of rows that must be told to be lost. */
  lost: readonly number[]
  /** The least number of rows that must be called doubtful. */
  doubtfulMin: number
}>

export type SampleOptions = Readonly<{ fanOut: number; packBytes: number; markerBytes: number }>

export const SAMPLE_KINDS = ['a damaged leaf', 'no headers'] as const
export type SampleKind = (typeof SAMPLE_KINDS)[number]

const ROOT = '/samples'
const MEMORY_BYTES = 512 * 1024
/** More commits in a pack than salvage has room for at first. */
const COMMITS = 16
/** More records in a pack than salvage has room for at first, of keys that no row has. */
const CROWD = 520
const CROWD_FIRST = 1000
const FRAME_BYTES = 6
const HEADER_BYTES = 112

const made = new Map<string, Sample>()

export function sampleOf(kind: SampleKind, options: SampleOptions): Sample {
  const key = JSON.stringify([kind, options])
  const known = made.get(key)
  if (known !== undefined) return known
  const sample = MAKERS[kind](options)
  made.set(key, sample)
  return sample
}

const MAKERS: Readonly<Record<SampleKind, (options: SampleOptions) => Sample>> = {
  'a damaged leaf': damagedLeaf,
  'no headers': withoutHeaders,
}

/**
 * The leaf in the middle is damaged, with a row in it that is stored in pieces. Before it the pack is full of small commits
 * and of records that nothing refers to.
 */
function damagedLeaf(options: SampleOptions): Sample {
  const packBytes = 8 * options.packBytes
  const long = options.fanOut + 1
  const rows = Array.from({ length: 2 * options.fanOut + 1 }, (_, id) =>
    id === long ? { id, text: 'long '.repeat(packBytes / 16) } : shortRow(id),
  )
  const crowd = Array.from({ length: CROWD }, (_, index) => CROWD_FIRST + index)
  const files = build({ ...options, packBytes }, (database) => {
    database.update((transaction) => {
      for (const id of crowd) transaction.insert('item', { id, text: '' })
      for (const id of crowd) transaction.delete('item', id)
    })
    for (let commit = 0; commit < COMMITS; commit += 1)
      database.update((transaction) => {
        if (commit > 0) transaction.delete('item', rows.length)
        transaction.insert('item', { id: rows.length, text: '' })
      })
    database.update((transaction) => {
      transaction.delete('item', rows.length)
      insertAll(transaction, rows)
    })
  })
  const { bytes, at } = firstNode(files, rows)
  const second = at + FRAME_BYTES + (bytes[at + 1] ?? 0)
  flip(bytes, second + FRAME_BYTES)
  return { files, rows, lost: [], doubtfulMin: options.fanOut }
}

/** Nothing tells what database the packs are of but their records; and a row is damaged. */
function withoutHeaders(options: SampleOptions): Sample {
  const rows = Array.from({ length: options.fanOut + 1 }, (_, id) => shortRow(id))
  const files = build(options, (database) => database.update((transaction) => insertAll(transaction, rows)))
  for (const { bytes } of files) bytes.fill(0, 0, HEADER_BYTES)
  const lost = [1]
  for (const id of lost) {
    const { bytes, at } = placeOf(files, needleOf(id))
    flip(bytes, at)
  }
  return { files, rows: rows.filter(({ id }) => !lost.includes(id)), lost, doubtfulMin: 0 }
}

function shortRow(id: number): SampleRow {
  return { id, text: needleOf(id).repeat(3) }
}

function needleOf(id: number): string {
  return `<${id}>`
}

function insertAll(transaction: UpdateTransaction<typeof sampleSchema>, rows: readonly SampleRow[]): void {
  for (const row of rows) transaction.insert('item', row)
}

function build(
  { fanOut, packBytes, markerBytes }: SampleOptions,
  fill: (database: Database<typeof sampleSchema>) => void,
): { name: string; bytes: Uint8Array }[] {
  const fileSystem = new MemoryFiles(ROOT)
  const pack: Partial<PackOptions> = { packBytesMax: packBytes, markerIntervalBytes: markerBytes }
  const database = openDatabase({
    root: ROOT,
    name: SAMPLE_NAME,
    schema: sampleSchema,
    fileSystem,
    allocator: createAllocator({ algorithm: 'buddy', memory: singleChunk(new Uint8Array(MEMORY_BYTES)) }),
    random: { fill: (target, offset, length) => void target.fill(7, offset, offset + length) },
    processes: {
      self: () => ({ host: 'samples', boot: '1', process: '1', start: '1' }),
      isRunning: () => 'no',
    },
    fanOut,
    pack,
  })
  try {
    fill(database)
  } finally {
    database.close()
  }
  const directory = databaseDirectory(ROOT, SAMPLE_NAME)
  return fileSystem.list(directory).map((name) => ({ name, bytes: fileSystem.bytesOf(`${directory}/${name}`) }))
}

type Place = Readonly<{ bytes: Uint8Array; at: number }>

/** Where that text stands for the last time. */
function placeOf(files: Sample['files'], text: string): Place {
  const wanted = new TextEncoder().encode(text)
  for (const { bytes } of files.toReversed())
    for (let at = bytes.length - wanted.length; at >= 0; at -= 1)
      if (wanted.every((byte, index) => bytes[at + index] === byte)) return { bytes, at }
  throw new Error(`the sample does not hold '${text}'`)
}

/** The first record behind the last row: a transaction writes its leaves when it commits, in the order of their keys. */
function firstNode(files: Sample['files'], rows: readonly SampleRow[]): Place {
  const needle = needleOf(rows.at(-1)?.id ?? 0)
  const { bytes, at } = placeOf(files, needle)
  return { bytes, at: at + needle.length }
}

function flip(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
}
