import { describe, expect, it } from 'vitest'
import { IoError, PORT_CALLS } from '../../../engine/ports/index.ts'
import {
  FailingFileSystem,
  SimulatedDisk,
  isDurable,
  readImageFile,
  type CallDecision,
  type FileSystemCallInfo,
  type FileSystemCallResult,
} from '../../../faults/index.ts'
import { append, diskWith, patternBytes, text } from '../disk/helpers.ts'

type Told = Readonly<{ call: FileSystemCallInfo; result: FileSystemCallResult; bytes: string | undefined }>

function failing(disk: SimulatedDisk, decide?: (call: FileSystemCallInfo) => CallDecision | undefined) {
  const told: Told[] = []
  const fileSystem = new FailingFileSystem(disk.fileSystem, {
    root: '/d',
    sink: disk.sink,
    site: () => 'here (x.ts)',
    ...(decide === undefined ? {} : { decide }),
    onEvent: (call, result, bytes) => told.push({ call, result, bytes: text(bytes) }),
  })
  return { fileSystem, told }
}

function only(kind: string, decision: CallDecision): (call: FileSystemCallInfo) => CallDecision | undefined {
  return (call) => (call.kind === kind ? decision : undefined)
}

function codeOf(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    if (error instanceof IoError) return error.code
    throw error
  }
  return undefined
}

describe('every call', { tags: ['IOF-01'] }, () => {
  it('is numbered and told with its result, with paths below the root', () => {
    const { fileSystem, told } = failing(diskWith({}))
    const file = fileSystem.create('/d/a')
    append(file, 'abc')
    file.sync()
    fileSystem.syncDirectory('/d')
    file.read(new Uint8Array(8), 0, 8, 1)
    file.sizeBytes()
    file.close()
    file.close()
    fileSystem.rename('/d/a', '/d/b')
    fileSystem.list('/d')
    fileSystem.stat('/d/b')
    fileSystem.makeDirectory('/d/e')
    expect(codeOf(() => fileSystem.open('/d/x', 'read'))).toBe('ENOENT')
    fileSystem.unlink('/d/b')
    expect(
      told.map(({ call, result }) => [call.index, call.kind, call.path, call.argument, result.value, result.code]),
    ).toEqual([
      [1, 'create', 'a', undefined, 1, undefined],
      [2, 'append', 'a', undefined, 3, undefined],
      [3, 'sync', 'a', undefined, undefined, undefined],
      [4, 'syncDirectory', '', undefined, undefined, undefined],
      [5, 'read', 'a', undefined, 2, undefined],
      [6, 'size', 'a', undefined, 3, undefined],
      [7, 'close', 'a', undefined, undefined, undefined],
      [8, 'rename', 'a', 'b', undefined, undefined],
      [9, 'list', '', undefined, 1, undefined],
      [10, 'stat', 'b', undefined, 3, undefined],
      [11, 'makeDirectory', 'e', undefined, undefined, undefined],
      [12, 'open', 'x', 'read', undefined, 'ENOENT'],
      [13, 'unlink', 'b', undefined, undefined, undefined],
    ])
    expect(told[1]).toMatchObject({ call: { offsetBytes: 0, lengthBytes: 3, handle: 1 }, bytes: 'abc' })
    expect(told[4]).toMatchObject({ call: { offsetBytes: 1, lengthBytes: 8 }, bytes: 'bc' })
    expect(new Set(told.map(({ call }) => call.kind))).toEqual(new Set(PORT_CALLS))
    expect(fileSystem.calls).toBe(13)
    expect(fileSystem.delivered).toBe(0)
  })

  it('can be failed with a code, changes nothing then, and is counted as delivered', () => {
    for (const kind of PORT_CALLS) {
      const disk = diskWith({ a: 'abc' })
      const { fileSystem, told } = failing(disk, only(kind, { kind: 'error', code: 'EIO' }))
      const attempts = [
        () => fileSystem.create('/d/n'),
        () => fileSystem.open('/d/a', 'append').close(),
        () => append(fileSystem.open('/d/a', 'append'), 'x'),
        () => fileSystem.open('/d/a', 'read').read(new Uint8Array(1), 0, 1, 0),
        () => fileSystem.open('/d/a', 'append').sync(),
        () => fileSystem.open('/d/a', 'read').sizeBytes(),
        () => fileSystem.list('/d'),
        () => fileSystem.stat('/d/a'),
        () => fileSystem.rename('/d/a', '/d/a2'),
        () => fileSystem.makeDirectory('/d/e'),
        () => fileSystem.syncDirectory('/d'),
        () => fileSystem.unlink('/d/a'),
      ]
      const codes = attempts.map(codeOf).filter((code) => code === 'EIO')
      expect([kind, codes.length > 0]).toEqual([kind, true])
      expect(fileSystem.delivered).toBe(codes.length)
      const delivered = told.filter(({ result }) => result.injected)
      expect(delivered.length).toBe(codes.length)
      expect(new Set(delivered.map(({ call }) => call.kind))).toEqual(new Set([kind]))
    }
  })

  it('is made again as usual when the faults are lifted', () => {
    const { fileSystem } = failing(diskWith({ a: '' }), () => ({ kind: 'error', code: 'EMFILE' }))
    expect(codeOf(() => fileSystem.list('/d'))).toBe('EMFILE')
    fileSystem.lift()
    expect(fileSystem.list('/d')).toEqual(['a'])
  })

  it('can be stopped before it is made', () => {
    const disk = diskWith({})
    const fileSystem = new FailingFileSystem(disk.fileSystem, {
      root: '/d',
      onCall: (call) => {
        if (call.kind === 'create') throw new Error('power cut')
      },
    })
    expect(() => fileSystem.create('/d/a')).toThrow('power cut')
    expect(disk.fileSystem.list('/d')).toEqual([])
  })
})

