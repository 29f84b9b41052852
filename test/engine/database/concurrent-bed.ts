// test/engine/database/concurrent-bed.ts: a database whose syncs end, and whose waiting tasks run, when the test says so.

import { column, defineSchema, type ConcurrentTransaction, type Database } from '../../../engine/index.ts'
import { FailingFileSystem, SimulatedScheduler, type FileSystemCallInfo } from '../../../faults/index.ts'
import { Machine, type MachineOptions } from '../machine.ts'

const table = { columns: { id: column.integer(), value: column.integer() }, primaryKey: 'id' } as const
export const schema = defineSchema({ a: table, b: table, c: table })
export type Tables = typeof schema
export type Name = keyof Tables & string
export const NAMES: readonly Name[] = ['a', 'b', 'c']

/** What a promise came to so far: undefined while it waits, 'done', or the code of its error. */
export type Outcome = { what: string | undefined; error?: unknown }

export function outcomeOf(promise: Promise<unknown>): Outcome {
  const outcome: Outcome = { what: undefined }
  promise.then(
    () => {
      outcome.what = 'done'
    },
    (error: unknown) => {
      outcome.error = error
      outcome.what = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    },
  )
  return outcome
}

/** Lets everything run that waits for promises alone. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await undefined
}

export class Bed {
  readonly machine: Machine
  readonly scheduler: SimulatedScheduler
  readonly files: FailingFileSystem
  readonly calls: FileSystemCallInfo[] = []
  database: Database<Tables>
  /** The next append fails. */
  failNextAppend = false

  constructor(
    options: Partial<Omit<MachineOptions<Tables>, 'schema' | 'fileSystem'>> = {},
    choose?: (count: number) => number,
  ) {
    this.machine = new Machine()
    this.scheduler = new SimulatedScheduler(undefined, choose)
    this.files = new FailingFileSystem(this.machine.fileSystem, {
      root: '/',
      sink: this.machine.disk.sink,
      onCall: (call) => void this.calls.push(call),
      decide: (call) => {
        if (call.kind === 'append' && this.failNextAppend && call.path.endsWith('.pack')) {
          this.failNextAppend = false
          return { kind: 'error', code: 'EIO' }
        }
        return undefined
      },
    })
    this.database = this.machine.open({
      durability: 'group',
      ...options,
      schema,
      scheduler: this.scheduler,
      fileSystem: this.files,
    })
  }

  get syncsIssued(): number {
    return this.calls.filter(({ kind, argument }) => kind === 'sync' && argument === 'later').length
  }

  /** Syncs of packs, issued or made on the spot. */
  get syncs(): number {
    return this.calls.filter(({ kind }) => kind === 'sync').length
  }

  begin(name: Name, timeoutMs?: number): Promise<ConcurrentTransaction<Tables>> {
    return this.database.beginLater({ tables: [name], ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  }

  /** Begins a transaction, adds a row and calls its commit; the outcome may come later. */
  async put(name: Name, id: number): Promise<Outcome> {
    const transaction = await this.begin(name)
    transaction.insert(name, { id, value: id })
    return outcomeOf(transaction.commit())
  }

  ids(name: Name): number[] {
    return this.database.read((reader) => [...reader.scan(name)].map(({ id }) => id))
  }

  /** Runs one task of the scheduler, and what follows from it. */
  async task(): Promise<boolean> {
    const ran = this.scheduler.runNext()
    await settled()
    return ran
  }

  /** Ends the oldest sync in flight. */
  async endSync(): Promise<boolean> {
    const ended = this.machine.disk.completeSyncs(1) === 1
    await settled()
    return ended
  }

  /** Runs everything there is to run. */
  async run(): Promise<void> {
    await settled()
    while ((await this.task()) || (await this.endSync())) continue
  }
}
