// test/engine/database/refusals.test.ts: calls that come when they may not, and what is left as it was.

import { describe, expect, it } from 'vitest'
import { column, defineSchema } from '../../../engine/index.ts'
import { FailingFileSystem, type CallDecision, type FileSystemCallInfo } from '../../../faults/index.ts'
import type { FileHandle } from '../../../engine/ports/index.ts'
import { Machine, errorOf } from '../machine.ts'
import { instead } from '../pack/forge.ts'
import { Bed, outcomeOf, schema as tables, settled } from './concurrent-bed.ts'

const schema = defineSchema({
  note: {
    columns: { id: column.integer(), body: column.binary().nullable() },
    primaryKey: 'id',
    keys: { byBody: { columns: ['body'] } },
  },
})

/** A machine whose file system can be made to refuse calls. */
function refusing() {
  const machine = new Machine()
  const refusal: { decide?: (call: FileSystemCallInfo) => CallDecision | undefined } = {}
  const fileSystem = new FailingFileSystem(machine.fileSystem, {
    root: '/',
    sink: machine.disk.sink,
    decide: (call) => refusal.decide?.(call),
  })
  return { machine, refusal, fileSystem }
}

const failing =
  (kind: FileSystemCallInfo['kind'], code = 'EIO') =>
  (call: FileSystemCallInfo): CallDecision | undefined =>
    call.kind === kind && call.path.endsWith('.pack') ? { kind: 'error', code } : undefined

describe('a transaction in which an append has failed', { tags: ['TXN-03', 'PRT-10'] }, () => {
  it('takes no more changes and no commit, alone', () => {
    for (const ends of ['insert', 'commit'] as const) {
      const { machine, refusal, fileSystem } = refusing()
      const database = machine.open({ schema, fileSystem, writeBufferBytes: 512 })
      database.update((transaction) => transaction.insert('note', { id: 1, body: null }))
      const transaction = database.begin()
      refusal.decide = failing('append', 'ENOSPC')
      expect(errorOf(() => transaction.insert('note', { id: 2, body: new Uint8Array(2000) }))).toMatchObject({
        code: 'E_IO',
      })
      delete refusal.decide
      const next =
        ends === 'insert' ? () => transaction.insert('note', { id: 3, body: null }) : () => transaction.commit()
      expect(errorOf(next)).toMatchObject({ code: 'E_ABORT' })
      transaction.abort()
      expect(database.read((reader) => [...reader.scan('note')].map(({ id }) => id))).toEqual([1])
      database.close()
    }
  })

  it('takes no commit, beside others', async () => {
    const bed = new Bed({ writeBufferBytes: 512 })
    const transaction = await bed.begin('a')
    bed.failNextAppend = true
    let id = 0
    const error = errorOf(() => {
      for (; id < 400; id += 1) transaction.insert('a', { id, value: id })
    })
    expect(error).toMatchObject({ code: 'E_IO' })
    const outcome = outcomeOf(transaction.commit())
    await bed.run()
    expect(outcome.what).toBe('E_ABORT')
    expect(bed.ids('a')).toEqual([])
    bed.database.close()
  })
})

describe('another program that writes to a pack', { tags: ['PRT-15'] }, () => {
  it('is found at the roll-over, and ends the transaction', () => {
    const machine = new Machine()
    const database = machine.open({ schema, pack: { packBytesMax: 4096, markerIntervalBytes: 512 } })
    database.update((transaction) => transaction.insert('note', { id: 1, body: null }))
    const other = machine.fileSystem.open(database.position().path, 'append')
    other.append(new Uint8Array(7), 0, 7)
    other.close()
    const transaction = database.begin()
    const error = errorOf(() => {
      for (let id = 2; id < 200; id += 1) transaction.insert('note', { id, body: new Uint8Array(100) })
    })
    expect(error).toMatchObject({ code: 'E_CHANGED' })
    expect(errorOf(() => transaction.insert('note', { id: 99, body: null }))).toMatchObject({ code: 'E_ABORT' })
    transaction.abort()
    database.close()
  })
})

describe('bytes that do not check while a database settles for the first time', { tags: ['PRT-05'] }, () => {
  it('are damage with its place; once they read well it settles, and need not be opened again', () => {
    const machine = new Machine()
    const before = machine.open({ schema })
    before.update((transaction) => transaction.insert('note', { id: 1, body: new Uint8Array(100) }))
    machine.kill()
    let isRotten = false
    const fileSystem = instead(machine.fileSystem, {
      open: (path, mode) => {
        const handle = machine.fileSystem.open(path, mode)
        const read: FileHandle['read'] = (target, at, length, position) => {
          const bytes = handle.read(target, at, length, position)
          if (isRotten && path.endsWith('.pack')) target[at + bytes - 1] = 1 ^ (target[at + bytes - 1] ?? 0)
          return bytes
        }
        return instead(handle, { read })
      },
    })
    const database = machine.open({ schema, fileSystem, cacheBytes: 0 })
    isRotten = true
    expect(errorOf(() => database.begin())).toMatchObject({ code: 'E_CORRUPT' })
    isRotten = false
    database.update((transaction) => transaction.insert('note', { id: 2, body: null }))
    expect(database.read((reader) => reader.count('note'))).toBe(2)
    database.close()
  })
})

