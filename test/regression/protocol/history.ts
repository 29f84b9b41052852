// test/regression/protocol/history.ts: short histories of commits, kills, failed syncs and losses of power.

import { column, decodeClaims, defineSchema, type Database, type Durability } from '../../../engine/index.ts'
import { FailingFileSystem, type FileSystemCallInfo } from '../../../faults/index.ts'
import { Machine, errorOf, powerLossStates, type MachineOptions } from '../../engine/machine.ts'

const schema = defineSchema({
  note: { columns: { id: column.integer(), body: column.binary().nullable() }, primaryKey: 'id' },
})

export type Notes = Database<typeof schema>
export type NotesOptions = Omit<MachineOptions<typeof schema>, 'schema'>

export const INTERVAL = 512
export const SMALL: NotesOptions = { pack: { packBytesMax: 4096, markerIntervalBytes: INTERVAL }, fanOut: 4 }

export function open(machine: Machine, options: NotesOptions = SMALL): Notes {
  return machine.open({ ...options, schema })
}

export function add(database: Notes, id: number, durability: Durability = 'sync', bodyBytes = 0): void {
  const body = bodyBytes === 0 ? null : new Uint8Array(bodyBytes).fill(id)
  database.update((transaction) => transaction.insert('note', { id, body }), { durability })
}

export function ids(database: Notes): number[] {
  return database.read((reader) => [...reader.scan('note')].map(({ id }) => id))
}

class Stopped extends Error {}

/** Opens with the file system stopping for good before call `calls` (from 0), and works; says whether it came to that. */
export function stopAfter(
  machine: Machine,
  calls: number,
  work: (database: Notes) => void,
  options: NotesOptions = SMALL,
  onCall?: (call: FileSystemCallInfo) => void,
): boolean {
  let left = calls
  const fileSystem = new FailingFileSystem(machine.fileSystem, {
    root: '/',
    onCall: (call) => {
      if (left <= 0) {
        left = -1
        throw new Stopped()
      }
      left -= 1
      onCall?.(call)
    },
  })
  const error = errorOf(() => work(machine.open({ ...options, schema, fileSystem })))
  if (error !== undefined && left >= 0) throw error
  return left < 0
}

/** Opens over a file system whose next sync of a pack fails, and drops the pages, each time it is told to. */
export function openFailing(
  machine: Machine,
  options: NotesOptions = SMALL,
): Readonly<{
  database: Notes
  failNextSync: () => void
  /** The same, and reads see from then on what is durable. */
  evictAtNextSync: () => void
  delivered: () => number
}> {
  let isArmed = false
  let evicts = false
  const fileSystem = new FailingFileSystem(machine.fileSystem, {
    root: '/',
    sink: machine.disk.sink,
    decide: ({ kind, path }) => {
      if (!isArmed || kind !== 'sync' || !path.endsWith('.pack')) return undefined
      isArmed = false
      if (evicts) {
        machine.disk.sink.failWriteBack(`/${path}`, 'pages-evicted')
        return undefined // the sync itself hears of it
      }
      return { kind: 'error', code: 'EIO', variant: 'pages-dropped' }
    },
  })
  const database = machine.open({ ...options, schema, fileSystem })
  const failNextSync = (): void => {
    isArmed = true
  }
  const evictAtNextSync = (): void => {
    evicts = true
    isArmed = true
  }
  return { database, failNextSync, evictAtNextSync, delivered: () => fileSystem.delivered }
}

/** What each state that a loss of power may leave holds; a state that does not open or verify throws. */
export function* afterPowerLoss(
  machine: Machine,
  options: NotesOptions = SMALL,
  statesMax = 400,
): Generator<Readonly<{ state: string; found: readonly number[] }>> {
  for (const state of powerLossStates(machine.image(), statesMax)) {
    const after = new Machine(state.make())
    const database = open(after, options)
    const found = ids(database)
    const problems = database.verify()
    if (problems.length > 0) throw new Error(`${state.describe()}: ${JSON.stringify(problems)}`)
    database.close()
    yield { state: state.describe(), found }
  }
}

/** Opens over a file system that compares every durable position that written bytes name with what is durable. */
export function openAudited(
  machine: Machine,
  options: NotesOptions = SMALL,
): Readonly<{ database: Notes; claims: () => number; wrong: readonly string[] }> {
  let claims = 0
  const wrong: string[] = []
  const writers = new Map<string, number>()
  let isSyncing = false
  const fileSystem = new FailingFileSystem(machine.fileSystem, {
    root: '/',
    onCall: ({ kind, path, argument }) => {
      if (isSyncing) wrong.push(`${kind} of ${path} while a sync is under way`)
      if (!path.endsWith('.pack')) return
      if (kind === 'sync') {
        isSyncing = true
        if (argument === 'later') wrong.push(`a sync of ${path} that ends later`)
      }
      if (kind === 'create' || (kind === 'open' && argument === 'append')) {
        writers.set(path, (writers.get(path) ?? 0) + 1)
        if ((writers.get(path) ?? 0) > 1) wrong.push(`a second handle writes ${path}`)
      }
    },
    onEvent: ({ kind, path, offsetBytes }, _result, bytes) => {
      if (kind === 'sync') isSyncing = false
      if (kind !== 'append' || bytes === undefined || !path.endsWith('.pack')) return
      for (const claim of decodeClaims(`/${path}`, bytes, offsetBytes ?? 0, INTERVAL)) {
        claims += 1
        if (!machine.disk.isDurable(claim.path, claim.endBytes))
          wrong.push(`/${path} at ${offsetBytes ?? 0} claims ${claim.endBytes} bytes of ${claim.path}`)
      }
    },
  })
  return { database: machine.open({ ...options, schema, fileSystem }), claims: () => claims, wrong }
}