describe('a short call', { tags: ['IOF-02'] }, () => {
  it('transfers as much as it says, and the rest can follow', () => {
    let calls = 0
    const disk = diskWith({ a: '' })
    const { fileSystem, told } = failing(disk, ({ kind }) => {
      if (kind !== 'append') return undefined
      calls += 1
      return calls === 1 ? { kind: 'short', bytes: 2 } : undefined
    })
    const file = fileSystem.open('/d/a', 'append')
    const bytes = new TextEncoder().encode('abcdef')
    expect(file.append(bytes, 0, 6)).toBe(2)
    expect(file.append(bytes, 2, 4)).toBe(4)
    expect(text(readImageFile(disk.checkpoint(), '/d/a'))).toBe('abcdef')
    expect(told[1]).toMatchObject({ result: { value: 2, injected: true }, bytes: 'ab' })
    expect(fileSystem.delivered).toBe(1)
  })

  it('that cuts nothing is no delivery', () => {
    const { fileSystem } = failing(diskWith({ a: 'abc' }), only('read', { kind: 'short', bytes: 3 }))
    const file = fileSystem.open('/d/a', 'read')
    expect(file.read(new Uint8Array(8), 0, 8, 0)).toBe(3)
    expect(fileSystem.delivered).toBe(0)
    expect(file.read(new Uint8Array(2), 0, 2, 0)).toBe(2)
    expect(fileSystem.delivered).toBe(0)
  })

  it('of nothing reads 0 bytes before the end', () => {
    const { fileSystem } = failing(diskWith({ a: 'abc' }), only('read', { kind: 'short', bytes: 0 }))
    expect(fileSystem.open('/d/a', 'read').read(new Uint8Array(3), 0, 3, 0)).toBe(0)
    expect(fileSystem.delivered).toBe(1)
  })

  it('can end in an error after a part was written', () => {
    const disk = diskWith({ a: '' })
    const decision: CallDecision = { kind: 'error', code: 'ENOSPC', variant: 'after-partial' }
    const { fileSystem, told } = failing(disk, only('append', decision))
    const file = fileSystem.open('/d/a', 'append')
    expect(codeOf(() => append(file, 'abcdef'))).toBe('ENOSPC')
    expect(text(readImageFile(disk.checkpoint(), '/d/a'))).toBe('abc')
    expect(told[1]).toMatchObject({ result: { value: 3, code: 'ENOSPC', injected: true }, bytes: 'abc' })
  })
})

