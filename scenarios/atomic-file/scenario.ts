// scenarios/atomic-file/scenario.ts: files that are read, changed and replaced whole: the most common store there is.
//
// Small on purpose: the smallest thing that keeps a promise, and the first to plant the mutant kit's defects into
// (`powercut selftest --kit atomic-file`).

import type { FileSystem } from '../../engine/ports/index.ts'
import { scenario, step, times, type ErrorClass, type Scenario, type World } from '../contract.ts'
import { again, OutcomeUnknownError, readFileWhole, writeFileAtomic } from './write-file-atomic.ts'

type Files = Readonly<Record<string, string>>

/** How a file's content is replaced: ours, or somebody's. Throws: the old content is there, or OutcomeUnknownError. */
export type WriteFile = (fileSystem: FileSystem, directory: string, name: string, content: Uint8Array) => void

/** Files that are replaced in turn. */
const NAMES = ['alpha.log', 'beta.log'] as const

/** The scenario over another way to replace a file. */
export function atomicFileScenario(write: WriteFile): Scenario<FilesStore, Files> {
  const update = (name: string, line: string) => ({
    run: (store: FilesStore) => store.update(name, line),
    model: (files: Files) => ({ ...files, [name]: `${files[name] ?? ''}${line}` }),
  })
  return scenario<FilesStore, Files>({
    name: 'atomic-file',
    summary: 'files read, changed and replaced whole: written beside, synced, renamed, the directory synced',
    requirements: ['ORA-01'],
    parameters: { updates: 4, bytes: 300 },
    open: (world) => new FilesStore(world, write),
    steps: ({ updates, bytes }) =>
      times(Number(updates), (index) => {
        const name = NAMES[index % NAMES.length] ?? NAMES[0]
        return step(`update ${index} ${name}`, update(name, lineOf(index, Number(bytes))))
      }),
    initial: () => ({}),
    read: (store) => store.readAll(),
    close: () => {},
    classify,
    probe: step('probe', update(NAMES[0], 'probe\n')),
    models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  })
}

export const atomicFile = atomicFileScenario(writeFileAtomic)

/** A write may be there or not, so nothing can be said until the folder has been looked at again. */
class MustReopenError extends Error {
  override readonly name = 'MustReopenError'
  readonly code = 'E_MUST_REOPEN'
}

class FilesStore {
  private readonly fileSystem: FileSystem
  private readonly directory: string
  private readonly write: WriteFile
  private isUnsure = false

  /** What is read is durable, so that nothing is shown that a crash takes back. Throws IoError. */
  constructor({ fileSystem, directory }: Pick<World, 'fileSystem' | 'directory'>, write: WriteFile) {
    this.fileSystem = fileSystem
    this.directory = directory
    this.write = write
    again(() => fileSystem.syncDirectory(directory))
  }

  /** Adds a line to a file; what is there is what was read from the disk now. */
  update(name: string, line: string): void {
    this.check()
    const { fileSystem, directory } = this
    const before = readFileWhole(fileSystem, `${directory}/${name}`)
    const content = `${before === undefined ? '' : new TextDecoder().decode(before)}${line}`
    try {
      this.write(fileSystem, directory, name, new TextEncoder().encode(content))
    } catch (error) {
      this.isUnsure = error instanceof OutcomeUnknownError
      throw error
    }
  }

  /** Everything whose name is one of a file; what a crash left beside is none. */
  readAll(): Files {
    this.check()
    const { fileSystem, directory } = this
    const files: Record<string, string> = {}
    for (const name of again(() => fileSystem.list(directory))) {
      if (!name.endsWith('.log')) continue
      const content = readFileWhole(fileSystem, `${directory}/${name}`)
      if (content !== undefined) files[name] = new TextDecoder().decode(content)
    }
    return files
  }

  private check(): void {
    if (this.isUnsure) throw new MustReopenError('the last write may be there or not: open the folder again')
  }
}

function classify(error: unknown): ErrorClass {
  if (error instanceof OutcomeUnknownError) return { kind: 'outcome-unknown' }
  if (error instanceof MustReopenError) return { kind: 'must-reopen' }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return { kind: 'other' }
  return { kind: 'io', code: error.code }
}

/** Each one shorter, and of another letter. */
function lineOf(index: number, bytes: number): string {
  return `${index}:${String.fromCodePoint(97 + (index % 26)).repeat(Math.max(1, bytes - index * 7))}\n`
}
