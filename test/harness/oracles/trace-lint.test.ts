import { describe, expect, it } from 'vitest'
import { SimulatedDisk, FailingFileSystem, type CallDecision, type FileSystemCallInfo } from '../../../faults/index.ts'
import type { FileSystem } from '../../../engine/ports/index.ts'
import { TraceLint } from '../../../harness/oracles/index.ts'

function lintOf(program: (files: FileSystem) => void, decide?: (call: FileSystemCallInfo) => CallDecision | undefined) {
  const disk = new SimulatedDisk({ directories: ['/d'] })
  const lint = new TraceLint({ isPermanent: (path) => path.endsWith('.pack') })
  const files = new FailingFileSystem(disk.fileSystem, {
    root: '/d',
    sink: disk.sink,
    onCall: (call) => lint.beforeCall(call),
    onEvent: (call, result) => lint.afterCall(call, result),
    ...(decide === undefined ? {} : { decide }),
  })
  try {
    program(files)
  } catch {
    // What is looked at is the order of calls, not their outcome.
  }
  return lint.broken
}

const bytes = Uint8Array.of(1, 2, 3)

describe('the trace lint', { tags: ['ORA-03'] }, () => {
  it('is content with a file written, synced, named and followed by another', () => {
    const broken = lintOf((files) => {
      for (const name of ['/d/1.pack', '/d/2.pack']) {
        const file = files.create(name)
        files.syncDirectory('/d')
        file.append(bytes, 0, 3)
        file.sync()
      }
      files.unlink('/d/1.pack')
      files.syncDirectory('/d')
    })
    expect(broken).toBeUndefined()
  })

  it('finds an append after a failed sync of the file', () => {
    const broken = lintOf(
      (files) => {
        const file = files.create('/d/1.pack')
        file.append(bytes, 0, 3)
        expect(() => file.sync()).toThrow('EIO')
        file.append(bytes, 0, 3)
      },
      (call) => (call.kind === 'sync' ? { kind: 'error', code: 'EIO', variant: 'pages-kept' } : undefined),
    )
    expect(broken).toContain('after a sync of it failed')
  })

  it('does not count an interrupted sync as a failed one', () => {
    let interrupted = false
    const broken = lintOf(
      (files) => {
        const file = files.create('/d/1.pack')
        expect(() => file.sync()).toThrow('EINTR')
        file.append(bytes, 0, 3)
      },
      (call) => {
        if (call.kind !== 'sync' || interrupted) return undefined
        interrupted = true
        return { kind: 'error', code: 'EINTR' }
      },
    )
    expect(interrupted).toBe(true)
    expect(broken).toBeUndefined()
  })

  it('finds two syncs of one file in flight', () => {
    const broken = lintOf((files) => {
      const file = files.create('/d/1.pack')
      void file.syncLater()
      file.sync()
    })
    expect(broken).toContain('another sync of it is in flight')
  })

  it('finds two changes of names without a sync of the directory between them', () => {
    const broken = lintOf((files) => {
      files.create('/d/1.pack')
      files.create('/d/2.pack')
    })
    expect(broken).toContain('without a sync of the directory')
  })

  it('lets a program take back a create, and create files that nothing rests on', () => {
    const broken = lintOf((files) => {
      files.create('/d/lock.1')
      files.create('/d/lock.2')
      files.create('/d/1.pack')
      files.unlink('/d/1.pack')
    })
    expect(broken).toBeUndefined()
  })

  it('finds a file unlinked while bytes of another are not durable', () => {
    const broken = lintOf((files) => {
      const first = files.create('/d/1.pack')
      files.syncDirectory('/d')
      first.append(bytes, 0, 3)
      first.sync()
      const next = files.create('/d/2.pack')
      files.syncDirectory('/d')
      next.append(bytes, 0, 3)
      files.unlink('/d/1.pack')
    })
    expect(broken).toContain('while bytes of')
  })

  it('lets a program take away a file that it made and that no sync ever made durable', () => {
    const broken = lintOf((files) => {
      const first = files.create('/d/1.pack')
      files.syncDirectory('/d')
      first.append(bytes, 0, 3)
      files.create('/d/2.pack')
      files.syncDirectory('/d')
      files.unlink('/d/2.pack')
    })
    expect(broken).toBeUndefined()
  })
})
