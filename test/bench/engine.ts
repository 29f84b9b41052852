// test/bench/engine.ts: the engine on a real disk: bulk load, reads, snapshots, and a durable commit of one row against
// the least that any store must do: append the same number of bytes and fdatasync them.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { column, defineSchema, nodeFileSystem, openOnDisk } from '../../engine/index.ts'
import type { Bench, Figure } from './bench.ts'
import { measure, measuredRows, type Measured } from './measure.ts'

const ROWS = 20_000
const ROWS_PER_LOAD = 1000
const RANGE_ROWS = 100
/** Coprime to ROWS: reads go all over the table. */
const STRIDE = 7919

const schema = defineSchema({
  account: {
    columns: { id: column.integer(), owner: column.string(), balance: column.integer() },
    primaryKey: 'id',
    keys: { byOwner: { columns: ['owner'] } },
  },
})

function rowOf(id: number) {
  return { id, owner: `owner ${id % 1000}`, balance: id * 3 }
}

function openNew(directory: string, name: string) {
  return openOnDisk({ root: directory, name, schema, mode: 'create', cacheBytes: 8 * 1024 * 1024 })
}

async function reads(directory: string): Promise<readonly Measured[]> {
  const database = openNew(directory, 'reads')
  try {
    database.update((transaction) => {
      for (let id = 0; id < ROWS; id += 1) transaction.insert('account', rowOf(id))
    })
    const snapshot = database.snapshot()
    let at = 0
    const next = () => (at = (at + STRIDE) % ROWS)
    const measured = await measure([
      { name: 'get by primary key', run: () => void snapshot.get('account', next()) },
      {
        name: `range, each of ${RANGE_ROWS} rows`,
        operations: RANGE_ROWS,
        run() {
          const from = next() % (ROWS - RANGE_ROWS)
          const cursor = snapshot.scan('account', { from, to: from + RANGE_ROWS })
          while (cursor.next() !== undefined) continue
          cursor.close()
        },
      },
      { name: 'snapshot open and close', run: () => database.snapshot().close() },
    ])
    snapshot.close()
    return measured
  } finally {
    database.close()
  }
}

async function load(directory: string): Promise<readonly Measured[]> {
  const database = openNew(directory, 'load')
  try {
    let id = 0
    const loadSome = () =>
      database.update(
        (transaction) => {
          for (let i = 0; i < ROWS_PER_LOAD; i += 1) transaction.insert('account', rowOf(id++))
        },
        { durability: 'lazy' },
      )
    return await measure([{ name: 'bulk load, each row', operations: ROWS_PER_LOAD, run: loadSome }])
  } finally {
    database.close()
  }
}

/** The durable commit first, then the same bytes appended and synced without an engine. */
async function commits(directory: string): Promise<readonly Measured[]> {
  const database = openNew(directory, 'commits')
  const file = nodeFileSystem().create(join(directory, 'raw'))
  try {
    let id = 0
    const commit = () => database.update((transaction) => transaction.insert('account', rowOf(id++)))
    for (let i = 0; i < ROWS_PER_LOAD; i += 1) commit()
    const bytes = new Uint8Array(Math.ceil(database.statistics().appendedBytes / id))
    const raw = () => {
      file.append(bytes, 0, bytes.length)
      file.sync()
    }
    return await measure([
      { name: `append ${bytes.length} bytes, fdatasync`, run: raw },
      { name: 'durable commit of one row', run: commit },
    ])
  } finally {
    file.close()
    database.close()
  }
}

function rate({ name, cpuNs }: Measured): Figure {
  return { name, value: 1e9 / cpuNs, unit: '/cpu s' }
}

export const engine: Bench = {
  name: 'engine',
  summary: 'bulk load, get, range, snapshots, and a durable commit against append + fdatasync, on a real disk',
  async run({ directory }) {
    for (const name of ['reads', 'load', 'commits']) mkdirSync(join(directory, name))
    const measured = [...(await load(join(directory, 'load'))), ...(await reads(join(directory, 'reads')))]
    const durable = await commits(join(directory, 'commits'))
    const [raw, commit] = durable
    const ratio = (of: (measured: Measured) => number) =>
      raw === undefined || commit === undefined ? Number.NaN : of(commit) / of(raw)
    return {
      tables: [
        {
          title: `In memory (${ROWS} rows in the table that is read)`,
          rows: measuredRows(measured).map((row) => row.slice(0, 4)),
        },
        { title: `Durable, in ${directory}`, rows: measuredRows(durable) },
      ],
      figures: [
        ...measured.map(rate),
        { name: 'durable commit / append + fdatasync, wall time', value: ratio(({ wallNs }) => wallNs), unit: 'x' },
        { name: 'durable commit / append + fdatasync, cpu time', value: ratio(({ cpuNs }) => cpuNs), unit: 'x' },
      ],
    }
  },
}
