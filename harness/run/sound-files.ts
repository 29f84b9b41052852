// harness/run/sound-files.ts: files that a check of a whole store found sound, known again by what they hold.
//
// 1. It is filled from the recorded run's store, once, before the first fault, and never afterwards: which files a check
//    leaves out is a function of the plan, the same on every worker and in every replay.
// 2. A file is known by its path and a hash of all its bytes; a file that holds anything else is looked at.
//
// That a check which leaves out what is known finds what a full one finds is tested where it is used: every run that is
// made twice ends with a full check (recovery.ts).

import type { Hash64, SimulatedDisk } from '../../faults/index.ts'
import type { SoundFiles } from '../../scenarios/index.ts'

type Known = Readonly<{ high: number; low: number; finding: unknown }>

export class SoundFilesMemory {
  private readonly files = new Map<string, Known>()
  /** Something is noted only while this is true. */
  learning = false

  /** Files that are known. */
  get size(): number {
    return this.files.size
  }

  /** The memory as a process on this disk may ask it. */
  of(disk: Pick<SimulatedDisk, 'contentHash'>): SoundFiles {
    return {
      recall: (path) => {
        const known = this.files.get(path)
        if (known === undefined) return undefined
        const held = disk.contentHash(path)
        return held !== undefined && sameHash(held, known) ? known.finding : undefined
      },
      note: (path, finding) => {
        const held = this.learning ? disk.contentHash(path) : undefined
        if (held !== undefined) this.files.set(path, { high: held.high, low: held.low, finding })
      },
    }
  }
}

function sameHash(held: Hash64, known: Known): boolean {
  return held.high === known.high && held.low === known.low
}
