// scenarios/lazy-log/scenario.ts: a log whose entries are not synced one by one: a crash may lose a suffix, never a middle.
//
// 1. The model is the list of texts; entry i has the id i and a text that follows from i.
// 2. An entry is one commit, with the durability that the parameter names: lazy (`ordered`) or unsafe (`kill-only`).
// 3. Every `syncEvery` entries a step makes all of them durable.
// 4. How much is durable the store says itself: every commit that is not known durable is one entry.

import { column, defineSchema, type Database, type Durability } from '../../engine/index.ts'
import { scenario, step, times, type Parameters, type Step, type StepDurability } from '../contract.ts'
import { salvageParts } from '../engine-salvage.ts'
import { EngineSession, engineDoor, numberOf, packOf } from '../engine-store.ts'

const schema = defineSchema({
  entry: { columns: { id: column.integer(), text: column.string() }, primaryKey: 'id' },
})

type Model = readonly string[]

const STEP_DURABILITY: Readonly<Record<'lazy' | 'unsafe', StepDurability>> = { lazy: 'ordered', unsafe: 'kill-only' }

class LogSession extends EngineSession<typeof schema> {
  readonly syncEvery: number

  constructor(...[world, options, syncEvery]: [...ConstructorParameters<typeof EngineSession<typeof schema>>, number]) {
    super(world, options)
    this.syncEvery = syncEvery
  }

  /** Adds the entry that comes next. */
  append(durability: Durability): void {
    this.database.update(
      (transaction) => {
        const id = transaction.count('entry')
        transaction.insert('entry', { id, text: textOf(id) })
      },
      { durability },
    )
    this.committed()
  }

  sync(): void {
    this.database.sync()
    this.committed()
  }

  texts(): string[] {
    return readTexts(this.database)
  }

  durableSteps(): number {
    const { commits, durableCommits, rows } = this.statistics()
    const durableEntries = Math.max(0, (rows['entry'] ?? 0) - (commits - durableCommits))
    return durableEntries === 0 ? 0 : durableEntries + Math.floor((durableEntries - 1) / this.syncEvery)
  }
}

function readTexts(database: Database<typeof schema>): string[] {
  return database.read((reader) => {
    const texts: string[] = []
    for (const row of reader.scan('entry')) {
      if (row.id !== texts.length) throw new Error(`entry ${texts.length} is missing before entry ${row.id}`)
      texts.push(row.text)
    }
    return texts
  })
}

/** Entries are of different lengths, so that they end at different places of a sector. */
function textOf(id: number): string {
  return `entry ${id}: ${'abcdefghij'.repeat((id * 3) % 23)}`
}

function withNext(texts: Model): Model {
  return [...texts, textOf(texts.length)]
}

function durabilityOf(parameters: Parameters): 'lazy' | 'unsafe' {
  const value = parameters['durability']
  if (value === 'lazy' || value === 'unsafe') return value
  throw new RangeError(`parameter 'durability' must be 'lazy' or 'unsafe', not '${String(value)}'`)
}

function syncEveryOf(parameters: Parameters): number {
  return Math.max(1, numberOf(parameters, 'syncEvery'))
}

function steps(parameters: Parameters): readonly Step<LogSession, Model>[] {
  const durability = durabilityOf(parameters)
  const syncEvery = syncEveryOf(parameters)
  return times(numberOf(parameters, 'entries'), (i) => i).flatMap((i): Step<LogSession, Model>[] => {
    const append: Step<LogSession, Model> = step(`entry ${i}`, {
      run: (session) => session.append(durability),
      model: withNext,
      durability: STEP_DURABILITY[durability],
    })
    if (i % syncEvery !== syncEvery - 1) return [append]
    return [append, step(`sync after entry ${i}`, { run: (session) => session.sync(), model: (texts) => texts })]
  })
}

export const lazyLog = scenario<LogSession, Model>({
  name: 'lazy-log',
  summary: 'a log that is synced now and then: a crash loses a suffix, never a middle (durability=lazy or unsafe)',
  requirements: ['QA-30', 'DUR-03', 'DUR-05'],
  parameters: {
    entries: 40,
    syncEvery: 8,
    durability: 'lazy',
    fanOut: 4,
    packBytes: 4096,
    markerBytes: 512,
    lazyLimitBytes: 1536,
  },
  swarm: {
    entries: [6, 16, 40],
    syncEvery: [1, 3, 8],
    fanOut: [4, 8, 32],
    packBytes: [4096, 8192, 65_536],
    markerBytes: [512, 1024],
    lazyLimitBytes: [1536, 4096],
  },
  open: (world, parameters) =>
    new LogSession(
      world,
      {
        name: 'log',
        schema,
        fanOut: numberOf(parameters, 'fanOut'),
        pack: packWithLazyLimit(parameters),
      },
      syncEveryOf(parameters),
    ),
  steps,
  initial: () => [],
  read: (session) => session.texts(),
  parts: {
    of: (texts) => Object.fromEntries(texts.map((text, id) => [String(id), text])),
    read: (session, name) => session.database.read((reader) => reader.get('entry', Number(name))?.text),
  },
  salvage: (world) =>
    salvageParts(world, 'log', schema, (reader) =>
      Array.from(reader.scan('entry'), ({ id, text }) => ({ name: String(id), value: text, primaryKey: id })),
    ),
  durableSteps: (session) => session.durableSteps(),
  probe: step('one more entry', { run: (session) => session.append('sync'), model: withNext }),
  milestones: { rollOver: 1, marker: 5 },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...engineDoor(packWithLazyLimit),
})

function packWithLazyLimit(parameters: Parameters): ReturnType<typeof packOf> {
  return { ...packOf(parameters), lazyLimitBytes: numberOf(parameters, 'lazyLimitBytes') }
}
