// faults/mutant-kit/stale-reads.ts: what files held when they were first read, for a process that never looks again.

import type { FileHandle } from '../../engine/ports/index.ts'
import { contentOf } from './transfer.ts'

export class StaleReads {
  private readonly first = new Map<string, Uint8Array>()
  private readonly changed = new Set<string>()

  /** These paths hold something else from now on. */
  wrote(...paths: readonly string[]): void {
    for (const path of paths) this.changed.add(path)
  }

  /** What the file held when it was read first; undefined if that is what it still holds. */
  of(file: Pick<FileHandle, 'path' | 'read' | 'sizeBytes'>): Uint8Array | undefined {
    const known = this.first.get(file.path)
    if (known !== undefined) return this.changed.has(file.path) ? known : undefined
    this.first.set(file.path, contentOf(file))
    this.changed.delete(file.path)
    return undefined
  }
}
