// scenarios/packages/nedb.ts: the package @seald-io/nedb (MIT, npm), unmodified: inserts, updates, removals, a compaction.
//
// 1. Changes are appended to the data file, a line each, and not synced; a compaction writes the file anew, with syncs.
// 2. A line that cannot be read is passed over while not more than a tenth of all are (`corruptAlertThreshold`).
// 3. Its data file is read through a stream without a handler for errors: EIO from its open, a read or its close ends the
//    process. EIO from a sync or a close while the file is written anew is told as another error ("reading 'code'" of
//    undefined). Neither is promised otherwise; both are found by `run nedb --faults io`.

import { scenario, step, times, type Scenario, type Step } from '../contract.ts'
import { numberOf } from '../engine-store.ts'
import { packageOf } from './node-modules.ts'

type Entry = { _id: string; value: number; text: string }
type Datastore = Readonly<{
  loadDatabaseAsync(): Promise<void>
  updateAsync(query: object, change: object, options: Readonly<{ upsert?: boolean }>): Promise<unknown>
  compactDatafileAsync(): Promise<void>
  findAsync(query: object): Promise<readonly Entry[]>
}>
type Nedb = new (options: Readonly<{ filename: string }>) => Datastore
type Store = Readonly<{ database: Datastore }>
/** Entries by id: their value. */
type Model = Readonly<Record<string, number>>
type NedbStep = Step<Store, Model>

const README = 'https://github.com/seald/nedb/blob/v4.1.2/README.md'

function entryOf(index: number): Entry {
  return { _id: `e${index}`, value: index, text: `text of ${index} `.padEnd(200, '.') }
}

function insert(index: number): NedbStep {
  const entry = entryOf(index)
  const { _id: id, value } = entry
  return step(`insert ${index}`, {
    // An upsert, so that a step which failed half way can be made again.
    run: async ({ database }) => void (await database.updateAsync({ _id: id }, entry, { upsert: true })),
    model: (model) => ({ ...model, [id]: value }),
    durability: 'ordered',
  })
}

function change(index: number): NedbStep {
  const { _id } = entryOf(index)
  return step(`change ${index}`, {
    run: async ({ database }) => void (await database.updateAsync({ _id }, { $set: { value: index + 1000 } }, {})),
    model: (model) => ({ ...model, [_id]: index + 1000 }),
    durability: 'ordered',
  })
}

const compact: NedbStep = step('compact', {
  run: ({ database }) => database.compactDatafileAsync(),
  model: (model) => model,
  durability: 'ordered',
})

export const nedbScenario: Scenario<Store, Model> = scenario({
  name: 'nedb',
  summary: 'the npm package @seald-io/nedb inserts, changes and compacts',
  requirements: ['SCN-02'],
  parameters: { entries: 3 },
  models: ['ext4-ordered', 'posix-minimal', 'process-kill'],
  usesNodeFs: true,
  open: async (world) => {
    const Nedb = packageOf<Nedb>(world, '@seald-io/nedb')
    const database = new Nedb({ filename: `${world.directory}/data.db` })
    await database.loadDatabaseAsync()
    return { database }
  },
  steps: (parameters) => {
    const count = numberOf(parameters, 'entries')
    return [...times(count, insert), change(0), compact, insert(count)]
  },
  initial: () => ({}),
  read: async ({ database }) => {
    const all = await database.findAsync({})
    return Object.fromEntries(
      all.map(({ _id, value }) => [_id, value] as const).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    )
  },
  close: () => {},
  promises: [
    {
      name: 'persistence',
      text: 'the data file is append-only, and is only ever replaced in a way that a crash does not lose it',
      source: `${README}#persistence, and lib/storage.js: "immune to crashes during the write operation (data will not be lost)"`,
      oracles: ['recovery-opens', 'recovered-state', 'recovery-commits'],
      parameters: {},
      expected: [
        {
          model: 'process-kill',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'A process that dies within a write leaves a part of a line, which is passed over while not more than a tenth ' +
            'of the lines are unreadable: a small database is refused, and does not open. Between writes nothing is lost.',
        },
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'Appends are not synced: a sector in the middle of several may be missing while later ones are there.',
        },
        {
          model: 'posix-minimal',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'Appends are not synced: acknowledged entries in the middle are lost, or so much of a small file that it is ' +
            'refused as corrupt and the store does not open.',
        },
      ],
    },
  ],
})
