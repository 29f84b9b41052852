// test/engine/pack/log-bed.ts: a commit log of a database that is just being made, by itself, over a simulated disk.

import { DATABASE_ID_BYTES, NOWHERE, RECORD, crc32, type PackLimits } from '../../../engine/format/index.ts'
import { CommitLog, PackFiles, type LogStart } from '../../../engine/pack/index.ts'
import {
  FailingFileSystem,
  SimulatedDisk,
  SimulatedScheduler,
  type CallDecision,
  type FileSystemCallInfo,
} from '../../../faults/index.ts'
import { smallAllocator } from '../machine.ts'
import { FORGED_DIRECTORY, FORGED_LIMITS } from './forge.ts'

/** The root of a database without data. */
export const EMPTY = { pack: 0, offsetBytes: 0, lengthBytes: 0, height: 0, count: 0 }
export const WRITE_BUFFER_BYTES = 2048

/** A log of a database that is just being made, over a disk whose calls can be refused. */
export class LogBed {
  readonly disk = new SimulatedDisk({ directories: ['/docs', FORGED_DIRECTORY] })
  readonly allocator = smallAllocator()
  readonly scheduler = new SimulatedScheduler()
  readonly files: PackFiles
  readonly log: CommitLog
  refuse: ((call: FileSystemCallInfo) => CallDecision | undefined) | undefined

  constructor(limits: Partial<PackLimits> = {}) {
    const fileSystem = new FailingFileSystem(this.disk.fileSystem, {
      root: '/',
      sink: this.disk.sink,
      decide: (call) => this.refuse?.(call),
    })
    this.files = new PackFiles(fileSystem, this.allocator, FORGED_DIRECTORY, { lowest: 1, newest: 0 }, '')
    const id = { bytes: new Uint8Array(DATABASE_ID_BYTES).fill(1), start: 0 }
    const start: LogStart = {
      limits: { ...FORGED_LIMITS, ...limits },
      idCrc: crc32(id.bytes, 0, DATABASE_ID_BYTES),
      accepted: { mark: NOWHERE, endBytes: 0, commitNumber: 0, root: EMPTY },
      proven: NOWHERE,
      provenMark: NOWHERE,
      clean: undefined,
    }
    const owner = { checkStillOwner: () => undefined }
    this.log = new CommitLog(this.files, this.allocator, owner, start, id, WRITE_BUFFER_BYTES, this.scheduler)
  }

  /** Makes the first commit. */
  settled(): this {
    this.log.beginSettling()
    this.append(10)
    this.log.commit(EMPTY)
    return this
  }

  append(lengthBytes: number): number {
    return this.log.append(RECORD.item, new Uint8Array(lengthBytes), 0, lengthBytes)
  }
}

/** Who waits for a commit and does not care. */
export const waiter = { acknowledged: () => undefined, failed: () => undefined }
