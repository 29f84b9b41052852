// test/engine/pack/forge.ts: packs made by hand: every record checks, what it says is up to the test.
//
// The engine's own codecs write the bytes, so a forged pack differs from a real one only in what it claims.

import {
  CLOSE_PAYLOAD_BYTES,
  DATABASE_ID_BYTES,
  FIELD,
  HEADER_BYTES,
  MARK_PAYLOAD_BYTES,
  NOWHERE,
  RECORD,
  VOUCHER_PAYLOAD_BYTES,
  crc32,
  encodeClose,
  encodeHeader,
  encodeMark,
  packName,
  packSeed,
  type CommitMark,
  type PackHeader,
  type PackLimits,
  type Position,
  type RecordType,
} from '../../../engine/format/index.ts'
import { AppendStream, PackFiles, listPacks, recover, type Recovered } from '../../../engine/pack/index.ts'
import type { Allocator, FileSystem } from '../../../engine/ports/index.ts'
import { SimulatedDisk } from '../../../faults/index.ts'
import { smallAllocator } from '../machine.ts'

export const FORGED_DIRECTORY = '/docs/forged.rdm'
export const INTERVAL_BYTES = 512

export const FORGED_LIMITS: PackLimits = {
  packBytesMax: 16_384,
  markerIntervalBytes: INTERVAL_BYTES,
  syncEveryBytes: 2048,
  tailLimitBytes: 1024,
  lazyLimitBytes: 1024,
  commitAlignBytes: 0,
  fanOut: 4,
}

const SCRATCH_BYTES = 256
const BUFFER_BYTES = 32_768

