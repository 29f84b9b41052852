// test/bench/mcdc-load.ts: what test/bench/mcdc.ts measures, in a process of its own: rows into an engine, out by key and in
// order. Called with the URL of the engine's index, a directory, and a number of rounds; prints processor time by round.

import { join } from 'node:path'
import type * as Engine from '../../engine/index.ts'

const ROWS = 6000
const READS = 30_000
const STRIDE = 7919

const [engineUrl = '', directory = '', rounds = '1'] = process.argv.slice(2)
const { column, defineSchema, openOnDisk } = (await import(engineUrl)) as typeof Engine

const schema = defineSchema({
  account: {
    columns: { id: column.integer(), owner: column.string(), balance: column.integer() },
    primaryKey: 'id',
    keys: { byOwner: { columns: ['owner'] } },
  },
})

function round(name: string): number {
  const { user, system } = process.cpuUsage()
  const database = openOnDisk({ root: join(directory), name, schema, mode: 'create' })
  for (let from = 0; from < ROWS; from += 1000)
    database.update(
      (transaction) => {
        for (let id = from; id < from + 1000; id += 1)
          transaction.insert('account', { id, owner: `owner ${id % 1000}`, balance: id * 3 })
      },
      { durability: 'lazy' },
    )
  const snapshot = database.snapshot()
  for (let i = 0, at = 0; i < READS; i += 1) snapshot.get('account', (at = (at + STRIDE) % ROWS))
  const cursor = snapshot.scan('account')
  while (cursor.next() !== undefined) continue
  cursor.close()
  snapshot.close()
  database.close()
  const spent = process.cpuUsage({ user, system })
  return (spent.user + spent.system) / 1000
}

const times = Array.from({ length: Number(rounds) }, (_, index) => round(`round-${index}`))
process.stdout.write(`${JSON.stringify(times)}\n`)
