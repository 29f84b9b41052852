// engine/examples/core20/workload.ts: the core20 example: rows inserted continuously, and a reader that counts them.
//
// 1. The n-th row is the number n, from 0: rows are never skipped and never repeated, over any number of processes.
// 2. One row a commit. When `insertNext` returns, the row is as durable as the database's durability says.
// 3. The reader looks through a snapshot: it blocks nobody and sees whole commits only.
// 4. A call that throws has changed nothing and holds nothing.

import { column, defineSchema, type Database, type Reader } from '../../index.ts'

/** `info(myNumber integer primary key)`. */
export const core20Schema = defineSchema({
  info: { columns: { myNumber: column.integer() }, primaryKey: 'myNumber' },
})

export type Core20Schema = typeof core20Schema

/** The database's name where nobody gave another. */
export const CORE20_NAME = 'core20'

/** What the reader saw: the last row's number, undefined if there is no row, and how many rows there are. */
export type Core20Reading = Readonly<{ last: number | undefined; count: number }>

/** Inserts the row after the last one. Returns its number once the commit is acknowledged. Throws EngineError. */
export function insertNext(database: Database<Core20Schema>): number {
  return database.update((transaction) => {
    const myNumber = (lastNumber(transaction) ?? -1) + 1
    transaction.insert('info', { myNumber })
    return myNumber
  })
}

/** Reads the last row and counts all, through one snapshot. Throws EngineError. */
export function readLast(database: Database<Core20Schema>): Core20Reading {
  return database.read((reader) => ({ last: lastNumber(reader), count: reader.count('info') }))
}

/** Numbers of all rows, in order. Throws EngineError. */
export function readAll(database: Database<Core20Schema>): number[] {
  return database.read((reader) => {
    const numbers: number[] = []
    for (const row of reader.scan('info')) numbers.push(row.myNumber)
    return numbers
  })
}

function lastNumber(reader: Reader<Core20Schema>): number | undefined {
  const cursor = reader.scan('info', { reverse: true })
  try {
    return cursor.next()?.myNumber
  } finally {
    cursor.close()
  }
}
