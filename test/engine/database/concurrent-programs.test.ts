// Random programs of commits that run at the same time, on a machine whose tasks, syncs, failures and power cuts come in any
// order. What is known of each commit is compared with what a power loss leaves: an acknowledged one is there; one that
// failed for good is not; the tables hold what a serial order of the commits gives, in the order in which they were written.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConcurrentTransaction } from '../../../engine/index.ts'
import { Machine, deviceFor, errorOf, pickState } from '../machine.ts'
import { Bed, NAMES, outcomeOf, schema, settled, type Name, type Outcome, type Tables } from './concurrent-bed.ts'

type Move =
  | Readonly<{ kind: 'begin'; tables: readonly Name[] }>
  | Readonly<{ kind: 'insert' | 'commit' | 'abort'; pick: number }>
  | Readonly<{ kind: 'task' | 'end-sync' | 'fail-sync' | 'fail-append' | 'snapshot' }>

type Running = { transaction: ConcurrentTransaction<Tables>; tables: readonly Name[]; ids: number[] }
/** One that called commit. */
type Called = Readonly<{ tables: readonly Name[]; ids: readonly number[]; outcome: Outcome }>

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('begin'), tables: fc.subarray([...NAMES], { minLength: 1 }) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('insert', 'commit'), pick: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort'), pick: fc.nat(100) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('task', 'end-sync') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fail-sync', 'fail-append', 'snapshot') }) },
) as fc.Arbitrary<Move>

/** Ids by table. */
type Content = Readonly<Record<Name, readonly number[]>>

function contentOf(read: (name: Name) => number[]): Content {
  return { a: read('a'), b: read('b'), c: read('c') }
}

class Program {
  readonly bed: Bed
  readonly running: Running[] = []
  readonly called: Called[] = []
  nextId = 0
  snapshots: { content: Content; reader: ReturnType<Bed['database']['snapshot']> }[] = []

  constructor(bed: Bed) {
    this.bed = bed
  }

  async make(made: Move): Promise<void> {
    const { bed } = this
    switch (made.kind) {
      case 'begin':
        void bed.database.beginLater({ tables: made.tables, timeoutMs: Infinity }).then(
          (transaction) => void this.running.push({ transaction, tables: made.tables, ids: [] }),
          (error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(/^E_(CLOSED|IO)$/) }),
        )
        break
      case 'insert':
        this.insert(made.pick)
        break
      case 'commit': {
        const [one] = this.running.splice(made.pick % Math.max(1, this.running.length), 1)
        if (one !== undefined) this.called.push({ ...one, outcome: outcomeOf(one.transaction.commit()) })
        break
      }
      case 'abort': {
        const [one] = this.running.splice(made.pick % Math.max(1, this.running.length), 1)
        one?.transaction.abort()
        break
      }
      case 'task':
        await bed.task()
        break
      case 'end-sync':
        await bed.endSync()
        break
      case 'fail-sync':
        if (bed.machine.disk.syncsUnderWay > 0)
          bed.machine.disk.sink.failWriteBack(bed.database.position().path, 'pages-dropped')
        break
      case 'fail-append':
        bed.failNextAppend = true
        break
      case 'snapshot': {
        const reader = bed.database.snapshot()
        this.snapshots.push({ reader, content: contentOf((name) => [...reader.scan(name)].map(({ id }) => id)) })
        break
      }
      default:
        made satisfies never
    }
    await settled()
    expect(bed.machine.disk.syncsUnderWay).toBeLessThanOrEqual(1)
  }

  /** One row into each table of a running transaction. */
  insert(pick: number): void {
    const one = this.running[pick % Math.max(1, this.running.length)]
    if (one === undefined) return
    const id = this.nextId
    this.nextId += 1
    const error = errorOf(() => {
      for (const name of one.tables) one.transaction.insert(name, { id, value: id })
    })
    if (error === undefined) one.ids.push(id)
    else {
      expect(error).toMatchObject({ code: expect.stringMatching(/^E_(IO|ABORT|BUSY)$/) })
      one.transaction.abort()
      this.running.splice(this.running.indexOf(one), 1)
    }
  }

  /** What was acknowledged is in `content`; what failed for good is not; each commit is there whole or not at all. */
  check(content: Content, when: 'living' | 'crash'): void {
    const explained = { a: new Set<number>(), b: new Set<number>(), c: new Set<number>() }
    for (const { tables, ids, outcome } of this.called) {
      const there = tables.flatMap((name) => ids.map((id) => content[name].includes(id)))
      const all = there.every(Boolean)
      if (outcome.what === 'done') expect(all, `an acknowledged commit of ${ids.join()} is there`).toBe(true)
      else if (outcome.what !== undefined && (when === 'living' || outcome.what !== 'E_OUTCOME_UNKNOWN'))
        expect(there.some(Boolean), `a failed commit of ${ids.join()} is not there`).toBe(false)
      else if (when === 'living') expect(there.some(Boolean), 'what waits is not seen').toBe(false)
      else expect(all || !there.some(Boolean), `a commit of ${ids.join()} is there whole or not at all`).toBe(true)
      if (all) for (const name of tables) for (const id of ids) explained[name].add(id)
    }
    for (const name of NAMES) expect([...explained[name]].toSorted((x, y) => x - y)).toEqual([...content[name]])
  }
}

