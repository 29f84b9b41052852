// scenarios/rows/scenario.ts: inserts, updates and deletes of rows with every column type, NULL and long values, with a
// secondary key, while a snapshot is held over several steps.
//
// 1. The model is all rows by primary key, the ids in the order of the key, and that the held snapshot has not changed.
// 2. Steps come in five parts: rows are inserted; a snapshot is taken; the rows that it sees are changed and deleted; the
//    snapshot is compared and released; ids that became free are used again, refused and aborted.
// 3. The milestone `heldCompared` counts comparisons of a snapshot that was really held: after a reopen there is none.

import { EngineError, type UpdateTransaction } from '../../engine/index.ts'
import { scenario, step, times, type Parameters, type Step } from '../contract.ts'
import { salvageParts } from '../engine-salvage.ts'
import { engineDoor, numberOf, packOf } from '../engine-store.ts'
import { compareByGrade, makeItem, schema, type Item } from './schema.ts'
import { RowsSession, type Content } from './session.ts'

type Model = Content & Readonly<{ heldChanged: boolean }>
type RowsStep = Step<RowsSession, Model>
type Transaction = UpdateTransaction<typeof schema>

const EMPTY: Model = { rows: [], byGrade: [], heldChanged: false }

function withRows(rows: readonly Item[]): Model {
  const sorted = rows.toSorted((a, b) => a.id - b.id)
  return { rows: sorted, byGrade: sorted.toSorted(compareByGrade).map(({ id }) => id), heldChanged: false }
}

/** A step that is one transaction. */
function change(
  name: string,
  work: (transaction: Transaction) => void,
  rowsAfter: (rows: readonly Item[]) => readonly Item[],
): RowsStep {
  return step(name, {
    run: (session) => {
      session.database.update(work)
      session.committed()
    },
    model: ({ rows }) => withRows(rowsAfter(rows)),
  })
}

/** A step that changes nothing in the store. */
function look(name: string, run: (session: RowsSession) => void): RowsStep {
  return step(name, { run, model: (model) => model })
}

function replaceRow(rows: readonly Item[], item: Item): readonly Item[] {
  return rows.map((row) => (row.id === item.id ? item : row))
}

function insertStep(name: string, item: Item): RowsStep {
  return change(
    name,
    (transaction) => transaction.insert('item', item),
    (rows) => [...rows, item],
  )
}

function updateStep(item: Item): RowsStep {
  return change(
    `update row ${item.id}`,
    (transaction) => updateRow(transaction, item),
    (rows) => replaceRow(rows, item),
  )
}

function updateRow(transaction: Transaction, { id, ...changes }: Item): void {
  if (!transaction.update('item', id, changes)) throw new Error(`row ${id} is missing`)
}

function deleteRow(transaction: Transaction, id: number): void {
  if (!transaction.delete('item', id)) throw new Error(`row ${id} is missing`)
}

function compareHeld(session: RowsSession): void {
  if (!session.holds) return
  if (session.heldChanged()) throw new Error('the held snapshot has changed')
  session.world.count('heldCompared')
}

/** A duplicate is refused without harm to what the transaction did before and does after. */
function refusedInsert(taken: Item, free: Item): RowsStep {
  return change(
    `insert row ${free.id} although row ${taken.id} is refused`,
    (transaction) => {
      try {
        transaction.insert('item', taken)
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== 'E_CONSTRAINT') throw error
        transaction.insert('item', free)
        return
      }
      throw new Error(`a second row ${taken.id} was accepted`)
    },
    (rows) => [...rows, free],
  )
}

function abortedStep(name: string, work: (transaction: Transaction) => void): RowsStep {
  return look(name, (session) => {
    const transaction = session.database.begin()
    try {
      work(transaction)
    } finally {
      transaction.abort()
    }
  })
}

function steps(parameters: Parameters): readonly RowsStep[] {
  const count = numberOf(parameters, 'rows')
  if (count < 6) throw new RangeError(`parameter 'rows' must be at least 6, not ${count}`)
  const longBytes = numberOf(parameters, 'longBytes')
  const item = (id: number, version: number): Item => makeItem(id, version, longBytes)
  const changed = times(count, (id) => id).filter((id) => id % 3 === 1)
  const deleted = times(count, (id) => id).filter((id) => id % 6 === 0)
  return [
    ...times(count, (id) => insertStep(`insert row ${id}`, item(id, 0))),
    look('hold a snapshot', (session) => session.hold()),
    ...changed.map((id) => updateStep(item(id, 1))),
    ...deleted.map((id) =>
      change(
        `delete row ${id}`,
        (transaction) => deleteRow(transaction, id),
        (rows) => rows.filter((row) => row.id !== id),
      ),
    ),
    look('compare the held snapshot', compareHeld),
    look('release the held snapshot', (session) => session.release()),
    insertStep('insert row 0 again', item(0, 2)),
    abortedStep('aborted changes', (transaction) => {
      updateRow(transaction, item(1, 3))
      deleteRow(transaction, 2)
      transaction.insert('item', item(count + 1, 0))
    }),
    refusedInsert(item(2, 4), item(count, 0)),
    change(
      'insert, update and delete together',
      (transaction) => {
        transaction.insert('item', item(count + 1, 1))
        updateRow(transaction, item(3, 5))
        deleteRow(transaction, 4)
      },
      (rows) => replaceRow([...rows, item(count + 1, 1)], item(3, 5)).filter(({ id }) => id !== 4),
    ),
  ]
}

const PROBE_ID = 1_000_000

export const rows = scenario<RowsSession, Model>({
  name: 'rows',
  summary: 'inserts, updates and deletes with long and NULL columns and a secondary key, under a held snapshot',
  requirements: ['QA-30', 'REC-08', 'ROW-04', 'IDX-01'],
  parameters: { rows: 12, longBytes: 4200, fanOut: 4, packBytes: 16_384, markerBytes: 1024 },
  swarm: {
    rows: [6, 9, 12],
    longBytes: [40, 700, 4200],
    fanOut: [4, 8, 32],
    packBytes: [8192, 16_384, 65_536],
    markerBytes: [512, 1024, 4096],
  },
  open: (world, parameters) =>
    new RowsSession(world, {
      name: 'rows',
      schema,
      fanOut: numberOf(parameters, 'fanOut'),
      pack: packOf(parameters),
    }),
  steps,
  initial: () => EMPTY,
  read: (session) => ({ ...session.content(), heldChanged: session.heldChanged() }),
  parts: {
    of: ({ rows: all }) => Object.fromEntries(all.map((row) => [String(row.id), row])),
    read: (session, name) => session.database.read((reader) => reader.get('item', Number(name))),
  },
  salvage: (world) =>
    salvageParts(world, 'rows', schema, (reader) =>
      Array.from(reader.scan('item'), (row) => ({ name: String(row.id), value: row, primaryKey: row.id })),
    ),
  probe: change(
    'insert one more row',
    (transaction) => transaction.insert('item', makeItem(PROBE_ID, 0, 0)),
    (before) => [...before, makeItem(PROBE_ID, 0, 0)],
  ),
  milestones: { rollOver: 1, marker: 5, heldCompared: 1 },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...engineDoor(packOf),
})
