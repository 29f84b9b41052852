// scenarios/atomic-node/scenario.ts: files that are replaced whole, over `node:fs`, by callbacks or by promises: how programs
// of the field keep their settings, and where the mutant kit is shown to work for unmodified code
// (`powercut selftest --kit atomic-node`).
//
// 1. Writes of one file wait for one another, in the order in which they were asked for; those of two files do not.
// 2. What a dead process left beside is removed by the open, whose names are given out again.

import { OutcomeUnknownError } from '../atomic-file/index.ts'
import { scenario, step, times, type ErrorClass, type Parameters, type Scenario, type World } from '../contract.ts'
import { NODE_CALLS, type NodeCalls, type NodeFs, type Style } from './node-calls.ts'
import { quietly, replaceFile, syncDirectory, type ReplaceFile } from './replace-file.ts'

type Files = Readonly<Record<string, string>>
type Lines = Readonly<Record<string, readonly string[]>>

/** Files that are replaced in turn; some steps replace both at once. */
const NAMES = ['alpha.log', 'beta.log'] as const
const BESIDE = '.tmp'

/** The scenario over another way to replace a file. */
export function atomicNodeScenario(replace: ReplaceFile, name = 'atomic-node'): Scenario<FolderStore, Files> {
  return scenario<FolderStore, Files>({
    name,
    summary:
      'files replaced whole over node:fs, by callbacks or promises: written beside, synced, renamed, the directory synced',
    requirements: ['ORA-01', 'NFS-01'],
    parameters: { updates: 4, bytes: 300, style: 'promises' },
    usesNodeFs: true,
    open: (world, parameters) => FolderStore.open(world, parameters, replace),
    steps: ({ updates, bytes }) =>
      times(Number(updates), (index) => {
        const lines = linesOf(index, Number(bytes))
        return step(`update ${index} ${Object.keys(lines).join(' and ')}`, update(lines))
      }),
    initial: () => ({}),
    read: (store) => store.readAll(),
    close: () => {},
    classify,
    probe: step('probe', update({ [NAMES[0]]: ['probe\n'] })),
    models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
    equivalentMutants: {
      'kit:existing-file-reused': 'the file beside is opened exclusively: none that is there can be taken',
      'kit:unlink-error-ignored': 'it ignores them itself: after a failure, that failure is the one to tell',
    },
  })
}

export const atomicNode = atomicNodeScenario(replaceFile)

/** A write may be there or not, so nothing can be said until the folder has been looked at again. */
class MustReopenError extends Error {
  override readonly name = 'MustReopenError'
  readonly code = 'E_MUST_REOPEN'
}

class FolderStore {
  private readonly calls: NodeCalls
  private readonly directory: string
  private readonly replace: ReplaceFile
  /** The newest write of each file; what is asked for next waits for it. */
  private readonly queues = new Map<string, Promise<void>>()
  private writes = 0
  private isUnsure = false

  static async open(world: World, { style }: Parameters, replace: ReplaceFile): Promise<FolderStore> {
    const fs: unknown = world.loadModule('node:fs', import.meta.url)
    const store = new FolderStore(NODE_CALLS[styleOf(style)](fs as NodeFs), world.directory, replace)
    for (const name of await store.calls.list(world.directory))
      if (name.endsWith(BESIDE)) await store.calls.unlink(`${world.directory}/${name}`)
    // What is read is durable, so that nothing is shown that a crash takes back.
    await syncDirectory(store.calls, world.directory)
    return store
  }

  private constructor(calls: NodeCalls, directory: string, replace: ReplaceFile) {
    this.calls = calls
    this.directory = directory
    this.replace = replace
  }

  /**
   * Adds lines to files; those of one file in order, those of two files at once. If one of two files failed, the other may
   * have its line, and is left as it is when the update is asked for again.
   */
  async update(lines: Lines): Promise<void> {
    this.check()
    const isOne = Object.keys(lines).length === 1
    const writes = Object.entries(lines).flatMap(([name, added]) => added.map((line) => this.add(name, line, isOne)))
    const failed = (await Promise.allSettled(writes)).find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** Everything whose name is one of a file. */
  async readAll(): Promise<Files> {
    this.check()
    const files: Record<string, string> = {}
    for (const name of await this.calls.list(this.directory))
      if (name.endsWith('.log')) files[name] = await this.textOf(`${this.directory}/${name}`)
    return files
  }

  private async add(name: string, line: string, twice: boolean): Promise<void> {
    const before = this.queues.get(name) ?? Promise.resolve()
    const write = quietly(before).then(() => this.addNow(name, line, twice))
    this.queues.set(name, write)
    try {
      await write
    } finally {
      if (this.queues.get(name) === write) this.queues.delete(name)
    }
  }

  private async addNow(name: string, line: string, twice: boolean): Promise<void> {
    const { calls, directory } = this
    const target = `${directory}/${name}`
    const text = await this.textOf(target)
    if (!twice && text.endsWith(line)) return
    this.writes += 1
    const beside = `${target}.${this.writes}${BESIDE}`
    try {
      await this.replace(calls, { directory, target, beside, content: Buffer.from(text + line) })
    } catch (error) {
      this.isUnsure ||= error instanceof OutcomeUnknownError
      throw error
    }
  }

  /** The whole text; '' if there is no such file. Node takes a read that gives nothing for the file's end: it may be earlier. */
  private async textOf(path: string): Promise<string> {
    const sizeBytes = await this.calls.sizeBytes(path)
    if (sizeBytes === undefined) return ''
    const content = await this.calls.read(path)
    if (content.length !== sizeBytes) throw Object.assign(new Error(`EIO: ${path} ends too early`), { code: 'EIO' })
    return content.toString()
  }

  private check(): void {
    if (this.isUnsure) throw new MustReopenError('the last write may be there or not: open the folder again')
  }
}

function styleOf(style: unknown): Style {
  if (style === 'callbacks' || style === 'promises') return style
  throw new RangeError(`the parameter 'style' is 'callbacks' or 'promises', not '${String(style)}'`)
}

function update(lines: Lines) {
  const apply = (files: Files, only: readonly string[]): Files => {
    const after: Record<string, string> = { ...files }
    for (const name of only) after[name] = `${after[name] ?? ''}${(lines[name] ?? []).join('')}`
    return after
  }
  const names = Object.keys(lines)
  return {
    run: (store: FolderStore) => store.update(lines),
    model: (files: Files) => apply(files, names),
    ...(names.length === 1 ? {} : { partial: (files: Files) => names.map((name) => apply(files, [name])) }),
  }
}

function classify(error: unknown): ErrorClass {
  if (error instanceof OutcomeUnknownError) return { kind: 'outcome-unknown' }
  if (error instanceof MustReopenError) return { kind: 'must-reopen' }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return { kind: 'other' }
  return { kind: 'io', code: error.code }
}

/** One file, both at once, the other; each line shorter than the one before, and of another letter. */
function linesOf(index: number, bytes: number): Lines {
  const line = `${index}:${String.fromCodePoint(97 + (index % 26)).repeat(Math.max(1, bytes - index * 7))}\n`
  const [alpha, beta] = NAMES
  if (index % 3 === 1) return { [alpha]: [line], [beta]: [line] }
  return { [index % 3 === 0 ? alpha : beta]: [line] }
}
