// scenarios/refusals/scenario.ts: a device that refuses a call now and then, and a program that tells of it, is as it was, and
// goes on: what is called only on the way out of a failure, or because of one before, is met here without any other fault.
//
// 1. The model is the version of one row, whose text is now and then so long that it needs a new pack.
// 2. Each step has one attempt that the device refuses and one that it does not. Between them the row is as it was.
// 3. A step throws what it did not arrange itself: an error of the attempt that is none of the refusal, and what the file
//    system of the world refused after the refusal, as the store has another error to tell then.

import { EngineError, column, defineSchema, openDatabase, type Database } from '../../engine/index.ts'
import { scenario, step, type Parameters, type Step, type World } from '../contract.ts'
import {
  EngineSession,
  classifyWithCalls,
  engineDoor,
  numberOf,
  packOf,
  packsOf,
  withAllocator,
} from '../engine-store.ts'
import { freshDirectory, makeDurable } from '../own-files.ts'
import { RefusingFiles, isRefusal, type Refusal } from './refusing-files.ts'

const NAME = 'refusals'
const OTHER = 'other'
const ROW = 1

const schema = defineSchema({
  page: { columns: { id: column.integer(), version: column.integer(), text: column.string() }, primaryKey: 'id' },
})

/** The version of the row; 0: there is none. */
type Model = number

class RefusingSession extends EngineSession<typeof schema> {
  readonly files: RefusingFiles
  readonly parameters: Parameters

  constructor(world: World, parameters: Parameters) {
    const files = new RefusingFiles(world.fileSystem)
    super(world, {
      name: NAME,
      schema,
      fileSystem: files,
      fanOut: numberOf(parameters, 'fanOut'),
      pack: packOf(parameters),
    })
    this.files = files
    this.parameters = parameters
  }
}

type RefusalsStep = Step<RefusingSession, Model>

/** What the device refuses; `mayBeThere`: what was to be written may be there nevertheless, after a crash. */
type RefusedCommit = Readonly<{ name: string; refusals: readonly Refusal[]; mayBeThere?: boolean }>

const DIRECTORY = /\/refusals\.rdm$/
const PACK = /\.pack$/
const LOCK = /\/lock\.\d+$/

/** Of rows as short as they come. */
const SHORT: readonly RefusedCommit[] = [
  { name: 'an append is refused', refusals: [{ kind: 'append', path: PACK }] },
  { name: 'an append is refused half-way', refusals: [{ kind: 'append', path: PACK, writtenBytes: 7 }] },
  { name: 'a sync is refused', refusals: [{ kind: 'sync', path: PACK }], mayBeThere: true },
]

/** Of rows that need a new pack. */
const LONG: readonly RefusedCommit[] = [
  {
    name: 'the name of a new pack is not made durable',
    refusals: [{ kind: 'syncDirectory', path: DIRECTORY, behindCreate: true }],
  },
  {
    name: 'the name of a new pack is not made durable, and not taken away',
    refusals: [
      { kind: 'syncDirectory', path: DIRECTORY, behindCreate: true },
      { kind: 'unlink', path: PACK },
    ],
  },
  { name: 'the header of a new pack is refused', refusals: [{ kind: 'append', path: PACK, behindCreate: true }] },
]

/** Opens that the device refuses, by the call on the lock. */
const OPENS: readonly RefusedCommit[] = [
  { name: 'the lock is not written', refusals: [{ kind: 'append', path: LOCK }] },
  {
    name: 'the lock is not written, and not taken away',
    refusals: [
      { kind: 'append', path: LOCK },
      { kind: 'unlink', path: LOCK },
    ],
  },
]

/** Runs what the device refuses, and again without that; `between` is what holds between the two. */
function twice(files: RefusingFiles, refused: readonly Refusal[], attempt: () => void, between: () => void): void {
  files.arm(refused)
  let failure: unknown
  try {
    attempt()
  } catch (error) {
    failure = error
  }
  const met = files.release()
  if (met !== undefined) throw met
  if (failure === undefined) return
  if (!isRefusal(failure)) throw failure
  between()
  attempt()
}

function put(database: Database<typeof schema>, version: number, textBytes: number): void {
  const text = `version ${version}, `.repeat(1 + Math.floor(textBytes / 11))
  database.update((transaction) => {
    if (!transaction.update('page', ROW, { version, text })) transaction.insert('page', { id: ROW, version, text })
  })
}

function versionOf(session: RefusingSession): number {
  const row = session.database.read((reader) => reader.get('page', ROW))
  if (row === undefined) return 0
  if (!row.text.startsWith(`version ${row.version}, `)) throw new Error(`version ${row.version} has another text`)
  return row.version
}

