// test/faults/disk/helpers.ts: small histories on a simulated disk, and random ones.

import fc from 'fast-check'
import type { FileHandle } from '../../../engine/ports/index.ts'
import { SimulatedDisk, type DiskImage } from '../../../faults/index.ts'

export const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes)

/** Bytes that tell from which write they are: no write's are another's, none are zero. */
export function patternBytes(write: number, lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, index) => 1 + ((write * 37 + index * 7 + (index >> 8)) % 255))
}

export function append(file: FileHandle, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  file.append(bytes, 0, bytes.length)
}

/** A disk with a synced file `/d/NAME` for each name, holding `content`. */
export function diskWith(files: Readonly<Record<string, string>>): SimulatedDisk {
  const disk = new SimulatedDisk({ directories: ['/d'] })
  for (const [name, content] of Object.entries(files)) {
    const file = disk.fileSystem.create(`/d/${name}`)
    append(file, content)
    file.sync()
    file.close()
  }
  disk.fileSystem.syncDirectory('/d')
  return disk
}

/** The text of a file on an image, as the process after a crash reads it. */
export function read(image: DiskImage, path: string): string | undefined {
  const { fileSystem } = SimulatedDisk.from(image)
  if (fileSystem.stat(path)?.kind !== 'file') return undefined
  const file = fileSystem.open(path, 'read')
  const bytes = new Uint8Array(file.sizeBytes())
  file.read(bytes, 0, bytes.length, 0)
  return text(bytes)
}

/** Every name and content of an image, read by a process that starts on it. */
export function treeOf(image: DiskImage): Readonly<Record<string, string>> {
  const { fileSystem } = SimulatedDisk.from(image)
  const tree: Record<string, string> = {}
  const visit = (directory: string): void => {
    for (const name of fileSystem.list(directory === '' ? '/' : directory)) {
      const path = `${directory}/${name}`
      if (fileSystem.stat(path)?.kind === 'directory') {
        tree[path] = 'directory'
        visit(path)
        continue
      }
      const file = fileSystem.open(path, 'read')
      const bytes = new Uint8Array(file.sizeBytes())
      file.read(bytes, 0, bytes.length, 0)
      tree[path] = Buffer.from(bytes).toString('base64')
    }
  }
  visit('')
  return tree
}

/** One thing done to a disk; files are named by letters in `/d`. */
export type Deed =
  | Readonly<{ kind: 'append'; file: string; length: number }>
  | Readonly<{ kind: 'sync'; file: string }>
  | Readonly<{ kind: 'unlink'; file: string }>
  | Readonly<{ kind: 'create'; file: string }>
  | Readonly<{ kind: 'rename'; file: string; target: string }>
  | Readonly<{ kind: 'overwrite'; file: string; position: number; length: number }>
  | Readonly<{ kind: 'resize'; file: string; size: number }>
  | Readonly<{ kind: 'syncDirectory' }>
  | Readonly<{ kind: 'kill' }>
  | Readonly<{ kind: 'failSync'; file: string; failure: 'pages-dropped' | 'pages-evicted' | 'pages-kept' }>

const file = fc.constantFrom('a', 'b', 'c')
const appendDeed = fc.record({ kind: fc.constant('append' as const), file, length: fc.integer({ min: 1, max: 1500 }) })
const syncDeed = fc.record({ kind: fc.constant('sync' as const), file })
const nameDeed = fc.oneof(
  fc.record({ kind: fc.constantFrom('unlink' as const, 'create' as const), file }),
  fc.record({ kind: fc.constant('rename' as const), file, target: file }),
)
const directoryDeed = fc.record({ kind: fc.constant('syncDirectory' as const) })

/** What an append-only store does. */
export const appendOnlyDeed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: appendDeed },
  { weight: 2, arbitrary: syncDeed },
  { weight: 2, arbitrary: nameDeed },
  { weight: 1, arbitrary: directoryDeed },
)

/** What any program and any disk do. */
export const anyDeed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: appendOnlyDeed },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('overwrite' as const),
      file,
      position: fc.nat({ max: 3000 }),
      length: fc.integer({ min: 1, max: 1500 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('resize' as const), file, size: fc.nat({ max: 5000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('failSync' as const),
      file,
      failure: fc.constantFrom('pages-dropped' as const, 'pages-evicted' as const, 'pages-kept' as const),
    }),
  },
)

/** Does deeds to a disk; what cannot be done (no such file) is not. */
export class Doer {
  readonly disk: SimulatedDisk
  private writes: number

  constructor(disk: SimulatedDisk, writes = 0) {
    this.disk = disk
    this.writes = writes
  }

  get writesSoFar(): number {
    return this.writes
  }

  do(deed: Deed): void {
    const { fileSystem } = this.disk
    if (deed.kind === 'kill') return this.disk.kill()
    if (deed.kind === 'syncDirectory') return fileSystem.syncDirectory('/d')
    const path = `/d/${deed.file}`
    if (deed.kind === 'create') {
      if (fileSystem.stat(path) === undefined) fileSystem.create(path).close()
      return
    }
    if (fileSystem.stat(path) === undefined) return
    if (deed.kind === 'unlink') return fileSystem.unlink(path)
    if (deed.kind === 'rename') return fileSystem.rename(path, `/d/${deed.target}`)
    const handle = fileSystem.open(path, 'append')
    this.doTo(handle, deed)
    handle.close()
  }

  private doTo(
    handle: FileHandle,
    deed: Extract<Deed, { kind: 'append' | 'sync' | 'overwrite' | 'resize' | 'failSync' }>,
  ): void {
    const { inode } = this.disk.openInode(handle.path, inodeOf(handle), 'append')
    switch (deed.kind) {
      case 'append':
        this.writes += 1
        append(handle, patternBytes(this.writes, deed.length))
        return
      case 'overwrite':
        this.writes += 1
        this.disk.writeAt(inode, patternBytes(this.writes, deed.length), 0, deed.length, deed.position)
        return
      case 'resize':
        this.disk.resizeFile(inode, deed.size)
        return
      case 'sync':
        handle.sync()
        return
      case 'failSync':
        this.disk.sink.failSync(handle, deed.failure)
        return
      default:
        deed satisfies never
    }
  }
}

function inodeOf(handle: FileHandle): number {
  if ('inode' in handle && typeof handle.inode === 'number') return handle.inode
  throw new TypeError('not a handle of a simulated disk')
}
