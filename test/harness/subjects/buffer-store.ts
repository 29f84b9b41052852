// test/harness/subjects/buffer-store.ts: records in one file over `node:fs`, gathered in buffers: what a store of the field
// asks of memory.
//
// A put encodes its record, adds it to all others in one buffer, writes that beside, and renames it. What is acknowledged is
// kept in memory; `open` reads it back through a buffer of the file's size.

import fs from 'node:fs'
import { scenario, step, times, type Scenario } from '../../../scenarios/index.ts'

/** What the store does about memory that is not there. */
export type Habit = 'tells' | 'swallows' | 'tells something else' | 'allocates while unwinding' | 'keeps the record'

const HEADER_BYTES = 4

class BufferStore {
  records: readonly string[] = []
  private readonly path: string
  private readonly directory: string
  private readonly habit: Habit

  constructor(directory: string, habit: Habit) {
    this.directory = directory
    this.path = `${directory}/records`
    this.habit = habit
    const status = fs.statSync(this.path, { throwIfNoEntry: false })
    if (status === undefined) return
    const content = Buffer.allocUnsafe(status.size)
    const fd = fs.openSync(this.path, 'r')
    try {
      for (let done = 0; done < content.length;) done += read(fd, content, done)
    } finally {
      fs.closeSync(fd)
    }
    const records: string[] = []
    for (let at = 0; at < content.length;) {
      const end = at + HEADER_BYTES + content.readUInt32BE(at)
      records.push(content.toString('utf8', at + HEADER_BYTES, end))
      at = end
    }
    this.records = records
  }

  put(text: string): void {
    const records = [...this.records, text]
    if (this.habit === 'keeps the record') this.records = records
    let content: Buffer
    try {
      content = Buffer.concat(records.map(encoded))
    } catch (error) {
      if (this.habit === 'swallows') return
      if (this.habit === 'allocates while unwinding') Buffer.alloc(16)
      if (this.habit === 'tells something else') throw new Error('the record is bad', { cause: error })
      throw error
    }
    const fd = fs.openSync(`${this.path}.new`, 'w')
    try {
      for (let done = 0; done < content.length;) done += fs.writeSync(fd, content, done)
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    fs.renameSync(`${this.path}.new`, this.path)
    const folder = fs.openSync(this.directory, 'r')
    try {
      fs.fsyncSync(folder)
    } finally {
      fs.closeSync(folder)
    }
    this.records = records
  }
}

/** Bytes read; throws at an end that comes too early. */
function read(fd: number, content: Buffer, done: number): number {
  const bytes = fs.readSync(fd, content, done, content.length - done, null)
  if (bytes === 0) throw Object.assign(new Error('EIO: the file ends too early'), { code: 'EIO' })
  return bytes
}

function encoded(text: string): Buffer {
  const payload = Buffer.from(text)
  const record = Buffer.alloc(HEADER_BYTES + payload.length)
  record.writeUInt32BE(payload.length)
  payload.copy(record, HEADER_BYTES)
  return record
}

export function bufferScenario(habit: Habit, failsBuffers = true): Scenario<BufferStore, readonly string[]> {
  return scenario<BufferStore, readonly string[]>({
    name: 'buffers',
    summary: 'records gathered in buffers',
    parameters: { puts: 3 },
    usesNodeFs: true,
    failsBuffers,
    open: (world) => new BufferStore(world.directory, habit),
    steps: ({ puts }) =>
      times(Number(puts), (index) =>
        step(`put ${index}`, {
          run: (store) => store.put(`record ${index} ${'x'.repeat(100 * index)}`),
          model: (records) => [...records, `record ${index} ${'x'.repeat(100 * index)}`],
        }),
      ),
    initial: () => [],
    read: (store) => store.records,
    close: () => {},
  })
}
