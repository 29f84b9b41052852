// test/conformance/differential.test.ts: random calls give the same results and error codes on the simulated disk, on the
// operating system's files and on memfs.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeFileSystem } from '../../engine/adapters/index.ts'
import { IoError, type FileHandle, type FileSystem } from '../../engine/ports/index.ts'
import { SimulatedDisk } from '../../faults/index.ts'
import { memfsFileSystem } from './memfs-file-system.ts'

type Call =
  | Readonly<{ kind: 'open'; path: string; mode: 'read' | 'append' }>
  | Readonly<{ kind: 'create' | 'list' | 'stat' | 'unlink' | 'makeDirectory' | 'syncDirectory'; path: string }>
  | Readonly<{ kind: 'rename'; path: string; target: string }>
  | Readonly<{ kind: 'append'; handle: number; length: number }>
  | Readonly<{ kind: 'read'; handle: number; length: number; position: number }>
  | Readonly<{ kind: 'sync' | 'size' | 'close'; handle: number }>

const names = ['a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a', 'a/b', 'missing/a']
const path = fc.constantFrom(...names)
const handle = fc.nat({ max: 5 })
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), path, mode: fc.constantFrom('read' as const, 'append' as const) }),
  fc.record({
    kind: fc.constantFrom(
      ...(['create', 'create', 'list', 'stat', 'unlink', 'makeDirectory', 'syncDirectory'] as const),
    ),
    path,
  }),
  fc.record({ kind: fc.constant('rename' as const), path, target: path }),
  fc.record({ kind: fc.constant('append' as const), handle, length: fc.nat({ max: 5000 }) }),
  fc.record({
    kind: fc.constant('read' as const),
    handle,
    length: fc.nat({ max: 5000 }),
    position: fc.nat({ max: 9000 }),
  }),
  fc.record({ kind: fc.constantFrom('sync' as const, 'size' as const, 'close' as const), handle }),
)

/** One file system under comparison, with the handles that the calls opened on it. */
class Subject {
  private readonly fileSystem: FileSystem
  private readonly root: string
  private readonly handles: { file: FileHandle; isOpen: boolean }[] = []
  private fill = 0

  constructor(fileSystem: FileSystem, root: string) {
    this.fileSystem = fileSystem
    this.root = root
  }

  /** Makes a call and tells what came of it, comparably. */
  perform(made: Call): string {
    try {
      return this.result(made)
    } catch (error) {
      if (error instanceof IoError) return error.code === 'EPERM' ? 'EISDIR' : error.code
      throw error
    }
  }

  closeAll(): void {
    for (const { file } of this.handles) file.close()
  }

  /** Every name and content below the root. */
  tree(below = ''): string[] {
    return this.fileSystem.list(`${this.root}${below}`).flatMap((name) => {
      const inside = `${below}/${name}`
      if (this.fileSystem.stat(`${this.root}${inside}`)?.kind === 'directory') return [inside, ...this.tree(inside)]
      const file = this.fileSystem.open(`${this.root}${inside}`, 'read')
      const bytes = new Uint8Array(file.sizeBytes())
      file.read(bytes, 0, bytes.length, 0)
      file.close()
      return [`${inside} ${Buffer.from(bytes).toString('base64')}`]
    })
  }

  private result(made: Call): string {
    const { fileSystem, root } = this
    switch (made.kind) {
      case 'open': {
        const full = `${root}/${made.path}`
        // Whether a directory can be opened for reading, and is refused only when read, differs between systems.
        if (made.mode === 'read' && fileSystem.stat(full)?.kind === 'directory') return 'a directory'
        this.handles.push({ file: fileSystem.open(full, made.mode), isOpen: true })
        return 'opened'
      }
      case 'create':
        this.handles.push({ file: fileSystem.create(`${root}/${made.path}`), isOpen: true })
        return 'created'
      case 'list':
        return fileSystem.list(`${root}/${made.path}`).join()
      case 'stat': {
        const status = fileSystem.stat(`${root}/${made.path}`)
        return status?.kind === 'file' ? `file ${status.sizeBytes}` : String(status?.kind)
      }
      case 'unlink':
      case 'makeDirectory':
      case 'syncDirectory':
        fileSystem[made.kind](`${root}/${made.path}`)
        return 'done'
      case 'rename':
        fileSystem.rename(`${root}/${made.path}`, `${root}/${made.target}`)
        return 'done'
      default:
        return this.handleResult(made)
    }
  }

  private handleResult(made: Extract<Call, { handle: number }>): string {
    const entry = this.handles[made.handle]
    if (entry === undefined || !entry.isOpen) return 'no handle'
    const { file } = entry
    switch (made.kind) {
      case 'append':
        this.fill += 1
        return String(file.append(new Uint8Array(made.length).fill(this.fill), 0, made.length))
      case 'read': {
        const target = new Uint8Array(made.length)
        const count = file.read(target, 0, made.length, made.position)
        return `${count} ${Buffer.from(target).toString('base64')}`
      }
      case 'sync':
        // Whether a handle for reading may sync differs between systems.
        return 'done'
      case 'size':
        return String(file.sizeBytes())
      case 'close':
        file.close()
        entry.isOpen = false
        return 'closed'
      default:
        return made satisfies never
    }
  }
}

/** Renames that memfs carries out although POSIX forbids them. */
const FORBIDDEN = ['EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EINVAL']

describe('random calls', { tags: ['POR-01'] }, () => {
  const base = mkdtempSync(join(tmpdir(), 'powercut-differential-'))
  let run = 0
  afterAll(() => rmSync(base, { recursive: true }))

  it('give the same results on the simulated disk, the real file system and memfs', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 5, maxLength: 60 }), (calls) => {
        run += 1
        const real = nodeFileSystem()
        real.makeDirectory(`${base}/${run}`)
        const memory = memfsFileSystem()
        memory.makeDirectory('/root')
        const subjects = {
          simulated: new Subject(new SimulatedDisk({ directories: ['/root'] }).fileSystem, '/root'),
          real: new Subject(real, `${base}/${run}`),
          memory: new Subject(memory, '/root'),
        }
        for (const made of calls) {
          const expected = subjects.real.perform(made)
          expect([made, subjects.simulated.perform(made)]).toEqual([made, expected])
          if (made.kind === 'rename' && FORBIDDEN.includes(expected)) continue
          expect(['memfs', made, subjects.memory.perform(made)]).toEqual(['memfs', made, expected])
        }
        expect(subjects.simulated.tree()).toEqual(subjects.real.tree())
        expect(subjects.memory.tree()).toEqual(subjects.real.tree())
        for (const subject of Object.values(subjects)) subject.closeAll()
      }),
      { numRuns: 300 },
    )
  })
})
