import { describe, expect, it } from 'vitest'
import { FILE_SYSTEM_CALLS, IoError, type FileHandle } from '../../../engine/ports/index.ts'
import { FailingFileSystem, ioConditions, type CallDecision, type FileSystemCallInfo } from '../../../faults/index.ts'
import { diskWith } from '../disk/helpers.ts'

function failing(decide: (call: FileSystemCallInfo) => CallDecision | undefined) {
  const disk = diskWith({})
  const delays: number[] = []
  const disturbed: string[] = []
  const fileSystem = new FailingFileSystem(disk.fileSystem, {
    root: '/d',
    sink: disk.sink,
    decide,
    delay: (ms) => delays.push(ms),
    onDisturbed: ({ kind }) => disturbed.push(kind),
  })
  return { disk, fileSystem, delays, disturbed }
}

/** One call: it may write less. */
function append(file: FileHandle, text: string): number {
  return file.append(new TextEncoder().encode(text), 0, text.length)
}

const onWrites = (decision: CallDecision) => (call: FileSystemCallInfo) =>
  call.kind === 'append' ? decision : undefined

const writeBackBefore = (kind: string) => (call: FileSystemCallInfo) =>
  call.kind === kind ? ({ kind: 'write-back', variant: 'pages-dropped' } as const) : undefined

function codeOf(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    if (error instanceof IoError) return error.code
    throw error
  }
  return undefined
}

describe('the list of conditions', { tags: ['IOF-05'] }, () => {
  it('has something for every kind of call, each once, and more when every value is wanted', () => {
    for (const kind of FILE_SYSTEM_CALLS) {
      const options = { isPending: true, mayLie: true, every: false }
      const some = ioConditions({ kind, lengthBytes: 100 }, options).map((each) => JSON.stringify(each))
      const all = ioConditions({ kind, lengthBytes: 100 }, { ...options, every: true }).map((each) =>
        JSON.stringify(each),
      )
      expect(some.length).toBeGreaterThan(0)
      expect(new Set(all).size).toBe(all.length)
      expect(some.filter((each) => !all.includes(each))).toEqual([])
    }
  })

  it('asks nobody to survive a lie who has not said that lost writes are noticed', () => {
    const options = { isPending: true, mayLie: false, every: true }
    expect(ioConditions({ kind: 'sync' }, options).some(({ mode }) => mode === 'lie')).toBe(false)
  })
})

describe('a full disk', { tags: ['IOF-05'] }, () => {
  it('takes what fits, refuses the rest with ENOSPC, and has room again for what was deleted', () => {
    const { fileSystem } = failing(onWrites({ kind: 'full', freeBytes: 5 }))
    const other = fileSystem.create('/d/other')
    expect(append(other, 'abc')).toBe(3)
    other.close()
    const file = fileSystem.create('/d/a')
    expect(append(file, 'defg')).toBe(2)
    expect(codeOf(() => append(file, 'fg'))).toBe('ENOSPC')
    expect(fileSystem.delivered).toBe(2)
    fileSystem.unlink('/d/other')
    expect(append(file, 'fg')).toBe(2)
    expect(append(file, 'hi')).toBe(1)
  })

  it('keeps the room of a deleted file until its last handle is closed', () => {
    const { fileSystem } = failing(onWrites({ kind: 'full', freeBytes: 3 }))
    const other = fileSystem.create('/d/other')
    append(other, 'abc')
    fileSystem.unlink('/d/other')
    const file = fileSystem.create('/d/a')
    expect(codeOf(() => append(file, 'd'))).toBe('ENOSPC')
    other.close()
    expect(append(file, 'd')).toBe(1)
  })

  it('has room for all once the fault is lifted', () => {
    const { fileSystem } = failing(onWrites({ kind: 'full', freeBytes: 0 }))
    const file = fileSystem.create('/d/a')
    expect(codeOf(() => append(file, 'd'))).toBe('ENOSPC')
    fileSystem.lift()
    expect(append(file, 'd')).toBe(1)
  })
})

describe('a slow call', { tags: ['IOF-05'] }, () => {
  it('does what it should after the time', () => {
    const { fileSystem, delays, disturbed } = failing(onWrites({ kind: 'slow', ms: 70 }))
    const file = fileSystem.create('/d/a')
    expect(append(file, 'abc')).toBe(3)
    expect([delays, disturbed, fileSystem.delivered]).toEqual([[70], ['append'], 1])
  })
})

describe('a failed write-back', { tags: ['IOF-05'] }, () => {
  it('is told by the next sync of a handle that was open, once, and the pages are not durable', () => {
    const { fileSystem, disk } = failing(writeBackBefore('sync'))
    const file = fileSystem.create('/d/a')
    append(file, 'abc')
    expect(codeOf(() => file.sync())).toBe('EIO')
    fileSystem.lift()
    expect(codeOf(() => file.sync())).toBeUndefined()
    fileSystem.syncDirectory('/d')
    expect(disk.isDurable('/d/a', 3)).toBe(false)
    expect(fileSystem.delivered).toBe(2)
  })

  it('is never told to a handle that is opened after it', () => {
    const { fileSystem, disk } = failing(writeBackBefore('close'))
    const file = fileSystem.create('/d/a')
    append(file, 'abc')
    file.close()
    const other = fileSystem.open('/d/a', 'append')
    expect(codeOf(() => other.sync())).toBeUndefined()
    expect(disk.isDurable('/d/a', 3)).toBe(false)
  })

  it('is not delivered where nothing is pending', () => {
    const { fileSystem } = failing(writeBackBefore('sync'))
    const file = fileSystem.create('/d/a')
    expect(codeOf(() => file.sync())).toBeUndefined()
    expect(fileSystem.delivered).toBe(0)
  })
})