/** A call of a port by its name, or the property, for a stand-in that changes one of them. */
export function instead<T extends object>(real: T, changes: Partial<T>): T {
  return new Proxy(real, {
    get(target, name) {
      const changed: unknown = Reflect.get(changes, name)
      if (changed !== undefined) return changed
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

export class ForgedPack {
  readonly stream: AppendStream
  readonly number: number
  /** The newest mark in this pack, or the one that its header builds on. */
  mark: Position
  commits = 0

  constructor(stream: AppendStream, number: number, mark: Position) {
    this.stream = stream
    this.number = number
    this.mark = mark
  }

  record(payload: Uint8Array | number, type: RecordType = RECORD.item): Position {
    const bytes = typeof payload === 'number' ? new Uint8Array(payload).fill(7) : payload
    const offsetBytes = this.stream.appendRecord(type, bytes, 0, bytes.length)
    return { pack: this.number, offsetBytes }
  }

  /** Fillers, so that the next record would begin at this place of the file, or before the marker that stands there. */
  fillTo(offsetBytes: number): void {
    for (let payloadBytes = 0; ; payloadBytes += 1) {
      if (this.stream.endAfter(payloadBytes) === offsetBytes) {
        this.record(new Uint8Array(payloadBytes), RECORD.filler)
        return
      }
      if (this.stream.endAfter(payloadBytes) > offsetBytes) {
        this.record(new Uint8Array(1), RECORD.filler)
        payloadBytes = -1
      }
    }
  }

  /** A commit of everything before it in the pack; `claims` replaces what it says. */
  commit(claims: Partial<CommitMark> = {}): Position {
    this.commits += 1
    const bytes = new Uint8Array(MARK_PAYLOAD_BYTES)
    encodeMark(new DataView(bytes.buffer), 0, {
      isUnsafe: false,
      commitNumber: this.commits,
      previous: this.mark,
      proven: { pack: this.number, offsetBytes: HEADER_BYTES },
      provenMark: NOWHERE,
      root: { pack: 0, offsetBytes: 0, lengthBytes: 0, height: 0, count: 0 },
      ...this.stream.cover(),
      ...claims,
    })
    this.mark = this.record(bytes, RECORD.mark)
    this.stream.flush()
    this.stream.markWritten(this.mark.offsetBytes)
    return this.mark
  }

  close(mark: Position = this.mark): Position {
    const bytes = new Uint8Array(CLOSE_PAYLOAD_BYTES)
    encodeClose(new DataView(bytes.buffer), 0, mark)
    return this.record(bytes, RECORD.close)
  }

  voucher(gapStartBytes: number, gapEndBytes: number, gapCrc: number): Position {
    const bytes = new Uint8Array(VOUCHER_PAYLOAD_BYTES)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, gapStartBytes)
    view.setUint32(4, gapEndBytes)
    view.setUint32(8, gapCrc)
    return this.record(bytes, RECORD.filler)
  }

  get endBytes(): number {
    return this.stream.endBytes
  }
}

export type ForgedHeader = Partial<Omit<PackHeader, 'idCrc' | 'packNumber'>> & Readonly<{ idByte?: number }>

export class Forge {
  readonly disk = new SimulatedDisk({ directories: ['/docs', FORGED_DIRECTORY] })
  readonly allocator: Allocator = smallAllocator()
  readonly limits: PackLimits

  constructor(limits: Partial<PackLimits> = {}) {
    this.limits = { ...FORGED_LIMITS, ...limits }
  }

  path(packNumber: number): string {
    return `${FORGED_DIRECTORY}/${packName(packNumber)}`
  }

  /** Makes a pack. `idByte` fills the database's id. */
  pack(packNumber: number, { idByte = 1, ...header }: ForgedHeader, write: (pack: ForgedPack) => void): ForgedPack {
    const id = new Uint8Array(DATABASE_ID_BYTES).fill(idByte)
    const seed = packSeed(crc32(id, 0, DATABASE_ID_BYTES), packNumber)
    const stream = new AppendStream(
      {
        handle: this.disk.fileSystem.create(this.path(packNumber)),
        packNumber,
        seed,
        markerIntervalBytes: this.limits.markerIntervalBytes,
        sizeBytes: 0,
        markEndBytes: 0,
        gapCrc: 0,
        mark: header.baseMark ?? NOWHERE,
      },
      this.allocator.allocate(BUFFER_BYTES, 'forge'),
      this.allocator.allocate(SCRATCH_BYTES, 'forge'),
    )
    const whole = {
      packNumber,
      limits: this.limits,
      baseMark: NOWHERE,
      baseEndBytes: 0,
      proven: NOWHERE,
      provenMark: NOWHERE,
      formerEndBytes: 0,
      ...header,
    }
    stream.appendHeader((target, at) => encodeHeader(target.view, target.bytes, at, whole, id, 0))
    const pack = new ForgedPack(stream, packNumber, whole.baseMark)
    write(pack)
    stream.flush()
    stream.handle.close()
    return pack
  }

  /** A file with any bytes at all under a pack's name. */
  file(packNumber: number, bytes: Uint8Array): void {
    const handle = this.disk.fileSystem.create(this.path(packNumber))
    for (let done = 0; done < bytes.length;) done += handle.append(bytes, done, bytes.length - done)
    handle.close()
  }

  bytesOf(packNumber: number): Uint8Array {
    const { fileSystem } = this.disk
    const handle = fileSystem.open(this.path(packNumber), 'read')
    const bytes = new Uint8Array(handle.sizeBytes())
    for (let done = 0; done < bytes.length;) done += handle.read(bytes, done, bytes.length - done, done)
    handle.close()
    return bytes
  }

  /** Gives a pack other bytes. */
  change(packNumber: number, change: (bytes: Uint8Array) => Uint8Array): void {
    const bytes = change(this.bytesOf(packNumber))
    this.disk.fileSystem.unlink(this.path(packNumber))
    this.file(packNumber, bytes)
  }

  /** Turns over one byte. */
  flip(packNumber: number, offsetBytes: number): void {
    this.change(packNumber, (bytes) => bytes.with(offsetBytes, (bytes[offsetBytes] ?? 0) ^ 0xff))
  }

  recover(fileSystem: FileSystem = this.disk.fileSystem): Recovered {
    const id = this.allocator.allocate(DATABASE_ID_BYTES, 'forge')
    const files = new PackFiles(
      fileSystem,
      this.allocator,
      FORGED_DIRECTORY,
      listPacks(fileSystem, FORGED_DIRECTORY),
      '',
    )
    try {
      return recover(files, this.allocator, id)
    } finally {
      files.close()
      this.allocator.free(id)
    }
  }
}

/** Makes the first bytes of a file no header. */
export function withoutHeader(bytes: Uint8Array): Uint8Array {
  return bytes.with(FIELD.magic, 0)
}
