// scenarios/packages/cacache.ts: the package cacache (ISC, npm), npm's own cache, unmodified: entries put and read back.
//
// 1. A cache may forget. What it must never do is give content that was not put under that key.
// 2. So after a power loss every subset of what was put is accepted, and after a kill everything must be there.

import { createRequire } from 'node:module'
import { scenario, step, times, type Scenario } from '../contract.ts'
import { numberOf } from '../engine-store.ts'

type Options = Readonly<{ memoize: boolean }>
type Cacache = Readonly<{
  put(path: string, key: string, data: string, options: Options): Promise<unknown>
  get(path: string, key: string, options: Options): Promise<Readonly<{ data: Uint8Array }>>
}>
type Store = Readonly<{ path: string; keys: readonly string[] }>
/** Number of the content by key. */
type Model = Readonly<Record<string, number>>

const README = 'https://github.com/npm/cacache/blob/v20.0.4/README.md'

// One instance for all processes: with `memoize: false` it remembers nothing, and loading its fifty modules for each of
// thousands of crash states would be most of the work.
const cacache = createRequire(import.meta.url)('cacache') as Cacache

function contentOf(index: number, bytes: number): string {
  return `content ${index}\n`.padEnd(bytes, String(index % 10))
}

function keyOf(index: number): string {
  return `key ${index}`
}

/** What the error means that a look-up ended with: nothing there, or found damaged and refused. */
function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'EINTEGRITY', 'EBADSIZE'].includes(String(error.code))
}

export const cacacheScenario: Scenario<Store, Model> = scenario({
  name: 'cacache',
  summary: "the npm package cacache, npm's cache, keeps entries by key and by content",
  requirements: ['SCN-02'],
  parameters: { entries: 3, bytes: 700 },
  models: ['ext4-ordered', 'posix-minimal', 'process-kill'],
  usesNodeFs: true,
  open: (world, parameters) => ({
    path: `${world.directory}/cache`,
    keys: times(numberOf(parameters, 'entries'), keyOf),
  }),
  steps: (parameters) =>
    times(numberOf(parameters, 'entries'), (index) =>
      step<Store, Model>(`put ${index}`, {
        run: async ({ path }) => {
          await cacache.put(path, keyOf(index), contentOf(index, numberOf(parameters, 'bytes')), { memoize: false })
        },
        model: (model) => ({ ...model, [keyOf(index)]: index }),
        durability: 'ordered',
      }),
    ),
  initial: () => ({}),
  read: async ({ path, keys }) => {
    const found: Record<string, number> = {}
    for (const key of keys) {
      try {
        const { data } = await cacache.get(path, key, { memoize: false })
        const text = new TextDecoder().decode(data)
        const index = Number.parseInt(text.slice('content '.length), 10)
        found[key] = text === contentOf(index, text.length) ? index : -1
      } catch (error) {
        if (!isAbsence(error)) throw error
      }
    }
    return found
  },
  accepts: (found, models, crash) => {
    const all: Model = models[models.length - 1] ?? {}
    const least: Model = crash === 'kill' ? (models[0] ?? {}) : {}
    return (
      Object.entries(found).every(([key, index]) => all[key] === index) &&
      Object.keys(least).every((key) => key in found)
    )
  },
  close: () => {},
  promises: [
    {
      name: 'never corrupted',
      text: 'content that is given is what was put, even if files were damaged',
      source: `${README} (first paragraph and "Features": immune to corruption and partial writes)`,
      oracles: ['recovered-state', 'recovery-opens', 'recovery-commits'],
      parameters: {},
      expected: ['process-kill', 'ext4-ordered', 'posix-minimal'].map((model) => ({
        model,
        families: ['crash'],
        outcome: 'kept' as const,
        reading: 'Index lines and contents carry hashes; what does not match is taken for absent.',
      })),
    },
  ],
})
