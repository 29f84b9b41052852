// test/engine/database/random-programs.test.ts: 1,000 random programs, crashes and all, agree with a plain model.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Item, ItemRange, KeyName } from './items.ts'
import {
  Between,
  CutShort,
  Look,
  Session,
  Transact,
  UseSnapshot,
  finish,
  type Change,
  type Model,
  type ProgramOptions,
} from './program.ts'

const id = fc.integer({ min: 0, max: 40 })
const group = fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 3 }), fc.constant(2 ** 40))
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'a', 'ab', 'b', 'é', '\u{1f600}', '\uffff', 'a\u0000b', '\u0001') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 100 }).map((length) => 'x'.repeat(length)) },
)
const tag = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 50 }).map((number) => `t${number}`) },
)
const weight = fc.oneof(fc.constant(null), fc.double({ noNaN: true }))
const bytes = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  // Longer than a record may be in these packs.
  { weight: 1, arbitrary: fc.integer({ min: 500, max: 7000 }).map((length) => new Uint8Array(length).fill(length)) },
)

const row: fc.Arbitrary<Item> = fc.record({ id, group, name, tag, weight, bytes, done: fc.boolean() })
const rowChanges: fc.Arbitrary<Partial<Item>> = fc.record(
  { group, name, tag, weight, bytes, done: fc.boolean() },
  { requiredKeys: [] },
)

const bound = (by: KeyName): fc.Arbitrary<ItemRange['from']> => {
  if (by === 'id') return fc.option(fc.tuple(id), { nil: undefined })
  if (by === 'byTag') return fc.option(fc.tuple(tag), { nil: undefined })
  return fc.oneof(fc.constant(undefined), fc.tuple(group), fc.tuple(group, name))
}
const range: fc.Arbitrary<ItemRange> = fc.constantFrom<KeyName[]>('id', 'byGroup', 'byTag').chain((by) =>
  fc.record({
    by: fc.constant(by),
    from: bound(by),
    fromExclusive: fc.boolean(),
    to: bound(by),
    toInclusive: fc.boolean(),
    reverse: fc.boolean(),
  }),
)

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: row.map((inserted): Change => ({ kind: 'insert', row: inserted })) },
  {
    weight: 3,
    arbitrary: fc.tuple(id, rowChanges).map(([key, changes]): Change => ({ kind: 'update', id: key, changes })),
  },
  { weight: 3, arbitrary: id.map((key): Change => ({ kind: 'delete', id: key })) },
  { weight: 1, arbitrary: id.map((key): Change => ({ kind: 'get', id: key })) },
  { weight: 1, arbitrary: range.map((asked): Change => ({ kind: 'range', range: asked })) },
)
const changes = fc.array(change, { minLength: 1, maxLength: 10 })
const pick = fc.integer({ min: 0, max: 0xffff_ffff }).map((number) => number / 2 ** 32)

const commands = [
  fc
    .tuple(
      changes,
      fc.constantFrom<Transact['end'][]>('commit', 'commit', 'commit', 'commit', 'sync', 'abort', 'kill', 'power-cut'),
      pick,
    )
    .map(([made, end, number]) => new Transact(made, end, number)),
  fc
    .tuple(changes, fc.constantFrom<Transact['end'][]>('commit', 'commit', 'commit', 'abort'), pick)
    .map(([made, end, number]) => new Transact(made, end, number)),
  fc
    .tuple(changes, fc.integer({ min: 0, max: 24 }), fc.constantFrom<CutShort['end'][]>('kill', 'power-cut'), pick)
    .map(([made, calls, end, number]) => new CutShort(made, calls, end, number)),
  fc.tuple(range, id).map(([asked, key]) => new Look(asked, key)),
  fc.constant(new UseSnapshot()),
  fc
    .tuple(fc.constantFrom<Between['what'][]>('close', 'kill', 'power-cut', 'sync'), pick)
    .map(([what, number]) => new Between(what, number)),
]

const options = (fanOut: number, durability: 'sync' | 'lazy'): fc.Arbitrary<ProgramOptions> =>
  fc.record({
    fanOut: fc.constant(fanOut),
    durability: fc.constant(durability),
    pack: fc.record({
      packBytesMax: fc.constantFrom(4096, 6000, 8192),
      markerIntervalBytes: fc.constant(512),
      syncEveryBytes: fc.constantFrom(2048, 8_388_608),
      tailLimitBytes: fc.constantFrom(512, 2048),
      lazyLimitBytes: fc.constantFrom(1024, 2048),
      commitAlignBytes: fc.constantFrom<(0 | 512)[]>(0, 0, 512),
    }),
    cacheBytes: fc.constantFrom(0, 2048, 262_144),
    writeBufferBytes: fc.constantFrom(512, 1024, 16_384),
    settle: fc.boolean(),
  })

function promise(fanOut: number, durability: 'sync' | 'lazy', numRuns: number): void {
  let powerLosses = 0
  fc.assert(
    fc.property(
      options(fanOut, durability),
      fc.commands(commands, { maxCommands: 40, size: '+1' }),
      (opened, program) => {
        const model: Model = { states: [new Map()] }
        const session = new Session(opened)
        fc.modelRun(() => ({ model, real: session }), program)
        finish(model, session)
        powerLosses += session.lostPower
      },
    ),
    { numRuns },
  )
  expect(powerLosses).toBeGreaterThan(numRuns / 4)
}

describe('random programs of transactions, ranges, snapshots, reopens and crashes', { tags: ['REC-08'] }, () => {
  it(
    'agree with a plain model: 375 with tiny nodes, synced',
    { tags: ['SNP-01', 'SNP-04', 'COW-06', 'REC-01', 'REC-06'] },
    () => promise(4, 'sync', 375),
  )
  it('agree with a plain model: 375 with large nodes, synced', { tags: ['SNP-01', 'SNP-04', 'REC-01', 'REC-06'] }, () =>
    promise(32, 'sync', 375),
  )
  it('lose no more than what no sync covered: 125 with tiny nodes, lazy', { tags: ['DUR-03'] }, () =>
    promise(4, 'lazy', 125),
  )
  it('lose no more than what no sync covered: 125 with large nodes, lazy', { tags: ['DUR-03'] }, () =>
    promise(32, 'lazy', 125),
  )
})