describe('a change that would need a sync while commits share one', { tags: ['PRT-08'] }, () => {
  it('is refused as busy, leaves its transaction as it was, and can be repeated', async () => {
    const bed = new Bed({ pack: { packBytesMax: 4096, markerIntervalBytes: 512 }, fanOut: 4 })
    const first = await bed.put('a', 1)
    await bed.task()
    expect(bed.machine.disk.syncsUnderWay).toBe(1)
    const transaction = await bed.begin('b')
    let id = 0
    const error = errorOf(() => {
      for (; id < 400; id += 1) transaction.insert('b', { id, value: id })
    })
    expect(error).toMatchObject({ code: 'E_BUSY' })
    await bed.endSync()
    expect(first.what).toBe('done')
    transaction.insert('b', { id, value: id })
    const outcome = outcomeOf(transaction.commit())
    await bed.run()
    expect(outcome.what).toBe('done')
    expect(bed.ids('b')).toEqual(Array.from({ length: id + 1 }, (_, index) => index))
    bed.database.close()
  })

  it('is given up when the database is closed while its commit waits for that', async () => {
    const bed = new Bed({ pack: { packBytesMax: 4096, markerIntervalBytes: 512 }, fanOut: 4 })
    const first = await bed.put('a', 1)
    await bed.task()
    const transaction = await bed.begin('b')
    for (let id = 0; errorOf(() => transaction.insert('b', { id, value: id })) === undefined;) id += 1
    const outcome = outcomeOf(transaction.commit())
    await settled()
    expect(outcome.what).toBeUndefined()
    bed.database.close()
    await bed.run()
    expect([first.what, outcome.what]).toEqual(['E_OUTCOME_UNKNOWN', 'E_CLOSED'])
    expect(bed.database.live()).toMatchObject({ transactions: 0, waiting: 0, blocks: 0 })
  })
})

describe('a sync that commits share', { tags: ['GRP-02'] }, () => {
  it('is issued again while it is interrupted, and fails them all with any other error, of the port too', async () => {
    for (const [refusals, error, expected] of [
      [15, 'EINTR', 'done'],
      [16, 'EINTR', 'E_OUTCOME_UNKNOWN'],
      [1, 'EAGAIN', 'E_OUTCOME_UNKNOWN'],
      [1, 'a bug of the port', 'E_OUTCOME_UNKNOWN'],
    ] as const) {
      const { machine, refusal, fileSystem } = refusing()
      const bed = new Bed({}, undefined)
      bed.database.close()
      let left: number = refusals
      refusal.decide = (call) => {
        if (call.kind !== 'sync' || call.argument !== 'later' || left === 0) return undefined
        left -= 1
        if (error.startsWith('E')) return { kind: 'error', code: error }
        throw new TypeError(error)
      }
      bed.database = machine.open({ schema: tables, scheduler: bed.scheduler, durability: 'group', fileSystem })
      const outcome = await bed.put('a', 1)
      const finish = async () => {
        await settled()
        while (bed.scheduler.runNext() || machine.disk.completeSyncs(1) === 1) await settled()
      }
      await finish()
      expect([error, refusals, outcome.what]).toEqual([error, refusals, expected])
      bed.database.close()
    }
  })

  it("that fails after the database was closed is nobody's any more", async () => {
    const bed = new Bed()
    const outcome = await bed.put('a', 1)
    await bed.task()
    const { path } = bed.database.position()
    bed.database.close()
    expect(bed.database.live().waiting).toBe(0)
    await settled()
    expect(outcome.what).toBe('E_OUTCOME_UNKNOWN')
    bed.machine.disk.sink.failWriteBack(path, 'pages-dropped')
    await bed.run()
    expect(outcome.what).toBe('E_OUTCOME_UNKNOWN')
  })
})

describe('after a shared sync that took data with it', { tags: ['PRT-09'] }, () => {
  it('nothing begins until the database is opened again', async () => {
    const bed = new Bed()
    const lazy = await bed.database.beginLater({ tables: ['a'], durability: 'lazy' })
    lazy.insert('a', { id: 1, value: 1 })
    await lazy.commit()
    const lost = await bed.put('b', 1)
    await bed.task()
    bed.machine.disk.sink.failWriteBack(bed.database.position().path, 'pages-evicted')
    await bed.run()
    expect(lost.what).toBe('E_OUTCOME_UNKNOWN')
    const next = outcomeOf(bed.database.beginLater({ tables: ['a'] }))
    await bed.run()
    expect(next.what).toBe('E_REOPEN')
    expect(errorOf(() => bed.database.begin())).toMatchObject({ code: 'E_REOPEN' })
    bed.database.close()
  })
})

