import { describe, expect, it } from 'vitest'
import { FailingFileSystem, crashStates, type DiskImage } from '../../../faults/index.ts'
import { Bed, schema as tables } from '../../engine/database/concurrent-bed.ts'
import { Machine, deviceFor, errorOf } from '../../engine/machine.ts'
import { add, ids, open, type Notes, type NotesOptions } from './history.ts'

// Acknowledged: a commit whose mark ends in the middle of a sector | the next commit begins in that sector; the power goes
// while the device writes it again: the sector is lost, and both commits with it. With `commitAlignBytes` whatever a sync
// makes durable ends on a border. Without any one of the calls of `pad` in engine/pack/commit-log.ts one of these fails, or
// one of test/engine/pack/sector-border.test.ts.

type Align = 0 | 512 | 4096
type Seen = Readonly<{ image: DiskImage; kept: readonly number[]; what: string }>

const FRAGILE = deviceFor(512)
const STATES_MAX = 16
/** Where what was appended since the last sync is at stake, all of it. */
const LOOKED_AT: ReadonlySet<string> = new Set(['sync', 'create'])

function optionsOf(align: Align): NotesOptions {
  return {
    fanOut: 4,
    writeBufferBytes: 512,
    cacheBytes: 0,
    pack: { packBytesMax: align === 4096 ? 32_768 : 8192, markerIntervalBytes: 1024, commitAlignBytes: align },
  }
}

function abort(database: Notes, bodyBytes: number): void {
  const transaction = database.begin()
  transaction.insert('note', { id: 1_000_000, body: new Uint8Array(bodyBytes) })
  transaction.abort()
}

/** Runs a history, and takes an image before every call that touches a pack, with what is durable by then. */
class History {
  readonly machine = new Machine()
  readonly seen: Seen[] = []
  readonly options: NotesOptions
  database: Notes
  /** Calls that make a pack fail. */
  failsToCreate = false
  #next = 1
  #kept: number[] = []
  readonly #added: { id: number; commit: number }[] = []

  constructor(align: Align) {
    this.options = optionsOf(align)
    this.database = this.#open()
  }

