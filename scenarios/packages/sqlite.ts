// scenarios/packages/sqlite.ts: SQLite in WebAssembly over node:fs (the package node-sqlite3-wasm, MIT, npm), unmodified.
//
// It is the check of our own model: SQLite's manual says what each setting survives, and the package's VFS differs from
// SQLite's own in ways that a model of a disk must find.
//
// 1. Transactions change several rows, so that a part of one is seen.
// 2. A process that was killed leaves the VFS's lock, a directory `NAME.lock`. Nothing in the package removes it, so opening
//    does here: what is judged is SQLite's recovery, and that a dead owner's lock stays is said apart, in its own promise.
// 3. `ownLockUnseen` hides the lock from the question whether somebody holds a reserved lock. The VFS has one lock for all
//    levels, so that question is always answered with yes by the connection's own shared lock; SQLite then takes a hot
//    journal for one in use, and never rolls it back. SQLite's own VFS with lock files answers with no there.
// 4. `directorySync` makes the scenario sync the directory whenever SQLite syncs a file: what SQLite's own VFS does after it
//    has made a journal, and this one does not.

import type sqlite from 'node-sqlite3-wasm'
import { scenario, step, times, type Parameters, type Scenario, type World } from '../contract.ts'
import { numberOf } from '../engine-store.ts'
import { nodeFs, packageOf, withMended, type Mended } from './node-modules.ts'

type Store = {
  readonly database: sqlite.Database
  /** Runs what uses the database, with what the parameters put right. */
  readonly within: <T>(code: () => T) => T
  acknowledged: number
}
/** Rows by id: their value; and the sum that every transaction keeps at 0. */
type Model = Readonly<{ rows: readonly (readonly [number, string])[]; sum: number }>

const PRAGMA = 'https://www.sqlite.org/pragma.html#pragma_synchronous'
const ATOMIC = 'https://www.sqlite.org/atomiccommit.html'
/** Oracles that see a database that is not what the manual says. */
const DATABASE_ORACLES = ['recovered-state', 'recovery-opens', 'recovery-verify', 'recovery-commits']
const SYNCHRONOUS = ['OFF', 'NORMAL', 'FULL', 'EXTRA'] as const

function synchronousOf(parameters: Parameters): (typeof SYNCHRONOUS)[number] {
  const value = SYNCHRONOUS.find((name) => name === parameters['synchronous'])
  if (value === undefined) throw new RangeError(`parameter 'synchronous' must be one of ${SYNCHRONOUS.join(', ')}`)
  return value
}

function textOf(index: number, bytes: number): string {
  return `row ${index} `.padEnd(bytes, String(index % 10))
}

function openStore(world: World, parameters: Parameters): Store {
  const path = `${world.directory}/data.sqlite`
  const fs = nodeFs(world)
  if (fs.existsSync(`${path}.lock`)) fs.rmdirSync(`${path}.lock`)
  const { Database } = packageOf<typeof sqlite>(world, 'node-sqlite3-wasm')
  const mended: Mended = {
    ...(parameters['directorySync'] === true ? { directorySyncs: world.directory } : {}),
    ...(parameters['ownLockUnseen'] === true ? { unseen: `${path}.lock` } : {}),
  }
  const within = <T>(code: () => T): T => withMended(world, mended, code)
  return within(() => {
    const database = new Database(path)
    try {
      database.exec(`PRAGMA synchronous=${synchronousOf(parameters)}; PRAGMA page_size=1024`)
      database.exec('CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, amount INTEGER, text TEXT)')
      database.exec('CREATE INDEX IF NOT EXISTS item_text ON item (text)')
    } catch (error) {
      database.close()
      throw error
    }
    return { database, within, acknowledged: 0 }
  })
}

