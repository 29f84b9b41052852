// test/scenarios/plain-world.ts: a world without faults on a directory of the real file system, which counts milestones.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem, systemClock, systemProcesses, systemScheduler } from '../../engine/adapters/index.ts'
import type { World } from '../../scenarios/index.ts'

export type PlainWorld = World & Readonly<{ milestones: ReadonlyMap<string, number>; remove(): void }>

/** Random bytes are a sequence that is the same for the same label. */
export function makePlainWorld(): PlainWorld {
  const directory = mkdtempSync(join(tmpdir(), 'powercut-world-'))
  const milestones = new Map<string, number>()
  return {
    directory,
    fileSystem: nodeFileSystem(),
    clock: systemClock(),
    scheduler: systemScheduler(),
    processes: systemProcesses(),
    random: (label) => {
      let state = [...label].reduce((sum, character) => sum * 31 + (character.codePointAt(0) ?? 0), 7) % 0xffff_fffb
      return {
        fill: (target, offset, length) => {
          for (let i = offset; i < offset + length; i += 1) {
            state = (state * 48_271) % 0x7fff_ffff
            target[i] = state & 0xff
          }
        },
      }
    },
    wrapAllocator: (inner) => inner,
    count: (name) => void milestones.set(name, (milestones.get(name) ?? 0) + 1),
    milestones,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
