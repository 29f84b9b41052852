// scenarios/group/scenario.ts: commits that run at the same time, on tables of their own and on shared ones, and that share
// their syncs.
//
// 1. Each round is a step: one transaction for every list, all begun together, and one more that appends to one list and
//    reads the next, and so has to wait for two of them. The step is acknowledged when all of them are.
// 2. Every value is appended to a list once. A transaction that finds its value does nothing: so a round can be repeated
//    from whatever part of it is there.
// 3. The order of the two values that a round appends to the same list is the schedule's: the model holds lists sorted.
// 4. A part of a round is any set of its transactions: after a crash in it, or after it threw, each may be there or not.
// 5. Between two calls of a transaction the others have their turn; what goes wrong in one turn is that transaction's alone.

import { EngineError, column, defineSchema, type ConcurrentTransaction } from '../../engine/index.ts'
import { scenario, step, times, type ListOperation, type Parameters, type Step, type World } from '../contract.ts'
import { EngineSession, engineDoor, numberOf, packOf } from '../engine-store.ts'

const LISTS = ['north', 'east', 'south', 'west'] as const
type List = (typeof LISTS)[number]

const list = {
  columns: { id: column.integer(), value: column.integer(), note: column.string() },
  primaryKey: 'id',
} as const
const schema = defineSchema({ north: list, east: list, south: list, west: list })

type Session = EngineSession<typeof schema>
type Transaction = ConcurrentTransaction<typeof schema>
/** The values of each list, ascending. */
type Model = Readonly<Record<List, readonly number[]>>

/** One transaction of a round: appends a value to a list, and may read another list before. */
type Append = Readonly<{
  client: string
  list: List
  value: number
  reads: List | undefined
  /** Turns before its commit: so that some commits are written while others' sync is in flight. */
  delayTurns: number
}>

const EMPTY: Model = { north: [], east: [], south: [], west: [] }
/** What the step throws if several of its transactions failed: what failed first, before what failed with it. */
const TELLING = ['E_NO_MEMORY', 'E_IO', 'E_OUTCOME_UNKNOWN'] as const

function listAt(index: number): List {
  return LISTS[index % LISTS.length] ?? 'north'
}

/** The transactions of a round; no two append the same value. */
function appendsOf(round: number, lists: number): readonly Append[] {
  const first = round * (LISTS.length + 1)
  const own = times(lists, (i): Append => ({
    client: listAt(i),
    list: listAt(i),
    value: first + i,
    reads: undefined,
    delayTurns: i,
  }))
  const at = round % lists
  const reads = lists > 1 ? listAt((at + 1) % lists) : undefined
  return [...own, { client: 'rover', list: listAt(at), value: first + lists, reads, delayTurns: 0 }]
}

function withAppends(model: Model, appends: readonly Append[]): Model {
  const changed: Record<List, readonly number[]> = { ...model }
  for (const { list: name, value } of appends)
    if (!changed[name].includes(value)) changed[name] = [...changed[name], value].toSorted((a, b) => a - b)
  return changed
}

/** What every set of the appends leads to, none and all of them left out. */
function partsOf(model: Model, appends: readonly Append[]): readonly Model[] {
  return times(2 ** appends.length - 2, (index) =>
    withAppends(
      model,
      appends.filter((_, bit) => (((index + 1) >> bit) & 1) === 1),
    ),
  )
}

/** Texts of different lengths, so that commits end at different places of a sector. */
function noteOf(value: number): string {
  return 'abcdefg'.repeat((value * 5) % 11)
}

function turn({ world }: Session): Promise<void> {
  return new Promise((resolve) => world.scheduler.soon(resolve))
}

/** Calls again what a shared sync was in the way of, after it. */
async function patiently<R>(session: Session, call: () => R): Promise<R> {
  for (;;) {
    try {
      return call()
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'E_BUSY') throw error
      session.world.count('busy')
      await session.database.whenIdle()
    }
  }
}

function valuesOf(transaction: Transaction, name: List): number[] {
  return [...transaction.scan(name)].map(({ value }) => value)
}

/** Worlds that were told what their store held before their first transaction: values that no transaction of theirs appends. */
const told = new WeakSet<World>()

function tellWhatWasThere(session: Session): void {
  if (told.has(session.world)) return
  const operations = session.database.read((reader) =>
    LISTS.flatMap((name) =>
      [...reader.scan(name)].map(({ value }): ListOperation => ({ kind: 'append', list: name, value })),
    ),
  )
  told.add(session.world)
  session.world.beginTransaction('before').committed(operations)
}

