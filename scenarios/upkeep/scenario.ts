// scenarios/upkeep/scenario.ts: what is done with a database beside reading and writing it: it is verified, copied while it is
// open, kept from others; and the ways to commit and to read that the other scenarios leave out.
//
// 1. The model is the rows by primary key. Most steps leave it as it is, and throw if what they look at is not so: such an
//    error is none of the store's, and ends the run as a failure of the scenario.
// 2. What is synced ends on a sector's border, so that aligned packs are met by every family, and a device that may lose a
//    sector while it is written again takes nothing.
// 3. Steps that change rows set values that follow from the step: done twice they are done once.
// 4. A copy stays in a directory of that attempt.

import { isDeepStrictEqual } from 'node:util'
import {
  ALLOCATOR_ALGORITHMS,
  EngineError,
  column,
  databaseDirectory,
  defineSchema,
  isPackPath,
  verifyDatabase,
  type AllocatorAlgorithm,
  type Changes,
  type DamageReport,
  type RowOf,
  type ScanOptions,
} from '../../engine/index.ts'
import { scenario, step, times, type Parameters, type Step, type World } from '../contract.ts'
import {
  EngineSession,
  classifyWithCalls,
  engineDoor,
  numberOf,
  packOf,
  withAllocator,
  type EngineStoreOptions,
} from '../engine-store.ts'
import { copyFiles, freshDirectory, makeDurable, writeFile } from '../own-files.ts'

const NAME = 'upkeep'
const COPY = 'copy'
/** Small, so that what an aborted transaction appended is in the file and not only in a buffer. */
const WRITE_BUFFER_BYTES = 512
const LONG_BYTES = 900
const PROBE_ID = 1_000_000

const schema = defineSchema({
  item: {
    columns: { id: column.integer(), grade: column.integer().nullable(), text: column.string() },
    primaryKey: 'id',
    keys: { byGrade: { columns: ['grade'], unique: false } },
  },
})

type Item = RowOf<(typeof schema)['item']>
type Model = readonly Item[]
type UpkeepStep = Step<UpkeepSession, Model>
type ItemChanges = Changes<typeof schema>

class UpkeepSession extends EngineSession<typeof schema> {
  readonly parameters: Parameters

  constructor(world: World, parameters: Parameters) {
    super(world, optionsOf(parameters))
    this.parameters = parameters
  }

  rows(): Item[] {
    return this.database.read((reader) => [...reader.scan('item')])
  }
}

function optionsOf(parameters: Parameters): EngineStoreOptions<typeof schema> {
  return {
    name: NAME,
    schema,
    fanOut: numberOf(parameters, 'fanOut'),
    pack: { ...packOf(parameters), commitAlignBytes: 512 },
    writeBufferBytes: WRITE_BUFFER_BYTES,
    algorithm: algorithmOf(parameters),
  }
}

function algorithmOf(parameters: Parameters): AllocatorAlgorithm {
  const value = parameters['allocator']
  const found = ALLOCATOR_ALGORITHMS.find((algorithm) => algorithm === value)
  if (found !== undefined) return found
  throw new RangeError(`parameter 'allocator' must be ${ALLOCATOR_ALGORITHMS.join(' or ')}, not '${String(value)}'`)
}

function itemOf(id: number, version = 0): Item {
  const mix = id * 7 + version
  return { id, grade: mix % 3 === 0 ? null : mix % 5, text: `item ${id}, version ${version}` }
}

function set(changes: ItemChanges, { id, ...rest }: Item): void {
  if (!changes.update('item', id, rest)) changes.insert('item', { id, ...rest })
}

function withItems(model: Model, items: readonly Item[]): Model {
  const kept = model.filter(({ id }) => !items.some((item) => item.id === id))
  return [...kept, ...items].toSorted((a, b) => a.id - b.id)
}

/** A step that leaves these rows in the store; some of them may be there when it fails. */
function changing(
  name: string,
  items: readonly Item[],
  run: (session: UpkeepSession) => void | Promise<void>,
): UpkeepStep {
  return step(name, {
    run,
    model: (model) => withItems(model, items),
    partial: (model) =>
      times(2 ** items.length, (chosen) =>
        withItems(
          model,
          items.filter((_, bit) => ((chosen >> bit) & 1) === 1),
        ),
      ),
  })
}

