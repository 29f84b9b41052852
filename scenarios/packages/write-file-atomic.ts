// scenarios/packages/write-file-atomic.ts: the package write-file-atomic (ISC, npm), unmodified: one file, replaced again
// and again.
//
// 1. What is read back is the version in the file and whether the rest of its bytes are that version's.
// 2. `promise=atomic` asks what the README says: the old content or the new. `promise=durable` asks what it does not say:
//    that a version is still there after a power loss, once the call has returned.

import { scenario, step, times, type Parameters, type Scenario, type World } from '../contract.ts'
import { numberOf } from '../engine-store.ts'
import { packageOf, textOf } from './node-modules.ts'

type WriteFileAtomic = (path: string, data: string) => Promise<void>
type Store = Readonly<{ world: World; write: WriteFileAtomic; path: string; bytes: number }>
/** Version in the file, from 1; null: no file. */
type Model = number | null

const README = 'https://github.com/npm/write-file-atomic/blob/v7.0.1/README.md'

function contentOf(version: number, bytes: number): string {
  return `${version}\n`.padEnd(bytes, String(version % 10))
}

/** The version that a file's text is, whole; -1 for any other text. */
function versionOf(text: string, bytes: number): number {
  const version = Number.parseInt(text, 10)
  return text === contentOf(version, bytes) ? version : -1
}

export const writeFileAtomicScenario: Scenario<Store, Model> = scenario({
  name: 'write-file-atomic',
  summary: 'the npm package write-file-atomic replaces one file again and again',
  requirements: ['SCN-02'],
  parameters: { writes: 4, bytes: 1300, promise: 'atomic' },
  models: ['ext4-ordered', 'posix-minimal', 'process-kill'],
  usesNodeFs: true,
  open: (world: World, parameters: Parameters) => ({
    world,
    write: packageOf<WriteFileAtomic>(world, 'write-file-atomic'),
    path: `${world.directory}/settings.json`,
    bytes: numberOf(parameters, 'bytes'),
  }),
  steps: (parameters) => {
    const durability = parameters['promise'] === 'durable' ? 'durable' : 'ordered'
    return times(numberOf(parameters, 'writes'), (index) =>
      step<Store, Model>(`write version ${index + 1}`, {
        run: ({ write, path, bytes }) => write(path, contentOf(index + 1, bytes)),
        model: () => index + 1,
        durability,
      }),
    )
  },
  initial: () => null,
  read: ({ world, path, bytes }) => {
    const text = textOf(world, path)
    return text === undefined ? null : versionOf(text, bytes)
  },
  close: () => {},
  promises: [
    {
      name: 'atomic',
      text: 'a file is replaced atomically: after a failure it has its old content or its new, whole',
      source: `${README}#readme (first paragraph: "atomic")`,
      oracles: ['recovered-state', 'recovery-opens', 'recovery-commits', 'sound-after-unwinding'],
      parameters: { promise: 'atomic' },
      expected: [
        {
          model: 'process-kill',
          families: ['crash'],
          outcome: 'kept',
          reading: 'The new content has another name until it is complete, and a rename is atomic.',
        },
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'kept',
          reading: 'The file is synced before it is renamed, so a name never leads to bytes that were lost.',
        },
        {
          model: 'posix-minimal',
          families: ['crash'],
          outcome: 'kept',
          reading: 'The same: data are synced before the rename, and the rename is old or new.',
        },
      ],
    },
    {
      name: 'errors are reported',
      text: 'a call that failed to write the whole content fails, and leaves the old content',
      source: `${README}#readme (the callback's err; "atomic")`,
      oracles: [
        'failure-reported',
        'survives',
        'living-process',
        'store-still-works',
        'sound-after-unwinding',
        'reopen',
      ],
      parameters: { promise: 'atomic' },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['io'],
          outcome: 'broken',
          reading:
            'A short write is taken for a whole one: the number of bytes written is not looked at, so a file that was cut ' +
            'is renamed into place and the call succeeds.',
        },
      ],
    },
    {
      name: 'durable',
      text: 'a version is still there after a power loss once the call has returned (nowhere promised)',
      source: `${README} says nothing of it: the option "fsync" is about the file, and its directory is not synced`,
      oracles: ['recovered-state', 'recovery-commits'],
      parameters: { promise: 'durable' },
      expected: [
        {
          model: 'ext4-ordered',
          families: ['crash'],
          outcome: 'broken',
          reading:
            'The directory is not synced after the rename: the version before is back. No promise is broken by it.',
        },
        {
          model: 'posix-minimal',
          families: ['crash'],
          outcome: 'broken',
          reading: 'As under ext4-ordered; the first version may be missing altogether.',
        },
      ],
    },
  ],
})
