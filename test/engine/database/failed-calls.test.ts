// test/engine/database/failed-calls.test.ts: an error of the file system or of the allocator says which call of the database
// it broke; and what rests on a commit that waits is not told before it.

import { describe, expect, it } from 'vitest'
import { EngineError, column, defineSchema } from '../../../engine/index.ts'
import {
  AllocationInjector,
  CountingAllocator,
  FailingFileSystem,
  type FileSystemCallInfo,
} from '../../../faults/index.ts'
import { Machine, ROOT, errorOf, smallAllocator } from '../machine.ts'
import { Bed, outcomeOf, settled } from './concurrent-bed.ts'

const schema = defineSchema({ row: { columns: { id: column.integer(), text: column.string() }, primaryKey: 'id' } })
const pack = { packBytesMax: 4096, markerIntervalBytes: 512 }

/** Refuses every allocation while it is told to. */
class Refusing extends AllocationInjector {
  isRefusing = false

  override refuses(): boolean {
    return this.isRefusing
  }
}

function machineWithRows(): Machine {
  const machine = new Machine()
  const database = machine.open({ schema, pack, fanOut: 4 })
  for (let id = 0; id < 12; id += 1)
    database.update((transaction) => transaction.insert('row', { id, text: 'x'.repeat(200) }))
  database.close()
  return machine
}

describe('an error of the file system', { tags: ['QA-09'] }, () => {
  const allCalls: readonly (readonly [string, FileSystemCallInfo['kind'], RegExp])[] = [
    ['verify', 'read', /^E_IO: verify: read of .*pack failed with EIO$/],
    ['get', 'read', /^E_IO: get of 'row' 3: read of .*pack failed with EIO$/],
    ['scan', 'read', /^E_IO: scan of 'row': read of .*pack failed with EIO$/],
    ['commit', 'append', /^E_IO: commit: append of .*pack failed with EIO$/],
    ['sync', 'sync', /^E_OUTCOME_UNKNOWN|^E_IO: sync: sync of .*pack failed with EIO$/],
  ]

  it.each(allCalls)('says that it was met in %s, where and with what', (call, kind, says) => {
    const machine = machineWithRows()
    let isFailing = false
    const fileSystem = new FailingFileSystem(machine.fileSystem, {
      root: ROOT,
      sink: machine.disk.sink,
      decide: (info) =>
        isFailing && info.kind === kind && info.path.endsWith('.pack') ? { kind: 'error', code: 'EIO' } : undefined,
    })
    const database = machine.open({ schema, pack, fileSystem, fanOut: 4, durability: 'lazy' })
    database.update((transaction) => transaction.insert('row', { id: 20, text: '' }))
    const calls: Readonly<Record<string, () => unknown>> = {
      verify: () => database.verify(),
      get: () => database.read((reader) => reader.get('row', 3)),
      scan: () => database.read((reader) => [...reader.scan('row')]),
      sync: () => database.sync(),
      commit: () => {
        const transaction = database.begin()
        transaction.insert('row', { id: 21, text: '' })
        transaction.commit()
      },
    }
    isFailing = true
    const error = errorOf(() => calls[call]?.())
    isFailing = false
    expect(error).toBeInstanceOf(EngineError)
    expect(error instanceof Error && error.message).toMatch(says)
    database.close()
  })
})

describe('an error of the allocator', { tags: ['QA-09'] }, () => {
  it.each([
    ['begin', /^E_NO_MEMORY: begin of a transaction: no memory for \d+ bytes of 'transaction'$/],
    ['snapshot', /^E_NO_MEMORY: snapshot: no memory for \d+ bytes of 'snapshot'$/],
    ['verify', /^E_NO_MEMORY: verify: no memory for \d+ bytes of '[\w-]+'$/],
  ])('says that it was met in %s, and for what the memory was', (call, says) => {
    const machine = machineWithRows()
    const injector = new Refusing([])
    const allocator = new CountingAllocator(smallAllocator(), { injector })
    const database = machine.open({ schema, pack, allocator, fanOut: 4 })
    const calls: Readonly<Record<string, () => unknown>> = {
      begin: () => database.begin(),
      snapshot: () => database.snapshot(),
      verify: () => database.verify(),
    }
    injector.isRefusing = true
    const error = errorOf(() => calls[call]?.())
    injector.isRefusing = false
    expect(error).toBeInstanceOf(EngineError)
    expect(error instanceof Error && error.message).toMatch(says)
    database.close()
  })
})

describe('a transaction that changed nothing', { tags: ['GRP-02'] }, () => {
  it('is told to be over only when what it read is acknowledged', async () => {
    const bed = new Bed()
    const written = await bed.put('a', 1)
    const reading = await bed.begin('a')
    expect(reading.get('a', 1)).toEqual({ id: 1, value: 1 })
    const read = outcomeOf(reading.commit())
    await settled()
    expect([written.what, read.what]).toEqual([undefined, undefined])
    await bed.run()
    expect([written.what, read.what]).toEqual(['done', 'done'])
    const later = await bed.begin('a')
    later.get('a', 1)
    const alone = outcomeOf(later.commit())
    await settled()
    expect(alone.what).toBe('done')
    bed.database.close()
  })

  it('fails with the commit that it read, if that does', async () => {
    const bed = new Bed()
    const written = await bed.put('a', 1)
    const reading = await bed.begin('a')
    reading.get('a', 1)
    const read = outcomeOf(reading.commit())
    bed.database.close()
    await settled()
    expect([written.what, read.what]).toEqual(['E_OUTCOME_UNKNOWN', 'E_OUTCOME_UNKNOWN'])
  })
})