function look(name: string, run: (session: UpkeepSession) => void): UpkeepStep {
  return step(name, { run, model: (model) => model })
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

/** Damage is told as damage: a device that gives too little may be the cause. */
function demandSound([problem]: readonly DamageReport[]): void {
  if (problem === undefined) return
  const { path, offsetBytes, message } = problem
  throw new EngineError('E_CORRUPT', `verify finds damage: ${message}`, { path, offsetBytes })
}

// --- steps that change rows --------------------------------------------------------------------------------------------

/** One transaction with more nodes than it has room for at first; most of its rows are gone at its end. */
function manyAtOnce(items: readonly Item[], passing: readonly Item[]): UpkeepStep {
  return step('many rows at once', {
    run: (session) => {
      session.database.update((transaction) => {
        for (const item of [...items, ...passing]) set(transaction, item)
        for (const { id } of passing) transaction.delete('item', id)
      })
      session.committed()
    },
    model: (model) => withItems(model, items),
  })
}

/** What an aborted transaction left in the file lies before the next commit, which vouches for it. */
function afterAnAborted(item: Item): UpkeepStep {
  return changing('a row behind an aborted transaction', [item], (session) => {
    appendInVain(session)
    session.database.update((transaction) => set(transaction, item))
    session.committed()
  })
}

function appendInVain(session: UpkeepSession): void {
  const transaction = session.database.begin()
  try {
    set(transaction, { id: PROBE_ID, grade: null, text: 'v'.repeat(LONG_BYTES) })
  } finally {
    transaction.abort()
  }
}

/**
 * Two transactions on one table, the second of which waits for the first; and one who waits until all is quiet. There is a
 * turn between what may fail, so that each failure is alone in its turn.
 */
function sideBySide([first, second]: readonly [Item, Item]): UpkeepStep {
  return changing('commits that wait for each other', [first, second], async (session) => {
    const { database } = session
    const ends: Promise<unknown>[] = []
    const going = (end: Promise<unknown>): void => {
      end.catch(() => {}) // told at the end, with the others
      ends.push(end)
    }
    const transaction = await database.beginLater()
    try {
      set(transaction, first)
    } catch (error) {
      transaction.abort()
      throw error
    }
    going(database.updateLater((later) => set(later, second)))
    await turn(session)
    going(transaction.commit())
    await turn(session)
    going(database.whenIdle())
    for (const outcome of await Promise.allSettled(ends)) if (outcome.status === 'rejected') throw outcome.reason
    session.committed()
    session.world.count('sideBySide')
  })
}

function turn({ world }: UpkeepSession): Promise<void> {
  return new Promise((resolve) => world.scheduler.soon(resolve))
}

// --- steps that look ---------------------------------------------------------------------------------------------------

function verify(session: UpkeepSession): void {
  const { database } = session
  demandSound(database.verify())
  const { packs, rows } = database.statistics()
  demand(database.sizeBytes() >= packs, 'the database has fewer bytes than packs')
  demand(rows['item'] === session.rows().length, 'the database counts other rows than it has')
}

/** Every range between two rows, both ways, by the primary key and by the other, against all rows in that order. */
function ranges(session: UpkeepSession): void {
  const rows = session.rows()
  const byGrade = rows.toSorted((a, b) => (a.grade ?? -1) - (b.grade ?? -1) || a.id - b.id)
  const [low, high] = [rows.at(1), rows.at(-2)]
  if (low === undefined || high === undefined) return
  session.database.read((reader) => {
    const same = (options: ScanOptions, expected: readonly Item[]): void => {
      const found = [...reader.scan('item', options)]
      const wanted = options.reverse === true ? expected.toReversed() : expected
      demand(isDeepStrictEqual(found, wanted), `a range gives other rows: ${JSON.stringify(options)}`)
    }
    for (const reverse of [false, true]) {
      const between = rows.filter(({ id }) => id >= low.id && id < high.id)
      same({ from: low.id, to: high.id, reverse }, between)
      same({ from: low.id, fromExclusive: true, to: high.id, toInclusive: true, reverse }, [...between.slice(1), high])
      same({ by: 'byGrade', reverse }, byGrade)
      const graded = byGrade.filter(({ grade }) => grade !== null && grade >= 1 && grade <= 3)
      same({ by: 'byGrade', from: [1], to: [3], toInclusive: true, reverse }, graded)
    }
  })
  session.world.count('ranges')
}

/** Another one who opens the database is told that it has an owner, and the owner's is not disturbed. */
function heldByItsOwner(session: UpkeepSession): void {
  const { world, parameters } = session
  session.open()
  try {
    new EngineSession(world, optionsOf(parameters)).close()
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'E_LOCKED') throw error
    world.count('lockedOut')
    return
  }
  throw new Error('a database was opened twice at the same time')
}

