// faults/wrappers/io-faults.ts: which faults a file-system call can meet and what the program owes for each, as data.
//
// 1. `ioFaults(call)` is a pure function of the call and the sector size: the same call meets the same faults in the
//    same order on every machine, so an index into the list is an address.

import type { FileSystemCall } from '../../engine/ports/index.ts'

/** What becomes of the bytes, where a failed call leaves a choice. */
export const IO_VARIANTS = ['pages-dropped', 'pages-evicted', 'pages-kept', 'after-partial'] as const
export type IoVariant = (typeof IO_VARIANTS)[number]

/** One fault for one call. */
export type IoFault =
  | Readonly<{ code: string; variant?: IoVariant }>
  /** The call transfers only `bytes` bytes and says so. */
  | Readonly<{ code: 'short'; bytes: number }>

/**
 * What the program owes: `survive`, go on as if nothing had happened; `report`, the call in progress fails with the
 * right error; `either` of the two; `detect`, never take the damage for data: an error that names the place.
 */
export type OutcomeOwed = 'survive' | 'report' | 'either' | 'detect'

const WRITE_FAULTS: readonly IoFault[] = [
  { code: 'EIO' },
  { code: 'ENOSPC' },
  { code: 'ENOSPC', variant: 'after-partial' },
  { code: 'EDQUOT' },
  { code: 'EDQUOT', variant: 'after-partial' },
  { code: 'EINTR' },
  { code: 'EAGAIN' },
]

/**
 * Codes by kind of call: the table of the fault model. Only what moves data can be interrupted: reads, writes and syncs, of
 * directories too. Local file systems don't interrupt calls that open, look or change a name, and a store that isn't made
 * for others would be accused of what can't happen to it. Short transfers come from `shortLengths`.
 */
export const IO_FAULTS: Readonly<Record<FileSystemCall, readonly IoFault[]>> = {
  open: [{ code: 'EIO' }, { code: 'EMFILE' }, { code: 'ENFILE' }, { code: 'EACCES' }, { code: 'EROFS' }],
  create: [
    { code: 'EIO' },
    { code: 'ENOSPC' },
    { code: 'EDQUOT' },
    { code: 'EMFILE' },
    { code: 'ENFILE' },
    { code: 'EACCES' },
    { code: 'EROFS' },
  ],
  read: [{ code: 'EIO' }, { code: 'EINTR' }, { code: 'EAGAIN' }],
  append: WRITE_FAULTS,
  sync: [
    { code: 'EIO', variant: 'pages-dropped' },
    { code: 'EIO', variant: 'pages-evicted' },
    { code: 'EIO', variant: 'pages-kept' },
    { code: 'ENOSPC', variant: 'pages-dropped' },
    { code: 'ENOSPC', variant: 'pages-kept' },
    { code: 'EDQUOT', variant: 'pages-dropped' },
    { code: 'EDQUOT', variant: 'pages-kept' },
    { code: 'EINTR' },
  ],
  syncDirectory: [{ code: 'EIO', variant: 'pages-kept' }, { code: 'EIO', variant: 'pages-dropped' }, { code: 'EINTR' }],
  rename: [{ code: 'EIO' }],
  unlink: [{ code: 'EIO' }],
  list: [{ code: 'EIO' }],
  stat: [{ code: 'EIO' }],
  makeDirectory: [{ code: 'EIO' }, { code: 'ENOSPC' }, { code: 'EDQUOT' }],
  size: [{ code: 'EIO' }],
  close: [{ code: 'EIO' }],
  write: WRITE_FAULTS,
  truncate: [{ code: 'EIO' }, { code: 'ENOSPC' }],
  link: [{ code: 'EIO' }, { code: 'ENOSPC' }, { code: 'EDQUOT' }],
  symlink: [{ code: 'EIO' }, { code: 'ENOSPC' }, { code: 'EDQUOT' }],
  readLink: [{ code: 'EIO' }],
  removeDirectory: [{ code: 'EIO' }],
  setAttributes: [{ code: 'EIO' }, { code: 'EROFS' }],
}

/** Codes that may be injected into a call of that kind, without repetition. */
export function applicableCodes(kind: FileSystemCall): readonly string[] {
  return [...new Set(IO_FAULTS[kind].map((fault) => fault.code))]
}

/** Lengths, ascending, that a transfer of `lengthBytes` bytes at `offsetBytes` is cut to: 0, 1, n − 1, sector borders. */
export function shortLengths(lengthBytes: number, offsetBytes: number, sectorBytes: number): readonly number[] {
  if (lengthBytes <= 0) return []
  const lengths = new Set([0])
  if (lengthBytes > 1) lengths.add(1)
  const firstBorder = sectorBytes - (offsetBytes % sectorBytes)
  for (let length = firstBorder; length < lengthBytes; length += sectorBytes) lengths.add(length)
  lengths.add(lengthBytes - 1)
  return [...lengths].toSorted((left, right) => left - right)
}

/** Whether a call of that kind moves bytes, and may move fewer than it was asked to. */
export function isTransfer(kind: FileSystemCall): kind is 'read' | 'append' | 'write' {
  return kind === 'read' || kind === 'append' || kind === 'write'
}

/** Whether a call of that kind puts bytes into a file: a crash can come within it. */
export function isWrite(kind: FileSystemCall): kind is 'append' | 'write' {
  return kind === 'append' || kind === 'write'
}

/** Every fault for one call, in a stable order: the table's, then short transfers by length. */
export function ioFaults(
  call: Readonly<{ kind: FileSystemCall; lengthBytes?: number | undefined; offsetBytes?: number | undefined }>,
  sectorBytes: number,
): readonly IoFault[] {
  if (!isTransfer(call.kind)) return IO_FAULTS[call.kind]
  const short = shortLengths(call.lengthBytes ?? 0, call.offsetBytes ?? 0, sectorBytes)
  return [...IO_FAULTS[call.kind], ...short.map((bytes): IoFault => ({ code: 'short', bytes }))]
}

/** What the program owes for `fault` on a call of that kind, delivered once or from then on. */
export function outcomeOwed(kind: FileSystemCall, fault: IoFault, mode: 'once' | 'from'): OutcomeOwed {
  if ('bytes' in fault) {
    if (fault.bytes === 0) return kind === 'read' ? 'detect' : 'either'
    return mode === 'once' ? 'survive' : 'either'
  }
  if (fault.code === 'EINTR' || fault.code === 'EAGAIN') return mode === 'once' ? 'survive' : 'either'
  return 'report'
}
