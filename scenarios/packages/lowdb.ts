// scenarios/packages/lowdb.ts: the package lowdb (MIT, npm) with its JSON file adapter, unmodified.
//
// 1. Each step pushes one entry, and `update` writes the whole file: to another name, then renamed. Nothing is synced.
// 2. Reading back opens the file anew, so that it is the file that is judged and not what the process remembers.

import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { scenario, step, times, type Scenario } from '../contract.ts'
import { numberOf } from '../engine-store.ts'

type Data = Readonly<{ entries: string[] }>
type Store = Readonly<{ path: string; database: Low<Data> }>
type Model = readonly string[]

const README = 'https://github.com/typicode/lowdb/blob/v7.0.1/README.md'

async function openLow(path: string): Promise<Low<Data>> {
  const database = new Low<Data>(new JSONFile<Data>(path), { entries: [] })
  await database.read()
  return database
}

function entryOf(index: number, bytes: number): string {
  return `entry ${index} `.padEnd(bytes, String(index % 10))
}

export const lowdbScenario: Scenario<Store, Model> = scenario({
  name: 'lowdb',
  summary: 'the npm package lowdb keeps a list in a JSON file',
  requirements: ['SCN-02'],
  parameters: { entries: 4, bytes: 500 },
  models: ['ext4-ordered', 'posix-minimal', 'process-kill'],
  usesNodeFs: true,
  open: async (world) => {
    const path = `${world.directory}/db.json`
    return { path, database: await openLow(path) }
  },
  steps: (parameters) =>
    times(numberOf(parameters, 'entries'), (index) => {
      const entry = entryOf(index, numberOf(parameters, 'bytes'))
      return step<Store, Model>(`add entry ${index}`, {
        run: async ({ database }) => {
          // A step that failed is tried again: what it changed in memory must not be there twice.
          await database.read()
          await database.update(({ entries }) => {
            entries.splice(0, entries.length, ...entries.filter((known) => known !== entry), entry)
          })
        },
        model: (entries) => [...entries, entry],
        durability: 'ordered',
      })
    }),
  initial: () => [],
  read: async ({ path }) => (await openLow(path)).data.entries,
  close: () => {},
  promises: [
    {
      name: 'safe atomic writes',
      text: 'writes are safe and atomic: a file is never left half written',
      source: `${README}#features ("Safe atomic writes"), by steno: "No partial writes (writes are atomic)"`,
      oracles: ['recovery-opens', 'recovered-state', 'recovery-commits'],
      parameters: {},
      expected: [
        {
          model: 'process-kill',
          families: ['crash'],
          outcome: 'kept',
          reading: 'The file is complete before it is renamed, and a killed process takes nothing from the page cache.',
        },
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'The file is not synced before the rename: after a power loss the name may lead to an empty file, which is ' +
            'refused as JSON, so the store does not open. (The mount option auto_da_alloc of ext4, which this model does not ' +
            'have, flushes the data at a rename over an existing file.)',
        },
        {
          model: 'posix-minimal',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'As above; where sectors come back as zeroes or old bytes, the store does not open: JSON is refused.',
        },
      ],
    },
  ],
})
