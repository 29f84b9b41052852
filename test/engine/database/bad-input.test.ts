// test/engine/database/bad-input.test.ts: what can't be right is refused with a typed error, and nothing is changed by it.

import { describe, expect, it } from 'vitest'
import {
  EngineError,
  REMEDY_BY_CODE,
  column,
  defineSchema,
  verifyDatabase,
  type EngineErrorCode,
  type RowOf,
  type Schema,
} from '../../../engine/index.ts'
import { SimulatedDisk, imageIdentity, listImage, type DiskImage } from '../../../faults/index.ts'
import { DIRECTORY, Machine, ROOT, errorOf, packsOf, withFile, type MachineOptions } from '../machine.ts'

const schema = defineSchema({
  note: {
    columns: { id: column.integer(), text: column.string(), size: column.double().nullable() },
    primaryKey: 'id',
    keys: { byText: { columns: ['text'], unique: true } },
  },
})
type Notes = typeof schema
const pack = { packBytesMax: 4096, markerIntervalBytes: 512 }

function machineWithRows(rows = 20): Machine {
  const machine = new Machine()
  const database = machine.open({ schema, pack })
  for (let id = 0; id < rows; id += 1)
    database.update((transaction) => transaction.insert('note', { id, text: `note ${id}` }))
  database.close()
  return machine
}

function expectError(work: () => unknown, code: EngineErrorCode, says: RegExp): EngineError {
  const error = errorOf(work)
  expect(error).toBeInstanceOf(EngineError)
  if (!(error instanceof EngineError)) throw new TypeError('no engine error')
  expect(error.code).toBe(code)
  expect(error.message).toMatch(says)
  expect(error.message.startsWith(`${code}: `)).toBe(true)
  expect(error.remedy).toBe(REMEDY_BY_CODE[code])
  return error
}

/** Names and contents but for lock files, which tell who looked last. */
function contentOf(image: DiskImage): unknown {
  const names = listImage(image).map(({ path }) => path)
  return { names: names.filter((path) => !/\/(lock|claim)\.[^/]*$/.test(path)), packs: packsOf(image) }
}

function refused(
  image: DiskImage,
  options: Partial<MachineOptions<Schema>>,
  code: EngineErrorCode,
  says: RegExp,
): EngineError {
  const machine = new Machine(image)
  const before = contentOf(image)
  const error = expectError(() => machine.open<Schema>({ schema, ...options }), code, says)
  expect(contentOf(machine.image())).toEqual(before)
  expect(machine.disk.openHandles).toBe(0)
  // Nothing is held: the next open is not kept out.
  return error
}

/** What the types forbid and JavaScript does not. */
function untyped<T>(value: unknown): T {
  return value as T
}

