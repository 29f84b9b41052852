// test/engine/lock/lock-world.ts: processes that live and die by the test's word, over one small disk.

import type { LockOptions } from '../../../engine/lock/index.ts'
import { createAllocator, systemChunks } from '../../../engine/memory/index.ts'
import type { ProcessIdentity, Processes } from '../../../engine/ports/index.ts'
import { SmallDisk, type CallHook, type SmallView } from './small-file-system.ts'

export const DIRECTORY = '/root'

export type SmallProcess = LockOptions & Readonly<{ fileSystem: SmallView }>

/** What a hook throws when its process dies in a call. */
export class Died extends Error {}

export class LockWorld {
  readonly disk = new SmallDisk()
  readonly dead = new Set<string>()
  boot = 'boot1'
  #tokens = 0

  /** A process of that name, with everything an acquire needs; every call goes through the hook. */
  process(name: string, hook: CallHook = (_operation, _name, perform) => perform()): SmallProcess {
    const identity: ProcessIdentity = { host: 'host-1', boot: this.boot, process: name, start: '7' }
    const processes: Processes = {
      self: () => identity,
      isRunning: ({ host, boot, process }) => {
        if (host !== 'host-1') return 'unknown'
        return boot === this.boot && !this.dead.has(process) ? 'yes' : 'no'
      },
    }
    return {
      fileSystem: this.disk.view(hook),
      processes,
      random: {
        fill: (target, offset, length) => {
          this.#tokens += 1
          target.fill(this.#tokens, offset, offset + length)
        },
      },
      allocator: createAllocator({ algorithm: 'segregated-fit', memory: systemChunks({ chunkBytes: 2048 }) }),
      directory: DIRECTORY,
    }
  }

  write(name: string, text: string): void {
    this.disk.files.set(name, { bytes: [...new TextEncoder().encode(text)] })
  }
}