/** A copy of the files while they are in use is sound, opens as after a crash, and holds what was acknowledged. */
function copyInUse(session: UpkeepSession): void {
  const { world, parameters } = session
  const rows = session.rows()
  appendInVain(session)
  const root = freshDirectory(world, COPY)
  const directory = databaseDirectory(root, NAME)
  world.fileSystem.makeDirectory(directory)
  copyFiles(world, databaseDirectory(world.directory, NAME), directory)
  makeDurable(world, root)
  verifyCopy(world, root, rows.length, algorithmOf(parameters))
  makeDurable(world, root)
  const copy = new EngineSession(world, { ...optionsOf(parameters), root, mode: 'open', settle: true })
  try {
    const { openedClean, commits, durableCommits } = copy.statistics()
    demand(!openedClean, 'a copy of a database in use passes for one that was closed')
    demand(commits === durableCommits, 'an open that settles leaves commits that are not durable')
    const found = copy.database.read((reader) => [...reader.scan('item')])
    demand(isDeepStrictEqual(found, rows), 'a copy holds other rows than the database')
  } finally {
    copy.close()
  }
  makeDurable(world, root)
  world.count('copied')
}

/** By the tool that does not know the schema. */
function verifyCopy(world: World, root: string, rows: number, algorithm: AllocatorAlgorithm): void {
  const { fileSystem, processes } = world
  const random = world.random('tools')
  const { problems, summary } = withAllocator(world, algorithm, (allocator) =>
    verifyDatabase({ root, name: NAME, fileSystem, processes, random, allocator }),
  )
  demandSound(problems)
  demand(summary.rows['item'] === rows, 'a copy counts other rows than the database')
}

/** Verify of a database that was closed, and to which nothing was added since. */
function verifyClosed(session: UpkeepSession): void {
  session.close()
  session.open()
  verify(session)
}

/** Who made a lock file and died before it was written keeps nobody out. */
function besideADeadMaker(session: UpkeepSession): void {
  const { world } = session
  session.close()
  const taken = world.fileSystem.list(world.directory).map((name) => Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? 0))
  writeFile(world, `${world.directory}/lock.${Math.max(...taken) + 1}`, new Uint8Array())
  session.open()
  demand(session.rows().length > 0, 'the database is empty beside the lock of one who died')
  world.count('deadMaker')
}

function steps(parameters: Parameters): readonly UpkeepStep[] {
  const rows = numberOf(parameters, 'rows')
  if (rows < 3) throw new RangeError(`parameter 'rows' must be at least 3, not ${rows}`)
  const items = Array.from({ length: rows }, (_, id) => itemOf(id))
  const passing = Array.from({ length: numberOf(parameters, 'passing') }, (_, index) => itemOf(rows + index))
  return [
    manyAtOnce(items, passing),
    look('verify', verify),
    look('held by its owner', heldByItsOwner),
    afterAnAborted(itemOf(0, 1)),
    look('copy in use', copyInUse),
    look('ranges', ranges),
    sideBySide([itemOf(2, 1), itemOf(rows + 1, 1)]),
    look('verify after a close', verifyClosed),
    look('beside a dead maker', besideADeadMaker),
  ]
}

/** Packs that were copied hold what was said of others, and were no database's before it was opened. */
function isOurs(path: string): boolean {
  return !/\/copy-\d+\//.test(path)
}

const door = engineDoor<typeof schema>(packOf)

export const upkeep = scenario<UpkeepSession, Model>({
  name: NAME,
  summary:
    'a database is verified, copied in use and kept from others; commits and reads that other scenarios leave out',
  requirements: ['QA-30'],
  parameters: { rows: 4, passing: 14, fanOut: 4, packBytes: 4096, markerBytes: 512, allocator: 'buddy' },
  open: (world, parameters) => new UpkeepSession(world, parameters),
  steps,
  initial: () => [],
  read: (session) => session.rows(),
  probe: step('one more row', {
    run: (session) => {
      session.database.update((transaction) => set(transaction, itemOf(PROBE_ID)))
      session.committed()
    },
    model: (model) => withItems(model, [itemOf(PROBE_ID)]),
  }),
  milestones: { marker: 1, copied: 1, lockedOut: 1, ranges: 1, sideBySide: 1, deadMaker: 1 },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill', 'posix-fragile-sectors'],
  ...door,
  classify: classifyWithCalls,
  claims: (world, path, bytes, offsetBytes) => (isOurs(path) ? door.claims(world, path, bytes, offsetBytes) : []),
  recovery: {
    ...door.recovery,
    readOnly: (path) => isOurs(path) && isPackPath(path) && door.recovery.readOnly?.(path) === true,
  },
})
