// engine/tools/find-database.ts: which database a directory on the command line means: a NAME.rdm folder, or the document
// root that holds exactly one.

import { basename, dirname, resolve } from 'node:path'
import type { FileSystem } from '../ports/index.ts'
import { UsageError } from './command.ts'

const FOLDER_ENDING = '.rdm'

export type DatabasePlace = Readonly<{ root: string; name: string }>

/** `directory` may be relative to `workingDirectory`. Throws UsageError if it means no database, IoError. */
export function findDatabase(fileSystem: FileSystem, workingDirectory: string, directory: string): DatabasePlace {
  const path = resolve(workingDirectory, directory)
  if (fileSystem.stat(path)?.kind !== 'directory') throw new UsageError(`${path} is no directory`)
  if (isFolderName(basename(path))) return { root: dirname(path), name: nameOf(basename(path)) }
  const folders = fileSystem
    .list(path)
    .filter((name) => isFolderName(name) && fileSystem.stat(`${path}/${name}`)?.kind === 'directory')
  const [only, ...more] = folders
  if (only === undefined) throw new UsageError(`${path} is no database: it is no NAME.rdm folder, and holds none`)
  if (more.length > 0) throw new UsageError(`${path} holds several databases, name one of ${folders.join(', ')}`)
  return { root: path, name: nameOf(only) }
}

function isFolderName(name: string): boolean {
  return name.endsWith(FOLDER_ENDING) && name.length > FOLDER_ENDING.length
}

function nameOf(folder: string): string {
  return folder.slice(0, -FOLDER_ENDING.length)
}
