// faults/models/persistence-model.ts: what a power loss may do to operations that no sync covered, as data.
//
// 1. A model is a value: printable, comparable, sent to workers as JSON. No model is code.
// 2. A model only ever takes away from what is pending; what a sync covered is in every state of every model.
//
// A user writes a model of a device of their own by spreading one of these and changing its fields.

/** The ways in which states are made; a state's address is one of these and an index. */
export const CRASH_FAMILIES = [
  'kill',
  'none',
  'prefix',
  'all-but-one',
  'only-one',
  'torn',
  'size-first',
  'data-first',
  'names',
  'subset',
] as const

export type CrashFamily = (typeof CRASH_FAMILIES)[number]

/** What stands where a lost sector's bytes were to be, past the end that was durable. */
export const FILLS = ['zero', 'random', 'deleted'] as const
export type Fill = (typeof FILLS)[number]

export type PersistenceModel = Readonly<{
  name: string
  /** One line for reports. */
  summary: string
  /** Families that this model allows; the others have no state under it. */
  families: readonly CrashFamily[]
  /** Where un-synced sectors past the durable size are lost: zeroes, random bytes, or a deleted file's bytes there. */
  lostBeyondSize: readonly Fill[]
  /** What a lost rewrite of a sector that holds durable bytes leaves; `old` unless the device has no atomic sectors. */
  lostRewrite: readonly ('old' | Fill)[]
  /** Whether a sector that was being written when the power went is whole, old or new. */
  atomicSectors: boolean
  /** `any`: the durable size or any pending one. `after-data`: never past the first lost byte. */
  sizes: 'any' | 'after-data'
  /** `alone`: each name operation is lost or kept by itself. `in-order`: only a beginning of them is kept. */
  names: 'alone' | 'in-order'
  /** Whether a file's sync makes its creation durable as well. */
  fileSyncCoversCreation: boolean
}>

const POSIX_MINIMAL: PersistenceModel = {
  name: 'posix-minimal',
  summary: 'what POSIX promises: un-synced sectors, sizes and names are each lost or kept alone, in any order',
  families: CRASH_FAMILIES,
  lostBeyondSize: FILLS,
  lostRewrite: ['old'],
  atomicSectors: true,
  sizes: 'any',
  names: 'alone',
  fileSyncCoversCreation: false,
}

export const PERSISTENCE_MODELS = {
  'posix-minimal': POSIX_MINIMAL,
  'ext4-ordered': {
    ...POSIX_MINIMAL,
    name: 'ext4-ordered',
    summary: 'a journal: names in order, size never before data, a file sync covers its own creation',
    lostBeyondSize: ['zero'],
    sizes: 'after-data',
    names: 'in-order',
    fileSyncCoversCreation: true,
  },
  'posix-no-reuse': {
    ...POSIX_MINIMAL,
    name: 'posix-no-reuse',
    summary: "posix-minimal, on a file system that never shows a deleted file's bytes",
    lostBeyondSize: ['zero', 'random'],
  },
  'posix-fragile-sectors': {
    ...POSIX_MINIMAL,
    name: 'posix-fragile-sectors',
    summary: 'posix-minimal, on a device that may lose a whole sector while it is written again',
    lostRewrite: ['old', 'zero', 'random'],
    atomicSectors: false,
  },
  'process-kill': {
    ...POSIX_MINIMAL,
    name: 'process-kill',
    summary: 'the process dies, the machine stays: nothing written is lost, nothing un-synced becomes durable',
    families: ['kill'],
  },
} as const satisfies Readonly<Record<string, PersistenceModel>>

export type PersistenceModelName = keyof typeof PERSISTENCE_MODELS

/** The model of that name, or undefined. */
export function persistenceModel(name: string): PersistenceModel | undefined {
  return Object.hasOwn(PERSISTENCE_MODELS, name) ? PERSISTENCE_MODELS[name as PersistenceModelName] : undefined
}