/** A disk on which the first sync goes as decided, and a file system on it. */
function diskDeciding(decision: CallDecision): Readonly<{ disk: SimulatedDisk; fileSystem: FailingFileSystem }> {
  let syncs = 0
  const disk = diskWith({ a: '' })
  const { fileSystem } = failing(disk, ({ kind }) => {
    if (kind !== 'sync' && kind !== 'syncDirectory') return undefined
    syncs += 1
    return syncs === 1 ? decision : undefined
  })
  return { disk, fileSystem }
}

describe('a failed sync', { tags: ['IOF-03'] }, () => {
  it('drops its pages or keeps them pending, as it is told', () => {
    for (const variant of ['pages-dropped', 'pages-kept'] as const) {
      const { disk, fileSystem } = diskDeciding({ kind: 'error', code: 'EIO', variant })
      const file = fileSystem.open('/d/a', 'append')
      append(file, 'abc')
      expect(codeOf(() => file.sync())).toBe('EIO')
      expect(codeOf(() => file.sync())).toBeUndefined()
      expect(isDurable(disk.checkpoint(), '/d/a', 3)).toBe(variant === 'pages-kept')
    }
  })

  it('that was only interrupted leaves all pending and tells no other handle', () => {
    const { disk, fileSystem } = diskDeciding({ kind: 'error', code: 'EINTR' })
    const file = fileSystem.open('/d/a', 'append')
    const other = fileSystem.open('/d/a', 'append')
    append(file, 'abc')
    expect(codeOf(() => file.sync())).toBe('EINTR')
    expect(codeOf(() => other.sync())).toBeUndefined()
    expect(isDurable(disk.checkpoint(), '/d/a', 3)).toBe(true)
  })

  it('of the later kind rejects, and drops or keeps what it was to cover', async () => {
    const { disk, fileSystem } = diskDeciding({ kind: 'error', code: 'EIO', variant: 'pages-dropped' })
    const file = fileSystem.open('/d/a', 'append')
    append(file, 'abc')
    await expect(file.syncLater()).rejects.toMatchObject({ code: 'EIO', operation: 'sync' })
    const again = file.syncLater()
    disk.completeSyncs()
    await again
    expect(isDurable(disk.checkpoint(), '/d/a', 3)).toBe(false)
  })

  it('that lies succeeds and makes nothing durable', () => {
    const { disk, fileSystem } = diskDeciding({ kind: 'lie' })
    const file = fileSystem.open('/d/a', 'append')
    append(file, 'abc')
    file.sync()
    expect(fileSystem.delivered).toBe(1)
    expect(isDurable(disk.checkpoint(), '/d/a', 3)).toBe(false)
  })

  it('of a directory keeps its entries pending, or drops them', () => {
    for (const variant of ['pages-dropped', 'pages-kept'] as const) {
      const { disk, fileSystem } = diskDeciding({ kind: 'error', code: 'EIO', variant })
      fileSystem.create('/d/n').close()
      expect(codeOf(() => fileSystem.syncDirectory('/d'))).toBe('EIO')
      fileSystem.syncDirectory('/d')
      expect(isDurable(disk.checkpoint(), '/d/n', 0)).toBe(variant === 'pages-kept')
    }
  })
})

describe('a close', { tags: ['IOF-01'] }, () => {
  it('that fails has closed', () => {
    const disk = diskWith({ a: '' })
    const { fileSystem } = failing(disk, only('close', { kind: 'error', code: 'EIO' }))
    const file = fileSystem.open('/d/a', 'append')
    expect(fileSystem.openHandles()).toEqual([{ handle: 1, path: 'a', site: 'here (x.ts)' }])
    expect(codeOf(() => file.close())).toBe('EIO')
    expect(codeOf(() => file.close())).toBeUndefined()
    expect(fileSystem.openHandles()).toEqual([])
    expect(disk.openHandles).toBe(0)
  })
})

describe('without a sink', { tags: ['IOF-03'] }, () => {
  it('a sync that fails is not made at all', () => {
    const disk = diskWith({ a: '' })
    const fileSystem = new FailingFileSystem(disk.fileSystem, {
      root: '/d',
      decide: only('sync', { kind: 'error', code: 'EIO', variant: 'pages-dropped' }),
    })
    const file = fileSystem.open('/d/a', 'append')
    append(file, patternBytes(1, 10))
    expect(codeOf(() => file.sync())).toBe('EIO')
    expect(isDurable(disk.checkpoint(), '/d/a', 1)).toBe(false)
  })
})
