// harness/selftest/known/wrong-scenarios.ts: stores with one known defect each, that only an order, a time or damage shows.

import { scenario, step, times, type Scenario, type World } from '../../../scenarios/index.ts'

type Racing = { readonly world: World; values: readonly number[] }
const CLIENTS = [1, 2, 3]

/** Clients read a list, wait, and write it: an update is lost unless the first is done before the next begins. */
export function racingScenario(): Scenario<Racing, readonly number[]> {
  return scenario<Racing, readonly number[]>({
    name: 'racing',
    summary: 'three clients append to one list, each a little later than the one before',
    parameters: {},
    open: (world) => ({ world, values: numbersIn(world) }),
    steps: () => [
      step('append', {
        run: async (store) => {
          await Promise.all(CLIENTS.map((client) => appendLater(store, client)))
        },
        model: () => CLIENTS,
      }),
    ],
    initial: () => [],
    read: ({ world }) => numbersIn(world),
    close: () => {},
  })
}

async function appendLater(store: Racing, client: number): Promise<void> {
  const { world } = store
  for (let waits = 0; waits < client; waits += 1) await later(world)
  const note = world.beginTransaction(`client ${client}`)
  const { values } = store
  await later(world)
  store.values = [...values, client]
  addFile(world, String(client))
  note.committed([
    { kind: 'read', list: 'values', values },
    { kind: 'append', list: 'values', value: client },
  ])
}

/** Entries named by the time: a clock that goes back makes a name that is taken. */
export function timedNamesScenario(): Scenario<World, readonly string[]> {
  return scenario<World, readonly string[]>({
    name: 'timed-names',
    summary: 'a file for each entry, named by the time',
    parameters: {},
    open: (world) => world,
    steps: () =>
      times(2, (index) =>
        step(`entry ${index}`, {
          run: async (world) => {
            await new Promise<void>((resolve) => void world.scheduler.after(1, resolve))
            addFile(world, String(world.clock.nowMs()))
          },
          model: (entries) => [...entries, 'entry'],
        }),
      ),
    initial: () => [],
    read: ({ fileSystem, directory }) => fileSystem.list(directory).map(() => 'entry'),
    close: () => {},
  })
}

/** Notes that are believed as they are read. */
export function believingScenario(): Scenario<World, Readonly<Record<string, string>>> {
  return scenario<World, Readonly<Record<string, string>>>({
    name: 'believing',
    summary: 'notes in files of their own, without a sum',
    parameters: {},
    open: (world) => world,
    steps: () =>
      times(2, (index) =>
        step(`note ${index}`, {
          run: (world) => addFile(world, `note-${index}`, `text ${index}`),
          model: (all) => ({ ...all, [`note-${index}`]: `text ${index}` }),
        }),
      ),
    initial: () => ({}),
    read: (world) =>
      Object.fromEntries(world.fileSystem.list(world.directory).map((name) => [name, textIn(world, name)])),
    close: () => {},
  })
}

function later(world: World): Promise<void> {
  return new Promise((resolve) => world.scheduler.soon(resolve))
}

function numbersIn({ fileSystem, directory }: World): readonly number[] {
  return fileSystem
    .list(directory)
    .map(Number)
    .toSorted((left, right) => left - right)
}

function addFile({ fileSystem, directory }: World, name: string, text = ''): void {
  const file = fileSystem.create(`${directory}/${name}`)
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > 0) file.append(bytes, 0, bytes.length)
  file.sync()
  file.close()
  fileSystem.syncDirectory(directory)
}

function textIn({ fileSystem, directory }: World, name: string): string {
  const file = fileSystem.open(`${directory}/${name}`, 'read')
  const bytes = new Uint8Array(file.sizeBytes())
  file.read(bytes, 0, bytes.length, 0)
  file.close()
  return new TextDecoder().decode(bytes)
}