describe('wrong options', { tags: ['ERR-01'] }, () => {
  const wrong: readonly (readonly [string, Partial<MachineOptions<Schema>>, RegExp])[] = [
    ['a relative document root', { root: 'docs' }, /absolute path: 'docs'/],
    ['an empty name', { name: '' }, /no database name/],
    ['a name with a slash', { name: 'a/b' }, /'a\/b' is no database name/],
    ['a name that climbs', { name: '..' }, /no database name/],
    ['a name that is too long', { name: 'x'.repeat(65) }, /1 to 64/],
    ['a pack that is too small', { pack: { packBytesMax: 4095 } }, /packBytesMax is 4095; valid .* 4096/],
    ['a pack that is too large', { pack: { packBytesMax: 2 ** 31 } }, /packBytesMax is 2147483648/],
    ['a pack of half bytes', { pack: { packBytesMax: 5000.5 } }, /whole number/],
    ['a marker interval that is too small', { pack: { markerIntervalBytes: 256 } }, /markerIntervalBytes is 256/],
    ['a marker interval that is no multiple', { pack: { markerIntervalBytes: 700 } }, /multiple of 512/],
    ['syncEvery that is too small', { pack: { syncEveryBytes: 10 } }, /syncEveryBytes is 10/],
    [
      'a tail limit above syncEvery',
      { pack: { syncEveryBytes: 2048, tailLimitBytes: 4096 } },
      /tailLimitBytes is 4096/,
    ],
    ['a lazy limit that is too small', { pack: { lazyLimitBytes: 1 } }, /lazyLimitBytes is 1/],
    ['another alignment', { pack: { commitAlignBytes: untyped(1024) } }, /commitAlignBytes is 1024; valid are 0, 512/],
    [
      'a pack too small for an alignment',
      { pack: { commitAlignBytes: 4096, packBytesMax: 16_383 } },
      /packBytesMax is 16383; with commitAlignBytes 4096 it must be at least 16384/,
    ],
    [
      'syncs too often for an alignment',
      { pack: { commitAlignBytes: 512, syncEveryBytes: 2047, tailLimitBytes: 512, lazyLimitBytes: 512 } },
      /syncEveryBytes is 2047; with commitAlignBytes 512 it must be at least 2048/,
    ],
    [
      'a tail too short for an alignment',
      { pack: { commitAlignBytes: 4096, tailLimitBytes: 4095 } },
      /tailLimitBytes is 4095; with commitAlignBytes 4096 it must be at least 4096/,
    ],
    ['a fan-out that is too small', { fanOut: 3 }, /fanOut is 3; valid .* 4 to 512/],
    ['a fan-out that is too large', { fanOut: 513 }, /fanOut is 513/],
    ['a fan-out that is NaN', { fanOut: Number.NaN }, /fanOut is NaN/],
    [
      'another durability',
      { durability: untyped('soon') },
      /'soon' is no durability; valid are sync, group, lazy, unsafe/,
    ],
    ['another mode', { mode: untyped('append') }, /'append' is no mode/],
    ['a negative cache', { cacheBytes: -1 }, /cacheBytes is -1/],
    ['a write buffer that is too small', { writeBufferBytes: 100 }, /writeBufferBytes is 100; valid .* 512/],
  ]

  it.each(wrong)('are refused with what is valid: %s', { tags: ['STO-05', 'D7', 'STO-01'] }, (_name, options, says) => {
    refused(machineWithRows(1).image(), options, 'E_USAGE', says)
    const empty = new Machine()
    const before = imageIdentity(empty.image())
    expectError(() => empty.open<Schema>({ schema, ...options }), 'E_USAGE', says)
    expect(imageIdentity(empty.image())).toBe(before)
  })

  it.each([
    ['no tables', {}, /at least one table/],
    ['no columns', { t: { columns: {}, primaryKey: 'id' } }, /at least one column/],
    ['no such primary key', { t: { columns: { a: column.integer() }, primaryKey: 'id' } }, /names no column: 'id'/],
    ['a primary key of text', { t: { columns: { id: column.string() }, primaryKey: 'id' } }, /integer/],
    [
      'a nullable primary key',
      { t: { columns: { id: column.integer().nullable() }, primaryKey: 'id' } },
      /not nullable/,
    ],
    [
      'a key without columns',
      { t: { columns: { id: column.integer() }, primaryKey: 'id', keys: { k: { columns: [] } } } },
      /key 'k' has no columns/,
    ],
    [
      'a key over nothing',
      { t: { columns: { id: column.integer() }, primaryKey: 'id', keys: { k: { columns: ['x'] } } } },
      /key 'k' names no column: 'x'/,
    ],
    [
      'a key with a column twice',
      { t: { columns: { id: column.integer() }, primaryKey: 'id', keys: { k: { columns: ['id', 'id'] } } } },
      /twice/,
    ],
  ])('of a schema are refused: %s', (_name, wrongSchema, says) => {
    refused(machineWithRows(1).image(), { schema: untyped<Notes>(wrongSchema) }, 'E_USAGE', says)
  })
})

describe('a place that is no database', { tags: ['ERR-01'] }, () => {
  it('is refused if the document root is missing, or a file', { tags: ['STO-01'] }, () => {
    const machine = machineWithRows(1)
    refused(machine.image(), { root: '/nowhere' }, 'E_NOT_FOUND', /document root \/nowhere/)
    const file = `${DIRECTORY}/p00000001.pack`
    const { context } = refused(machine.image(), { root: file }, 'E_NOT_FOUND', /no directory/)
    expect(context.path).toBe(file)
  })

  it('is refused if nothing is there and it is to be opened, or something is and it is to be created', () => {
    refused(new Machine().image(), { mode: 'open' }, 'E_NOT_FOUND', /no database \/docs\/data\.rdm/)
    refused(machineWithRows(1).image(), { mode: 'create' }, 'E_USAGE', /database \/docs\/data\.rdm already/)
    const machine = new Machine()
    expectError(() => machine.verify(), 'E_NOT_FOUND', /no database/)
  })

  it('is refused if the directory holds no pack', () => {
    const disk = new SimulatedDisk({ directories: [ROOT, DIRECTORY] })
    disk.fileSystem.create(`${DIRECTORY}/readme.txt`).close()
    const { context } = refused(disk.checkpoint(), {}, 'E_NO_DATABASE', /holds no pack files/)
    expect(context.path).toBe(DIRECTORY)
  })

  it.each([
    ['empty', new Uint8Array(0)],
    ['of text', new TextEncoder().encode('not a pack '.repeat(50))],
    ['of zeroes', new Uint8Array(4096)],
  ])('is refused if its only pack is %s', (_name, bytes) => {
    const path = `${DIRECTORY}/p00000001.pack`
    const image = withFile(machineWithRows(1).image(), path, bytes)
    const { context } = refused(image, {}, 'E_CORRUPT', /p00000001\.pack/)
    expect(context).toMatchObject({ path, offsetBytes: 0 })
  })
})