async function runAppend(session: Session, append: Append): Promise<void> {
  const { list: name, value, reads, client } = append
  await turn(session)
  const note = session.world.beginTransaction(client)
  const operations: ListOperation[] = []
  let transaction: Transaction | undefined
  try {
    transaction = await session.database.beginLater({
      tables: [name],
      ...(reads === undefined ? {} : { reads: [reads] }),
    })
    const begun = transaction
    await turn(session)
    if (reads !== undefined) operations.push({ kind: 'read', list: reads, values: valuesOf(begun, reads) })
    const values = valuesOf(begun, name)
    operations.push({ kind: 'read', list: name, values })
    if (!values.includes(value)) {
      await turn(session)
      await patiently(session, () => begun.insert(name, { id: values.length, value, note: noteOf(Math.abs(value)) }))
      operations.push({ kind: 'append', list: name, value })
    }
    for (let i = 0; i <= append.delayTurns; i += 1) await turn(session)
    await begun.commit()
    note.committed(operations)
  } catch (error) {
    transaction?.abort()
    // Its value is appended again when the round is repeated, by a transaction that is not this one.
    note.aborted(operations.filter(({ kind }) => kind === 'read'))
    throw error
  }
}

async function runRound(session: Session, appends: readonly Append[]): Promise<void> {
  tellWhatWasThere(session)
  const { syncs } = session.statistics()
  const outcomes = await Promise.allSettled(appends.map((append) => runAppend(session, append)))
  const failures = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []))
  if (failures.length > 0) throw tellingOf(failures)
  session.committed()
  if (session.statistics().syncs - syncs < appends.length) session.world.count('sharedSync')
}

function tellingOf(failures: readonly unknown[]): unknown {
  for (const code of TELLING) {
    const found = failures.find((error) => error instanceof EngineError && error.code === code)
    if (found !== undefined) return found
  }
  return failures[0]
}

function listsOf(parameters: Parameters): number {
  const lists = numberOf(parameters, 'lists')
  if (lists >= 1 && lists <= LISTS.length) return lists
  throw new RangeError(`parameter 'lists' must be 1 to ${LISTS.length}, not ${lists}`)
}

function steps(parameters: Parameters): readonly Step<Session, Model>[] {
  const lists = listsOf(parameters)
  return times(numberOf(parameters, 'rounds'), (round) => {
    const appends = appendsOf(round, lists)
    return step<Session, Model>(`round ${round}`, {
      run: (session) => runRound(session, appends),
      model: (model) => withAppends(model, appends),
      partial: (model) => partsOf(model, appends),
    })
  })
}

/** Its value stands before all others, and is another one each time. */
const PROBE: Omit<Append, 'value'> = { client: 'probe', list: 'north', reads: undefined, delayTurns: 0 }

function probeOf(model: Model): Append {
  return { ...PROBE, value: -1 - model.north.filter((value) => value < 0).length }
}

function read(session: Session): Model {
  return session.database.read((reader) => {
    const model: Record<List, readonly number[]> = { ...EMPTY }
    for (const name of LISTS) {
      const values: number[] = []
      for (const { id, value, note } of reader.scan(name)) {
        if (id !== values.length) throw new Error(`row ${values.length} of ${name} is missing`)
        if (note !== noteOf(Math.abs(value))) throw new Error(`row ${id} of ${name} holds another row's note`)
        values.push(value)
      }
      model[name] = values.toSorted((a, b) => a - b)
    }
    return model
  })
}

export const group = scenario<Session, Model>({
  name: 'group',
  summary: 'commits that run at the same time, wait for each other where they have to, and share their syncs',
  requirements: ['QA-30', 'GRP-01', 'GRP-02'],
  parameters: { rounds: 5, lists: 3, fanOut: 4, packBytes: 4096, markerBytes: 512 },
  swarm: {
    rounds: [2, 5, 10],
    lists: [1, 2, 3, 4],
    fanOut: [4, 8, 32],
    packBytes: [4096, 8192, 65_536],
    markerBytes: [512, 1024, 4096],
  },
  open: (world, parameters) =>
    new EngineSession(world, {
      name: 'group',
      schema,
      durability: 'group',
      fanOut: numberOf(parameters, 'fanOut'),
      pack: packOf(parameters),
    }),
  steps,
  initial: () => EMPTY,
  read,
  probe: step('one more commit', {
    run: async (session) => {
      tellWhatWasThere(session)
      await runAppend(session, probeOf(read(session)))
      session.committed()
    },
    model: (model) => withAppends(model, [probeOf(model)]),
  }),
  milestones: { rollOver: 1, marker: 5, sharedSync: 3 },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...engineDoor(packOf),
})