  #open(): Notes {
    const fileSystem = new FailingFileSystem(this.machine.fileSystem, {
      root: '/',
      decide: ({ kind, path }) => {
        if (path.endsWith('.pack') && LOOKED_AT.has(kind)) this.look(`${kind} ${path}`)
        const fails = kind === 'create' && path.endsWith('.pack') && this.failsToCreate
        return fails ? { kind: 'error', code: 'ENOSPC' } : undefined
      },
    })
    return open(this.machine, { ...this.options, fileSystem })
  }

  look(what: string): void {
    this.seen.push({ image: this.machine.image(), kept: [...this.#kept], what })
  }

  add(durability: 'sync' | 'lazy' | 'unsafe' = 'sync', bodyBytes = 0): void {
    const id = this.#next
    this.#next += 1
    const error = errorOf(() => add(this.database, id, durability, bodyBytes))
    if (error === undefined) this.#added.push({ id, commit: this.database.statistics().commits })
    else expect(error).toMatchObject({ code: this.failsToCreate ? 'E_IO' : 'none' })
    this.#noteDurable()
  }

  /** What the engine calls durable, also where a sync of its own made it so. */
  #noteDurable(): void {
    const { durableCommits } = this.database.statistics()
    this.#kept = this.#added.flatMap(({ id, commit }) => (commit <= durableCommits ? [id] : []))
  }

  sync(): void {
    this.database.sync()
    this.#noteDurable()
  }

  reopen(): void {
    this.database.close()
    this.#kept = this.#added.map(({ id }) => id)
    this.look('closed')
    this.database = this.#open()
  }
}

const HISTORIES: Readonly<Record<string, (history: History) => void>> = {
  'synced commits of every size, over several packs': (history) => {
    for (let bytes = 0; bytes < 1200; bytes += 97) history.add('sync', bytes)
  },
  'a commit that is larger than what may be un-synced': (history) => {
    history.add('sync')
    history.add('sync', 20_000)
    history.add('sync')
  },
  'lazy commits, made durable at once': (history) => {
    for (let turn = 0; turn < 3; turn += 1) {
      for (let count = 0; count <= turn; count += 1) history.add('lazy', 40)
      history.sync()
      history.add('lazy')
    }
  },
  'lazy commits before a synced one': (history) => {
    for (let turn = 0; turn < 4; turn += 1) {
      history.add('lazy', turn * 90)
      history.add('sync', turn * 60)
      history.add('lazy')
    }
  },
  'unsafe commits before a synced one': (history) => {
    for (let turn = 0; turn < 3; turn += 1) {
      history.add('sync')
      history.add('unsafe', 30)
      history.add('sync', 30)
    }
  },
  'closed and opened again, with lazy commits and what a transaction left': (history) => {
    for (const left of ['nothing', 'lazy', 'aborted', 'both']) {
      history.add('sync', 20)
      if (left === 'lazy' || left === 'both') history.add('lazy', 20)
      if (left === 'aborted' || left === 'both') abort(history.database, 1500)
      history.reopen()
      history.add('sync', 20)
    }
  },
  'no pack can be begun for a while': (history) => {
    for (let turn = 0; turn < 4; turn += 1) {
      history.add('lazy', turn * 30)
      history.failsToCreate = true
      for (let again = 0; again < 3; again += 1) history.add('sync', 1850)
      history.failsToCreate = false
      if (turn % 2 === 1) history.add('sync', 1850)
    }
  },
}

function check(seen: readonly Seen[], options: NotesOptions, sectorBytes: 512 | 4096): string[] {
  const lost: string[] = []
  for (const { image, kept, what } of seen)
    for (const state of crashStates(image, FRAGILE, { sectorBytes, seed: 1, statesMax: STATES_MAX })) {
      const error = errorOf(() => {
        const database = open(new Machine(state.make()), options)
        const found = ids(database)
        const problems = database.verify()
        database.close()
        if (!kept.every((id) => found.includes(id))) throw new Error(`lost one of ${kept.join()}: ${found.join()}`)
        if (problems.length > 0) throw new Error(JSON.stringify(problems[0]))
      })
      if (error instanceof Error) lost.push(`${what}: ${error.message}`)
    }
  return lost
}

describe('a device that may lose a sector while it is written again', { tags: ['PRT-17', 'REC-07'] }, () => {
  for (const [name, run] of Object.entries(HISTORIES))
    for (const align of [512, 4096] as const)
      it(`takes nothing durable, and leaves no damage, from ${name}, with sectors of ${align} bytes`, () => {
        const history = new History(align)
        run(history)
        history.look('the end')
        expect(history.seen.length).toBeGreaterThan(5)
        expect(check(history.seen, history.options, align)).toEqual([])
      })

  it('finds a database that was closed clean, whatever lay behind the newest commit', () => {
    for (const align of [512, 4096] as const) {
      const options = { ...optionsOf(align), pack: { ...optionsOf(align).pack, packBytesMax: 1 << 20 } }
      const machine = new Machine()
      for (const [at, left] of ['nothing', 'lazy', 'aborted', 'both', 'nothing'].entries()) {
        const database = open(machine, options)
        expect({ align, at, isClean: database.statistics().openedClean }).toEqual({ align, at, isClean: true })
        add(database, 2 * at)
        if (left === 'lazy' || left === 'both') add(database, 2 * at + 1, 'lazy')
        if (left === 'aborted' || left === 'both') abort(database, 1500)
        database.close()
      }
      expect(machine.verify().problems).toEqual([])
    }
  })

  it('takes acknowledged commits that are not aligned: the check can fail', () => {
    const history = new History(0)
    for (let bytes = 0; bytes < 300; bytes += 53) history.add('sync', bytes)
    expect(check(history.seen, history.options, 512).length).toBeGreaterThan(0)
  })

  for (const align of [512, 4096] as const)
    it(`takes nothing from commits that share syncs, with sectors of ${align} bytes`, async () => {
      const packBytesMax = align === 4096 ? 65_536 : 16_384
      const bed = new Bed({ writeBufferBytes: 512, pack: { commitAlignBytes: align, packBytesMax } })
      const done: number[] = []
      const images: { image: DiskImage; kept: readonly number[] }[] = []
      let id = 0
      for (let turn = 0; turn < 12; turn += 1) {
        for (const name of ['a', 'b', 'c'] as const) {
          id += 1
          const mine = id
          const transaction = await bed.begin(name)
          transaction.insert(name, { id: mine, value: mine })
          if (mine % 5 === 0) transaction.abort()
          else void transaction.commit().then(() => done.push(mine))
          if (mine % 4 === 0) await bed.task()
          images.push({ image: bed.machine.image(), kept: [...done] })
        }
        await bed.task()
        images.push({ image: bed.machine.image(), kept: [...done] })
        if (turn % 3 !== 0) await bed.run()
        images.push({ image: bed.machine.image(), kept: [...done] })
      }
      await bed.run()
      expect(done.length).toBeGreaterThan(20)
      for (const { image, kept } of images)
        for (const state of crashStates(image, FRAGILE, {
          sectorBytes: align,
          seed: 1,
          statesMax: STATES_MAX,
        })) {
          const database = new Machine(state.make()).open({ schema: tables })
          const found = (['a', 'b', 'c'] as const).flatMap((name) =>
            database.read((reader) => [...reader.scan(name)].map((row) => row.id)),
          )
          expect(kept.filter((one) => !found.includes(one))).toEqual([])
          expect(database.verify()).toEqual([])
          database.close()
        }
      bed.database.close()
    })
})