function commit(
  version: number,
  { name, refusals: refused, mayBeThere = false }: RefusedCommit,
  textBytes: number,
): RefusalsStep {
  return step(`version ${version}: ${name}`, {
    run: (session) => {
      const attempt = (): void => {
        try {
          put(session.database, version, textBytes)
        } catch (error) {
          // What a failed sync left in doubt does not check: the remedy is the one that the error names.
          if (!mayBeThere || !(error instanceof EngineError) || error.code !== 'E_REOPEN') throw error
          session.close()
          put(session.open(), version, textBytes)
        }
      }
      twice(session.files, refused, attempt, () => {
        const now = versionOf(session)
        if (now !== version - 1) throw new Error(`a refused commit left version ${now} instead of ${version - 1}`)
        session.world.count('refusedCommit')
      })
      session.committed()
    },
    model: () => version,
    ...(mayBeThere ? { partial: () => [version] } : {}),
  })
}

/** The commit makes durable, too, which locks there are: so a crash has few states to leave them in. */
function reopen(version: number, { name, refusals: refused }: RefusedCommit): RefusalsStep {
  return step(`version ${version} after an open: ${name}`, {
    run: (session) => {
      const { files, world } = session
      session.close()
      twice(
        files,
        refused,
        () => void session.open(),
        () => world.count('refusedOpen'),
      )
      put(session.database, version, 0)
      session.committed()
    },
    model: () => version,
  })
}

/** A close that the device refuses holds nothing after it, and the next open finds what was committed. */
function refusedClose(session: RefusingSession, version: number): void {
  twice(
    session.files,
    [{ kind: 'close', path: PACK }],
    () => session.close(),
    () => session.world.count('refusedClose'),
  )
  const now = versionOf(session)
  // At a second try of the step the version may be there: the close follows a commit whose outcome was not known.
  if (now !== version - 1 && now !== version)
    throw new Error(`after a refused close there is version ${now} instead of ${version - 1}`)
  put(session.database, version, 0)
  session.committed()
}

/** A creation that the device refuses at its end leaves no database; the next one takes away what it left. */
function refusedCreation(session: RefusingSession): void {
  const { world, parameters } = session
  const files = new RefusingFiles(world.fileSystem)
  const root = freshDirectory(world, OTHER)
  const create = (): void =>
    withAllocator(world, 'segregated-fit', (allocator) =>
      openDatabase({
        root,
        name: OTHER,
        schema,
        fileSystem: files,
        allocator,
        random: world.random('other'),
        processes: world.processes,
        mode: 'create',
        pack: packOf(parameters),
      }).close(),
    )
  twice(files, [{ kind: 'rename', path: /\.rdm$/ }], create, () => world.count('refusedCreation'))
  makeDurable(world, root)
}

function steps(parameters: Parameters): readonly RefusalsStep[] {
  const longBytes = numberOf(parameters, 'longBytes')
  const commits = (first: number, refused: readonly RefusedCommit[], textBytes: number): readonly RefusalsStep[] =>
    refused.map((one, i) => commit(first + i, one, textBytes))
  const close = 2 + SHORT.length + OPENS.length
  return [
    commit(1, { name: 'nothing is refused', refusals: [] }, 0),
    ...commits(2, SHORT, 0),
    ...OPENS.map((refused, i) => reopen(2 + SHORT.length + i, refused)),
    step(`version ${close} after a refused close`, {
      run: (session) => refusedClose(session, close),
      model: () => close,
    }),
    step('a creation is refused', { run: refusedCreation, model: (model) => model }),
    ...commits(close + 1, LONG, longBytes),
  ]
}

const PROBE = 1000

const door = engineDoor<typeof schema>(packOf)

export const refusals = scenario<RefusingSession, Model>({
  name: NAME,
  summary:
    'a device refuses one call of a commit, an open, a close, a creation: told, undone, and done at the second try',
  requirements: ['QA-30'],
  parameters: { longBytes: 3800, fanOut: 4, packBytes: 4096, markerBytes: 512 },
  open: (world, parameters) => new RefusingSession(world, parameters),
  steps,
  initial: () => 0,
  read: versionOf,
  probe: step('one more version', {
    run: (session) => {
      put(session.database, PROBE + versionOf(session), 0)
      session.committed()
    },
    model: (version) => PROBE + version,
  }),
  milestones: {
    rollOver: 2,
    refusedCommit: SHORT.length + LONG.length,
    refusedOpen: OPENS.length,
    refusedClose: 1,
    refusedCreation: 1,
  },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...door,
  classify: classifyWithCalls,
  recovery: { ...door.recovery, readOnly: packsOf(NAME) },
})
