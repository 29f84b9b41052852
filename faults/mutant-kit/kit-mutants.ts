// faults/mutant-kit/kit-mutants.ts: the generic defects that can be planted into any store, by name.
//
// Ids are unique and stay: they are in tokens and in what people type.

import type { Defect, KitMutant } from './defect.ts'

const FAILURES = ['EIO', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EACCES', 'EROFS'] as const

const DEFECTS: readonly (readonly [name: string, summary: string, defect: Defect])[] = [
  ['drop-sync', 'no file is ever synced', { do: 'skip', calls: ['sync'] }],
  ['drop-some-syncs', 'every second sync of a file is left out', { do: 'skip', calls: ['sync'], oneIn: 2 }],
  ['drop-directory-sync', 'no directory is ever synced', { do: 'skip', calls: ['syncDirectory'] }],
  ['drop-all-syncs', 'nothing is ever synced', { do: 'skip', calls: ['sync', 'syncDirectory'] }],
  ['sync-wrong-file', 'a sync goes to another file', { do: 'wrong-file' }],
  ['acknowledge-early', 'a sync is acknowledged before it is made', { do: 'late', calls: ['sync'] }],
  [
    'directory-sync-early',
    'a sync of a directory is acknowledged before it is made',
    { do: 'late', calls: ['syncDirectory'] },
  ],
  ['rename-early', 'a rename is acknowledged before it is made', { do: 'late', calls: ['rename'] }],
  ['sync-before-write', 'a file is synced before it is written', { do: 'after-sync' }],
  [
    'rename-before-sync',
    'a file is renamed before its bytes are synced',
    { do: 'after-rename', calls: ['sync', 'close'] },
  ],
  [
    'rename-before-write',
    'a file is renamed before it is written',
    { do: 'after-rename', calls: ['append', 'sync', 'close'] },
  ],
  ['rename-by-copy', 'the target is rewritten in place instead of replaced', { do: 'rename-as', how: 'copy' }],
  ['unlink-before-rename', 'the old file is removed before the new one', { do: 'rename-as', how: 'unlink-first' }],
  ['append-for-replace', 'the new content is added to the old', { do: 'rename-as', how: 'append' }],
  ['temporary-left', 'the temporary file stays behind', { do: 'rename-as', how: 'keep-source' }],
  ['drop-rename', 'nothing is ever renamed', { do: 'skip', calls: ['rename'] }],
  ['drop-unlink', 'nothing is ever removed', { do: 'skip', calls: ['unlink'] }],
  ['drop-close', 'no file is ever closed', { do: 'skip', calls: ['close'] }],
  ['write-cut', 'the last byte of each write is left out', { do: 'append-as', how: 'cut' }],
  ['write-twice', 'each write is made twice', { do: 'append-as', how: 'twice' }],
  ['short-write-believed', 'a short write is taken for a whole one', { do: 'append-as', how: 'believed' }],
  ['existing-file-reused', 'a file that is to be new is one that is there', { do: 'reuse' }],
  ['stale-read', 'what was read once is never read again', { do: 'stale-read' }],
  ['write-error-ignored', 'an error of a write is ignored', { do: 'swallow', calls: ['append'] }],
  ['sync-error-ignored', 'an error of a sync is ignored', { do: 'swallow', calls: ['sync'] }],
  [
    'directory-sync-error-ignored',
    'an error of a directory’s sync is ignored',
    { do: 'swallow', calls: ['syncDirectory'] },
  ],
  ['rename-error-ignored', 'an error of a rename is ignored', { do: 'swallow', calls: ['rename'] }],
  ['unlink-error-ignored', 'an error of a removal is ignored', { do: 'swallow', calls: ['unlink'] }],
  ['close-error-ignored', 'an error of a close is ignored', { do: 'swallow', calls: ['close'] }],
  ['read-error-taken-for-end', 'a read that fails is the end of the file', { do: 'swallow', calls: ['read'] }],
  [
    'open-error-taken-for-missing',
    'a file that can’t be opened is taken for missing',
    { do: 'swallow', calls: ['open'] },
  ],
  ['list-error-taken-for-empty', 'a directory that can’t be listed is empty', { do: 'swallow', calls: ['list'] }],
  ['stat-error-taken-for-missing', 'a path that can’t be asked for is missing', { do: 'swallow', calls: ['stat'] }],
  [
    'failed-sync-retried',
    'a sync that failed is made again, and believed',
    { do: 'retry', calls: ['sync'], timesMax: 3 },
  ],
  [
    'retried-for-ever',
    'a call that fails is made again for ever',
    { do: 'retry', calls: ['append', 'sync', 'open', 'create'], timesMax: Infinity },
  ],
  [
    'interruption-reported',
    'an interrupted call is a failed one',
    { do: 'recode', codes: ['EINTR', 'EAGAIN'], to: 'EIO' },
  ],
  [
    'wrong-error',
    'every failure is reported as a full table of files',
    { do: 'recode', codes: FAILURES, to: 'ENFILE' },
  ],
  ['error-without-code', 'failures are reported without their code', { do: 'recode', codes: FAILURES }],
]

export const KIT_MUTANTS: readonly KitMutant[] = DEFECTS.map(([name, summary, defect]) => ({
  id: `kit:${name}`,
  kind: 'kit',
  summary,
  defect,
}))

/** Mutants that no code over `node:fs` can be, with the reason: they are not planted there. */
export const NOT_OVER_NODE_FS: Readonly<Record<string, string>> = {
  'kit:interruption-reported': 'libuv makes an interrupted call again: no code over node:fs meets one',
}

/** The mutant of that id, or undefined. */
export function findKitMutant(id: string): KitMutant | undefined {
  return KIT_MUTANTS.find((mutant) => mutant.id === id)
}