function withoutPack(image: DiskImage, number: number): DiskImage {
  const disk = SimulatedDisk.from(image)
  disk.fileSystem.unlink(`${DIRECTORY}/p0000000${number}.pack`)
  disk.fileSystem.syncDirectory(DIRECTORY)
  return disk.checkpoint()
}

describe('a database with wrong files', { tags: ['ERR-01'] }, () => {
  it('is refused if a pack in the middle is missing, by its name', { tags: ['STO-04'] }, () => {
    const image = machineWithRows(40).image()
    expect(packsOf(image).size).toBeGreaterThan(3)
    const { context } = refused(withoutPack(image, 2), {}, 'E_CORRUPT', /p00000002\.pack.*missing/)
    expect(context).toMatchObject({ path: `${DIRECTORY}/p00000002.pack`, offsetBytes: 0 })
  })

  it.each([1, 2, 3])('is refused if pack %i is that of another database', { tags: ['PRT-02'] }, (number) => {
    const machine = machineWithRows(40)
    const other = new Machine()
    const random = {
      fill: (target: Uint8Array, offset: number, length: number) => void target.fill(7, offset, offset + length),
    }
    const stranger = other.open({ schema, pack, random })
    for (let id = 0; id < 40; id += 1)
      stranger.update((transaction) => transaction.insert('note', { id, text: `note ${id}` }))
    stranger.close()
    const path = `${DIRECTORY}/p0000000${number}.pack`
    const image = withFile(machine.image(), path, packsOf(other.image()).get(path) ?? new Uint8Array(0))
    const mixed = new Machine(image)
    const seen: string[] = []
    const error = errorOf(() => {
      for (const problem of mixed.verify().problems) seen.push(problem.path)
    })
    if (error !== undefined) expect(error).toMatchObject({ code: 'E_CORRUPT', context: { path: expect.anything() } })
    else expect(seen).toContain(path)
    expect(packsOf(mixed.image())).toEqual(packsOf(image))
  })
})

describe('another schema', { tags: ['ERR-01'] }, () => {
  it.each([
    ['another column type', { id: column.integer(), text: column.binary(), size: column.double().nullable() }],
    ['a column less', { id: column.integer(), text: column.string() }],
    ['NULL allowed', { id: column.integer(), text: column.string().nullable(), size: column.double().nullable() }],
  ])('is refused, naming the table: %s', (_name, columns) => {
    const other = { note: { columns, primaryKey: 'id', keys: { byText: { columns: ['text'], unique: true } } } }
    const { context } = refused(
      machineWithRows(3).image(),
      { schema: untyped<Notes>(other) },
      'E_SCHEMA',
      /table 'note'/,
    )
    expect(context).toMatchObject({ path: DIRECTORY, table: 'note' })
  })

  it('is refused if a table is missing or another', () => {
    const other = defineSchema({ letter: schema.note })
    refused(machineWithRows(3).image(), { schema: other }, 'E_SCHEMA', /table 'letter'/)
    refused(machineWithRows(3).image(), { schema: { ...schema, ...other } }, 'E_SCHEMA', /table 'letter'/)
  })
})

describe('a database in use', { tags: ['LCK-01'] }, () => {
  it('is refused to the same process and to another, and goes on', () => {
    const machine = new Machine()
    const database = machine.open({ schema, pack })
    const before = contentOf(machine.image())
    expectError(() => machine.open({ schema }), 'E_LOCKED', /in use by process/)
    expectError(() => machine.verify(), 'E_LOCKED', /\/docs\/lock\.1/)
    machine.processes.spawn()
    const { context } = expectError(() => machine.open({ schema }), 'E_LOCKED', /in use by process/)
    expect(context.path).toBe(`${ROOT}/lock.1`)
    expect(contentOf(machine.image())).toEqual(before)
    database.update((transaction) => transaction.insert('note', { id: 1, text: 'a' }))
    database.close()
    machine.open({ schema }).close()
  })
})

