// test/engine/database/open-bound.ts: how many bytes an open reads of a large database, counted at the port.
//
// The bound is that of protocol rule 14 (engine/FORMAT.md): one sector a marker back to syncEvery, one marker interval and
// the larger tail limit, 256 KiB at the default sizes; besides headers, catalog and main tree.

import { column, defineSchema, type Database, type Durability } from '../../../engine/index.ts'
import { FailingFileSystem, type DiskImage } from '../../../faults/index.ts'
import { Machine, errorOf, powerLossStates, smallAllocator } from '../machine.ts'

export const BOUND_BYTES = 262_144
/** Headers, catalog, main tree, and the sector that each newer pack without a valid header may cost. */
export const ALLOWANCE_BYTES = 8192

const schema = defineSchema({
  blob: { columns: { id: column.integer(), body: column.binary() }, primaryKey: 'id' },
})
type Blobs = Database<typeof schema>

const ROW_BYTES = 60_000
const ROWS_A_COMMIT = 32

export type OpenBound = Readonly<{
  name: string
  databaseBytes: number
  /** States that were opened, and the most that any of them read. */
  states: number
  bytesReadMax: number
  /** Rows found, fewest and most. */
  rows: readonly [number, number]
}>

class Counted {
  bytesRead = 0
  callsLeft = Infinity

  open(machine: Machine, durability: Durability = 'sync'): Blobs {
    const fileSystem = new FailingFileSystem(machine.fileSystem, {
      root: '/',
      onCall: () => {
        this.callsLeft -= 1
        if (this.callsLeft < 0) throw new Error('the power went')
      },
      onEvent: ({ kind, path }, { value }) => {
        if (kind === 'read' && path.endsWith('.pack')) this.bytesRead += value ?? 0
      },
    })
    return machine.open({ schema, durability, fileSystem, allocator: smallAllocator() })
  }
}

function insert(database: Blobs, from: number, count: number, bodyBytes: number): void {
  const body = new Uint8Array(bodyBytes).fill(from)
  database.update((transaction) => {
    for (let id = from; id < from + count; id += 1) transaction.insert('blob', { id, body })
  })
}

/** A cleanly closed database of about so many bytes. */
function makeDatabase(databaseBytes: number): Readonly<{ image: DiskImage; rows: number }> {
  const machine = new Machine()
  const database = new Counted().open(machine)
  let rows = 0
  while (database.position().endBytes < databaseBytes) {
    insert(database, rows, ROWS_A_COMMIT, ROW_BYTES)
    rows += ROWS_A_COMMIT
  }
  database.close()
  return { image: machine.image(), rows }
}

function measure(name: string, databaseBytes: number, images: Iterable<DiskImage>): OpenBound {
  let states = 0
  let bytesReadMax = 0
  let least = Infinity
  let most = 0
  for (const image of images) {
    const counted = new Counted()
    const database = counted.open(new Machine(image))
    bytesReadMax = Math.max(bytesReadMax, counted.bytesRead)
    const rows = database.read((reader) => reader.count('blob'))
    least = Math.min(least, rows)
    most = Math.max(most, rows)
    states += 1
    database.close()
  }
  return { name, databaseBytes, states, bytesReadMax, rows: [least, most] }
}

function* lossesOf(machine: Machine, statesMax: number): Generator<DiskImage> {
  for (const state of powerLossStates(machine.image(), statesMax)) yield state.make()
}

/** Opens a database in the states that are to be bounded: clean, torn, lazy, and cut in a commit of `largeBytes`. */
export function* measureOpenBounds(databaseBytes: number, largeBytes: number): Generator<OpenBound> {
  const { image } = makeDatabase(databaseBytes)
  const big = 1_000_000_000
  yield measure('closed in order', databaseBytes, [image])

  for (const durability of ['sync', 'lazy'] as const) {
    const machine = new Machine(image)
    const database = new Counted().open(machine, durability)
    for (let id = big; id < big + 200; id += 1) insert(database, id, 1, 100)
    const commits = durability === 'sync' ? 'torn after small commits' : 'torn after lazy commits'
    machine.kill()
    yield measure(`killed after ${durability} commits`, databaseBytes, [machine.image()])
    const torn = new Machine(machine.image())
    const counted = new Counted()
    const again = counted.open(torn, durability)
    for (let id = big + 1000; id < big + 1100; id += 1) insert(again, id, 1, 900)
    // The next commit is cut before its sync, or before whatever comes last.
    counted.callsLeft = 1
    errorOf(() => insert(again, big + 2000, 1, 60_000))
    yield measure(commits, databaseBytes, lossesOf(torn, 60))
  }

  const cut = new Machine(image)
  const counted = new Counted()
  const database = counted.open(cut)
  const rows = Math.ceil(largeBytes / ROW_BYTES)
  counted.callsLeft = Math.floor((largeBytes / 16_384) * 0.55)
  errorOf(() => insert(database, big, rows, ROW_BYTES))
  yield measure(`cut in the middle of a commit of ${largeBytes} bytes`, databaseBytes, [
    cut.image(),
    ...lossesOf(cut, 40),
  ])
}

export function boundText({ name, databaseBytes, states, bytesReadMax, rows }: OpenBound): string {
  const share = ((100 * bytesReadMax) / (BOUND_BYTES + ALLOWANCE_BYTES)).toFixed(1)
  return (
    `open of ${(databaseBytes / 2 ** 20).toFixed(0)} MiB, ${name}: at most ${bytesReadMax} bytes read ` +
    `(${share} % of the bound of ${BOUND_BYTES} + ${ALLOWANCE_BYTES}), ${states} states, ${rows.join(' to ')} rows`
  )
}
