// test/engine/pack/commit-queue.test.ts: the queue by itself, over handles of a simulated disk whose syncs end when told.

import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { CommitQueue, type SharedSyncHost } from '../../../engine/pack/commit-queue.ts'
import type { FileHandle } from '../../../engine/ports/index.ts'
import { SimulatedDisk, SimulatedScheduler } from '../../../faults/index.ts'

/** Lets promises that are settled tell it. */
const told = async (): Promise<void> => {
  for (let turns = 0; turns < 10; turns += 1) await Promise.resolve()
}

/** A host that begins a new file for each sync, as a log does that leaves its pack. */
class QueueBed implements SharedSyncHost {
  readonly disk = new SimulatedDisk({ directories: ['/docs'] })
  readonly scheduler = new SimulatedScheduler()
  readonly queue = new CommitQueue(this, this.scheduler)
  readonly outcomes: string[] = []
  #files = 0
  #written = 0
  #issued = 0

  add(commit: number): void {
    this.#written = commit
    this.queue.add(commit, {
      acknowledged: () => this.outcomes.push(`${commit} acknowledged`),
      failed: () => this.outcomes.push(`${commit} failed`),
    })
  }

  prepareSharedSync(): FileHandle {
    this.#files += 1
    this.#issued = this.#written
    return this.disk.fileSystem.create(`/docs/${this.#files}`)
  }

  sharedSyncDone(): void {
    this.queue.acknowledge(this.#issued)
  }

  sharedSyncFailed(): void {
    this.outcomes.push('sync failed')
  }

  async endSync(): Promise<void> {
    expect(this.disk.completeSyncs(1)).toBe(1)
    await told()
  }
}

describe('a shared sync that was given up', { tags: ['PRT-08', 'PRT-09'] }, () => {
  it('acknowledges nothing when it ends, however often syncs were given up before', async () => {
    const bed = new QueueBed()
    const given = 4
    for (let commit = 1; commit <= given; commit += 1) {
      bed.add(commit)
      bed.scheduler.runAll()
      expect(bed.queue.isSyncing).toBe(true)
      bed.queue.clear(new EngineError('E_OUTCOME_UNKNOWN', 'given up'))
    }
    bed.add(given + 1)
    bed.scheduler.runAll()
    bed.outcomes.length = 0
    for (let sync = 0; sync < given; sync += 1) {
      await bed.endSync()
      expect(bed.outcomes).toEqual([])
      expect(bed.queue.isSyncing).toBe(true)
    }
    await bed.endSync()
    expect(bed.outcomes).toEqual([`${given + 1} acknowledged`])
    expect(bed.queue.isIdle).toBe(true)
  })
})