describe('wrong calls', { tags: ['ERR-01'] }, () => {
  it('of a transaction are refused, and leave it as it was', { tags: ['DUR-01', 'ERR-02'] }, () => {
    const machine = machineWithRows(2)
    const database = machine.open({ schema })
    const transaction = database.begin()
    const insert = (row: unknown) => () => transaction.insert('note', untyped<RowOf<Notes['note']>>(row))
    expectError(insert({ id: 0, text: 'x' }), 'E_CONSTRAINT', /primary key 0 already/)
    expectError(insert({ id: 9, text: 'note 1' }), 'E_CONSTRAINT', /'byText'/)
    expect(expectError(insert({ id: 9 }), 'E_CONSTRAINT', /'text'/).context).toMatchObject({
      table: 'note',
      column: 'text',
    })
    expectError(insert({ id: 9, text: null }), 'E_CONSTRAINT', /can't be NULL/)
    expectError(insert({ text: 'x' }), 'E_CONSTRAINT', /'id'/)
    expectError(insert({ id: 9, text: 'x', colour: 1 }), 'E_USAGE', /no column 'colour'; it has id, text, size/)
    expectError(insert({ id: 9, text: 5 }), 'E_CONSTRAINT', /'text'/)
    expectError(insert({ id: 1.5, text: 'x' }), 'E_CONSTRAINT', /1\.5 is not an integer/)
    expectError(insert({ id: 2 ** 53, text: 'x' }), 'E_CONSTRAINT', /integer/)
    expectError(insert({ id: 9, text: '\ud800' }), 'E_CONSTRAINT', /surrogate/)
    expectError(insert({ id: 9, text: 'x', size: '1' }), 'E_CONSTRAINT', /'size'/)
    expectError(() => transaction.update('note', 0, { id: 7 }), 'E_USAGE', /primary key .* can't be changed/)
    expectError(() => transaction.update('note', 0, { text: 'note 1' }), 'E_CONSTRAINT', /'byText'/)
    expectError(() => transaction.get(untyped<'note'>('letter'), 1), 'E_USAGE', /no table 'letter'; there is note/)
    expectError(() => transaction.scan('note', { by: 'bySize' }), 'E_USAGE', /no key 'bySize'; it has byText/)
    expectError(() => transaction.scan('note', { from: [1, 2] }), 'E_USAGE', /bound of 2 values/)
    expectError(() => transaction.get('note', untyped('1')), 'E_CONSTRAINT', /integer/)
    expectError(() => database.begin(), 'E_USAGE', /update transaction is running/)
    expectError(() => database.sync(), 'E_USAGE', /update transaction is running/)
    expectError(() => database.verify(), 'E_USAGE', /update transaction is running/)
    transaction.insert('note', { id: 9, text: 'x' })
    transaction.commit()
    expect(database.read((reader) => [...reader.scan('note')].map(({ id }) => id))).toEqual([0, 1, 9])
    expect(database.verify()).toEqual([])
    expectError(() => database.begin({ durability: untyped('soon') }), 'E_USAGE', /'soon' is no durability/)
    database.close()
  })

  it('of what is over or closed are refused', () => {
    const database = machineWithRows(2).open({ schema })
    const transaction = database.begin()
    transaction.commit()
    transaction.abort()
    expectError(() => transaction.insert('note', { id: 5, text: 'x' }), 'E_CLOSED', /over/)
    expectError(() => transaction.commit(), 'E_CLOSED', /over/)
    const snapshot = database.snapshot()
    const cursor = snapshot.scan('note')
    cursor.close()
    cursor.close()
    expectError(() => cursor.next(), 'E_CLOSED', /cursor/)
    snapshot.close()
    snapshot.close()
    expectError(() => snapshot.get('note', 1), 'E_CLOSED', /over/)
    const held = database.snapshot()
    const open = held.scan('note')
    database.close()
    database.close()
    for (const work of [
      () => database.begin(),
      () => database.snapshot(),
      () => database.sync(),
      () => database.verify(),
      () => database.statistics(),
      () => held.count('note'),
      () => open.next(),
    ])
      expectError(work, 'E_CLOSED', /closed/)
    expect(Object.values(database.live()).every((count) => count === 0)).toBe(true)
  })

  it('of verify need no schema, and tell a wrong name', () => {
    const machine = machineWithRows(1)
    const error = errorOf(() =>
      verifyDatabase({
        root: ROOT,
        name: 'a b',
        fileSystem: machine.fileSystem,
        allocator: untyped(undefined),
        random: untyped(undefined),
        processes: machine.processes,
      }),
    )
    expect(error).toMatchObject({ code: 'E_USAGE' })
  })
})