const options = fc.record({
  fanOut: fc.constantFrom(4, 32),
  writeBufferBytes: fc.constantFrom(512, 16_384),
  cacheBytes: fc.constantFrom(0, 262_144),
  pack: fc.record({
    packBytesMax: fc.constantFrom(4096, 65_536),
    markerIntervalBytes: fc.constantFrom(512, 1024),
    tailLimitBytes: fc.constantFrom(1024, 131_072),
    syncEveryBytes: fc.constantFrom(2048, 8_388_608),
    commitAlignBytes: fc.constantFrom<(0 | 512)[]>(0, 512),
  }),
})

describe(
  'random programs of commits that run at the same time',
  { tags: ['TXN-01', 'GRP-01', 'GRP-02', 'REC-07', 'REC-08'] },
  () => {
    it('lose nothing that was acknowledged, keep nothing that failed, and hold nothing: 60 with a power cut at any point', async () => {
      let acknowledged = 0
      let shared = 0
      await fc.assert(
        fc.asyncProperty(
          options.map((given) => ({
            ...given,
            pack: { ...given.pack, tailLimitBytes: Math.min(given.pack.tailLimitBytes, given.pack.syncEveryBytes) },
          })),
          fc.array(move, { minLength: 20, maxLength: 90, size: 'max' }),
          fc.infiniteStream(fc.nat(1000)),
          fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 6, maxLength: 6 }),
          async (given, moves, picks, cuts) => {
            const program = new Program(new Bed(given, (count) => (picks.next().value ?? 0) % count))
            const { bed } = program
            for (const made of moves) {
              await program.make(made)
              program.check(
                contentOf((name) => bed.ids(name)),
                'living',
              )
            }
            for (const cut of cuts) {
              const machine = new Machine(
                pickState(bed.machine.image(), cut, deviceFor(given.pack.commitAlignBytes)).make(),
              )
              const reopened = machine.open({ schema })
              program.check(
                contentOf((name) => reopened.read((reader) => [...reader.scan(name)].map(({ id }) => id))),
                'crash',
              )
              reopened.update((transaction) => transaction.insert('a', { id: 1_000_000, value: 0 }))
              expect(reopened.verify()).toEqual([])
              reopened.close()
            }
            for (const { reader, content } of program.snapshots) {
              expect(contentOf((name) => [...reader.scan(name)].map(({ id }) => id))).toEqual(content)
              reader.close()
            }
            bed.failNextAppend = false
            do {
              for (const { transaction } of program.running.splice(0)) transaction.abort()
              await bed.run()
            } while (program.running.length > 0)
            expect(program.called.every(({ outcome }) => outcome.what !== undefined)).toBe(true)
            program.check(
              contentOf((name) => bed.ids(name)),
              'living',
            )
            expect(bed.database.verify()).toEqual([])
            acknowledged += program.called.filter(({ outcome }) => outcome.what === 'done').length
            shared += bed.syncsIssued
            bed.database.close()
            expect(bed.database.live()).toMatchObject({ blocks: 0, handles: 0, transactions: 0, waiting: 0 })
            expect(bed.files.openHandles()).toEqual([])
          },
        ),
        { numRuns: 60 },
      )
      expect(acknowledged).toBeGreaterThan(shared)
    })
  },
)
