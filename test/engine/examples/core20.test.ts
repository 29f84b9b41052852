import { describe, expect, it } from 'vitest'
import { core20Schema, insertNext, readAll, readLast } from '../../../engine/examples/core20/index.ts'
import {
  EngineError,
  createAllocator,
  openDatabase,
  singleChunk,
  type Database,
  type Durability,
} from '../../../engine/index.ts'
import { SimulatedDisk, SimulatedProcesses, randomSource } from '../../../faults/index.ts'

const ROOT = '/docs'

class Machine {
  readonly disk = new SimulatedDisk({ directories: [ROOT] })
  readonly processes = new SimulatedProcesses()

  open(chunkBytes: number, durability: Durability = 'sync'): Database<typeof core20Schema> {
    return openDatabase({
      root: ROOT,
      name: 'core20',
      schema: core20Schema,
      fileSystem: this.disk.fileSystem,
      allocator: createAllocator({ algorithm: 'segregated-fit', memory: singleChunk(new Uint8Array(chunkBytes)) }),
      random: randomSource(1, 'engine'),
      processes: this.processes,
      durability,
    })
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

function errorOf(work: () => void): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}

describe('the core20 example', { tags: ['EX20-02'] }, () => {
  it('inserts and reads 1,000 rows in one chunk of 1 MiB, and nothing more', { tags: ['QA-01', 'PRD-01'] }, () => {
    const machine = new Machine()
    const database = machine.open(1024 * 1024)
    for (let i = 0; i < 1000; i += 1) {
      expect(insertNext(database)).toBe(i)
      expect(readLast(database)).toEqual({ last: i, count: i + 1 })
    }
    expect(database.verify()).toEqual([])
    database.close()
    expect(Object.values(database.live()).every((count) => count === 0)).toBe(true)
    const again = machine.open(1024 * 1024)
    expect(readAll(again)).toEqual(numbers(1000))
    again.close()
  })

  it('says out of memory in 32 KiB, and leaves a sound store', { tags: ['ERR-02'] }, () => {
    const machine = new Machine()
    const big = machine.open(1024 * 1024)
    for (let i = 0; i < 20; i += 1) insertNext(big)
    big.close()
    let acknowledged = 20
    const error = errorOf(() => {
      const small = machine.open(32 * 1024)
      try {
        while (acknowledged < 5000) {
          insertNext(small)
          acknowledged += 1
        }
      } finally {
        small.close()
      }
    })
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({ code: 'E_NO_MEMORY' })
    const after = machine.open(1024 * 1024)
    expect(after.verify()).toEqual([])
    expect(readAll(after)).toEqual(numbers(acknowledged))
    after.close()
  })

  it('says of an empty table that it has no last row', () => {
    const database = new Machine().open(1024 * 1024)
    expect(readLast(database)).toEqual({ last: undefined, count: 0 })
    database.close()
  })
})