describe('an update of a key over bytes', { tags: ['IDX-01'] }, () => {
  it('moves the entry exactly when the bytes are others', () => {
    const values = [
      null,
      Uint8Array.of(),
      Uint8Array.of(1, 2),
      Uint8Array.of(1, 2),
      Uint8Array.of(1, 3),
      Uint8Array.of(1),
    ]
    for (const before of values)
      for (const after of values) {
        const machine = new Machine()
        const database = machine.open({ schema })
        database.update((transaction) => transaction.insert('note', { id: 1, body: before }))
        database.update((transaction) => transaction.update('note', 1, { body: after }))
        const found = database.read((reader) => [...reader.scan('note', { by: 'byBody', from: [after] })])
        expect(found).toEqual([{ id: 1, body: after }])
        expect(database.verify()).toEqual([])
        database.close()
      }
  })
})

describe('a database', () => {
  it('needs a scheduler for what continues later', { tags: ['ERR-01'] }, async () => {
    const database = new Machine().open({ schema: tables })
    for (const call of [database.beginLater(), database.whenIdle()]) {
      const outcome = outcomeOf(call)
      await settled()
      expect(outcome.what).toBe('E_USAGE')
    }
    database.close()
  })

  it(
    'locks all tables for a transaction that names none, and is idle when nothing waits',
    { tags: ['TXN-04'] },
    async () => {
      const bed = new Bed()
      const idle = outcomeOf(bed.database.whenIdle())
      const transaction = await bed.database.beginLater()
      for (const name of ['a', 'b', 'c'] as const) transaction.insert(name, { id: 1, value: 1 })
      const other = outcomeOf(bed.begin('c', 0))
      await bed.run()
      expect([idle.what, other.what]).toEqual(['done', 'E_LOCK_TIMEOUT'])
      expect(bed.database.live().transactions).toBe(1)
      transaction.abort()
      bed.database.close()
    },
  )

  it('counts the transaction that runs alone, and aborts it when it is closed', { tags: ['ERR-03'] }, () => {
    const machine = new Machine()
    const database = machine.open({ schema: tables })
    const transaction = database.begin()
    transaction.insert('a', { id: 1, value: 1 })
    expect(database.live().transactions).toBe(1)
    database.close()
    expect(database.live()).toMatchObject({ transactions: 0, blocks: 0, handles: 0 })
    expect(errorOf(() => transaction.commit())).toMatchObject({ code: 'E_CLOSED' })
    const again = machine.open({ schema: tables })
    expect(again.read((reader) => reader.count('a'))).toBe(0)
    again.close()
  })

  it('can fail to sync twice and then go on', { tags: ['PRT-09'] }, () => {
    const { machine, refusal, fileSystem } = refusing()
    const database = machine.open({ schema, fileSystem, durability: 'lazy' })
    database.update((transaction) => transaction.insert('note', { id: 1, body: null }))
    refusal.decide = failing('sync')
    for (let times = 0; times < 3; times += 1)
      expect(errorOf(() => database.sync())).toMatchObject({ context: { errno: 'EIO' } })
    delete refusal.decide
    database.sync()
    expect(database.live().unsyncedBytes).toBe(0)
    expect(database.read((reader) => reader.count('note'))).toBe(1)
    database.close()
  })

  it('tells at its end the error of a handle for reading that could not be closed', { tags: ['ERR-03'] }, () => {
    const { machine, refusal, fileSystem } = refusing()
    machine.open({ schema, fileSystem }).close()
    const database = machine.open({ schema, fileSystem })
    refusal.decide = failing('close')
    expect(errorOf(() => database.close())).toMatchObject({ code: 'E_IO', context: { operation: 'close' } })
    expect(database.live()).toMatchObject({ blocks: 0, handles: 0, locks: 0 })
  })
})

describe('options of an open', { tags: ['ERR-01'] }, () => {
  it('may name a root of any system, and sizes only in whole bytes', () => {
    const machine = new Machine()
    for (const [options, code] of [
      [{ root: '/' }, undefined],
      [{ root: 'C:\\data' }, 'E_NOT_FOUND'],
      [{ root: 'data' }, 'E_USAGE'],
      [{ writeBufferBytes: 1000.5 }, 'E_USAGE'],
      [{ writeBufferBytes: 511 }, 'E_USAGE'],
      [{ cacheBytes: 0.5 }, 'E_USAGE'],
      [{ cacheBytes: -1 }, 'E_USAGE'],
    ] as const) {
      const error = errorOf(() => machine.open({ schema, ...options }).close())
      expect({ options, code: error instanceof Error && 'code' in error ? error.code : undefined }).toEqual({
        options,
        code,
      })
    }
    expect(machine.fileSystem.list('/')).toContain('data.rdm')
  })
})