/** One transaction: a pair of rows whose amounts add up to nothing, and a change of the pair before. */
function runPair(store: Store, index: number, bytes: number): void {
  const { database } = store
  database.exec('BEGIN')
  try {
    const text = textOf(index, bytes)
    database.run('INSERT INTO item VALUES (?, ?, ?)', [index * 2, index + 1, text])
    database.run('INSERT INTO item VALUES (?, ?, ?)', [index * 2 + 1, -(index + 1), text])
    if (index > 0) database.run('UPDATE item SET text = ? WHERE id = ?', [`changed by ${index}`, index * 2 - 1])
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
  store.acknowledged += 1
}

function afterPair({ rows, sum }: Model, index: number, bytes: number): Model {
  const text = textOf(index, bytes)
  const changed = rows.map(([id, old]) => [id, id === index * 2 - 1 ? `changed by ${index}` : old] as const)
  return { rows: [...changed, [index * 2, text], [index * 2 + 1, text]], sum }
}

export const sqliteScenario: Scenario<Store, Model> = scenario({
  name: 'sqlite',
  summary: 'SQLite in WebAssembly (the npm package node-sqlite3-wasm) commits transactions with a rollback journal',
  requirements: ['SCN-02'],
  parameters: {
    transactions: 2,
    bytes: 300,
    synchronous: 'EXTRA',
    directorySync: false,
    ownLockUnseen: false,
    strict: false,
  },
  models: ['ext4-ordered', 'posix-minimal', 'posix-no-reuse', 'process-kill'],
  usesNodeFs: true,
  open: openStore,
  steps: (parameters) => {
    const bytes = numberOf(parameters, 'bytes')
    return times(numberOf(parameters, 'transactions'), (index) =>
      step<Store, Model>(`transaction ${index}`, {
        run: (store) => store.within(() => runPair(store, index, bytes)),
        model: (model) => afterPair(model, index, bytes),
        durability: parameters['strict'] === true || synchronousOf(parameters) === 'EXTRA' ? 'durable' : 'ordered',
      }),
    )
  },
  initial: () => ({ rows: [], sum: 0 }),
  read: ({ database }) => ({
    rows: database
      .all('SELECT id, text FROM item ORDER BY id')
      .map(({ id, text }) => [Number(id), String(text)] as const),
    sum: Number(database.get('SELECT coalesce(sum(amount), 0) AS sum FROM item')?.['sum']),
  }),
  verify: ({ database }) =>
    database
      .all('PRAGMA integrity_check')
      .map(({ integrity_check }) => String(integrity_check))
      .filter((message) => message !== 'ok')
      .map((message) => ({ path: 'data.sqlite', offsetBytes: 0, message })),
  close: ({ database, within }) => within(() => database.close()),
  // FULL: the newest transaction may roll back, for its journal's removal is not synced. NORMAL and OFF say nothing here.
  durableSteps: ({ acknowledged }) => Math.max(0, acknowledged - 1),
  classify: (error) => {
    if (!(error instanceof Error)) return { kind: 'other' }
    const { message } = error
    if (/disk I\/O error|unable to open|readonly|disk is full/i.test(message)) return { kind: 'io', code: '' }
    if (/malformed|not a database/i.test(message)) return { kind: 'corruption' }
    if (/out of memory/i.test(message)) return { kind: 'out-of-memory' }
    return /locked|busy/i.test(message) ? { kind: 'in-use' } : { kind: 'other' }
  },
  promises: [
    {
      name: 'survives a kill, as published',
      text: 'a database whose process was killed in a transaction is as it was before that transaction',
      source: `${ATOMIC} section 4 (rollback of a hot journal)`,
      oracles: DATABASE_ORACLES,
      parameters: { synchronous: 'EXTRA' },
      expected: [
        {
          model: 'process-kill',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'A hot journal is never rolled back (see 3 above), and the half-written database is used: it is malformed, or ' +
            'a transaction is there that did not commit. Seen on a real file system too, with a real SIGKILL: the ' +
            'package does not open the database, and the sqlite3 program, given the same files, rolls back and finds ' +
            'them whole.',
        },
      ],
    },
    {
      name: 'survives a kill',
      text: 'the same, with its own lock hidden from the question for a reserved lock',
      source: `${ATOMIC} section 4 (rollback of a hot journal)`,
      oracles: DATABASE_ORACLES,
      parameters: { synchronous: 'EXTRA', ownLockUnseen: true },
      expected: [
        {
          model: 'process-kill',
          families: ['crash'],
          outcome: 'kept',
          reading: 'The journal that the killed process left is rolled back.',
        },
      ],
    },
    {
      name: 'EXTRA is durable',
      text: 'with synchronous=EXTRA a committed transaction survives a power loss',
      source: `${PRAGMA} (EXTRA), ${ATOMIC} section 3`,
      oracles: DATABASE_ORACLES,
      parameters: { synchronous: 'EXTRA', ownLockUnseen: true },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'kept',
          reading: 'Syncing the journal covers its name, and its removal is synced with the directory.',
        },
        {
          model: 'posix-minimal',
          families: ['crash'],
          outcome: 'broken',
          reading:
            "The VFS does not sync the directory after it has made the journal (SQLite's own does): a journal whose name " +
            'was lost cannot roll back what is in the database half written.',
        },
      ],
    },
    {
      name: 'EXTRA is durable, with the directory synced',
      text: 'the same, with the sync that this VFS leaves out added by the scenario',
      source: `${ATOMIC} section 3.7 (flushing the rollback journal to disk, with its directory entry)`,
      oracles: DATABASE_ORACLES,
      parameters: { synchronous: 'EXTRA', ownLockUnseen: true, directorySync: true },
      expected: [
        {
          model: 'posix-no-reuse',
          families: ['crash'],
          outcome: 'kept',
          reading: 'With that one sync the journal is there whenever the database is half written.',
        },
        {
          model: 'posix-minimal',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'What is left needs a file system that shows the bytes of a deleted file: where the new journal was not synced ' +
            'yet, a whole older journal of the same size stands in its place, with a count of pages and checksums that ' +
            'fit, and is rolled back. SQLite takes what was not synced for garbage, not for a journal.',
        },
      ],
    },
    {
      name: 'FULL loses at most the newest',
      text: 'with synchronous=FULL a power loss may take the newest transaction and nothing else, and damages nothing',
      source: `${PRAGMA} (FULL; EXTRA is there because the newest commit may roll back)`,
      oracles: DATABASE_ORACLES,
      parameters: { synchronous: 'FULL', ownLockUnseen: true },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'kept',
          reading: 'The removal of the journal may be lost: then it rolls the newest transaction back.',
        },
      ],
    },
    {
      name: 'FULL is durable',
      text: 'with synchronous=FULL a committed transaction survives a power loss (not promised in this journal mode)',
      source: `${PRAGMA} (EXTRA: "additional durability if the commit is followed closely by a power loss")`,
      oracles: ['recovered-state', 'recovery-commits'],
      parameters: { synchronous: 'FULL', ownLockUnseen: true, strict: true },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'broken',
          reading: 'The newest transaction rolls back. The manual says so: no promise is broken.',
        },
      ],
    },
    {
      name: 'OFF may corrupt',
      text: 'with synchronous=OFF a power loss leaves the database whole (the manual says that it may not)',
      source: `${PRAGMA} (OFF)`,
      oracles: DATABASE_ORACLES,
      parameters: { synchronous: 'OFF', ownLockUnseen: true },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'broken',
          reading: 'Nothing is synced, so the database may be half written without a journal. As documented.',
        },
      ],
    },
    {
      name: 'errors are reported',
      text: 'a failed call of the file system fails the statement and damages nothing',
      source: 'https://www.sqlite.org/testing.html section 3.2 (I/O error testing)',
      oracles: [
        'failure-reported',
        'living-process',
        'store-still-works',
        'survives',
        'sound-after-unwinding',
        'reopen',
      ],
      parameters: { synchronous: 'EXTRA', ownLockUnseen: true },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['io'],
          outcome: 'broken',
          reading:
            'A read that gives less in the middle of a file, which no disk file does, is filled up with zeroes and told as ' +
            'the end of the file: a finding about the VFS, apart from those with error codes.',
        },
      ],
    },
  ],
})
