// reports/store/result-folder.ts: where a campaign's results go.
//
// 1. Nothing that exists is overwritten: a folder that is not empty is refused, unless the campaign goes on in it.
// 2. Under the root, each campaign has a folder of its own, NAME-1, NAME-2, …; two started at once get two.
// 3. `latest` names the newest folder under the root: a symbolic link, or where links are refused a file that holds
//    the folder's name. Both are replaced in one step and both are understood.

import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { ReportError } from '../report-error.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { io } from './line-file.ts'

export const RESULTS_ROOT = 'powercut-results'
export const LATEST = 'latest'
const ATTEMPTS_MAX = 1000

export type ResultFolderOptions = Readonly<{
  /** Folder for campaigns without a path of their own. Default: powercut-results. */
  root?: string
  /** Scenario or scenarios; what is no letter, digit, dot, dash or underscore becomes a dash. */
  name: string
  /** Whether the folder becomes the newest campaign. Default: yes. */
  latest?: boolean
  /** Go on in an existing folder: `path`, or else the newest under the root. */
  resume?: boolean
}>

/**
 * Makes the folder for a campaign's results and gives its absolute path. Throws ReportError 'folder-exists' if `path`
 * is there and not empty, 'folder-missing' or 'no-results' if there is no newest folder to resume. A `path` to resume that
 * is not there yet is made: the campaign was stopped before it had a result.
 */
export function createResultFolder(path: string | undefined, options: ResultFolderOptions): string {
  const root = options.root ?? RESULTS_ROOT
  if (options.resume === true && (path === undefined || path === LATEST || lstatSync(path, { throwIfNoEntry: false })))
    return resolveResultFolder(path ?? LATEST, { root })
  if (path === undefined) return createNumbered(resolve(root), folderName(options.name), options.latest !== false)
  const directory = resolve(path)
  const there = io(directory, 'looked at', () => lstatSync(directory, { throwIfNoEntry: false }))
  if (there !== undefined) {
    if (!isDirectory(directory)) throw new ReportError('folder-exists', directory, `${path} exists and is no folder`)
    if (io(directory, 'listed', () => readdirSync(directory)).length > 0)
      throw new ReportError('folder-exists', directory, `${path} exists and is not empty`)
    return directory
  }
  io(directory, 'made', () => mkdirSync(directory, { recursive: true }))
  return directory
}

/**
 * The absolute path of an existing result folder; `latest` is the newest under the root. Throws ReportError
 * 'folder-missing' or 'no-results'.
 */
export function resolveResultFolder(path: string, options: Readonly<{ root?: string }> = {}): string {
  const root = resolve(options.root ?? RESULTS_ROOT)
  if (path === LATEST && !isDirectory(resolve(LATEST))) return readLatest(root)
  const directory = resolve(path)
  if (!isDirectory(directory)) throw new ReportError('folder-missing', directory, `${path} is no folder`)
  return directory
}

function createNumbered(root: string, name: string, isLatest: boolean): string {
  io(root, 'made', () => mkdirSync(root, { recursive: true }))
  let number = 1 + numbersOf(root, name)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1, number += 1) {
    const directory = join(root, `${name}-${number}`)
    if (!makeOnce(directory)) continue
    if (isLatest) pointLatest(root, basename(directory))
    return directory
  }
  throw new ReportError('io', root, `no free number for ${name} in ${root}`)
}

/** False if it was there before. */
function makeOnce(directory: string): boolean {
  return io(directory, 'made', () => {
    try {
      mkdirSync(directory)
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    }
  })
}

/** The highest number that a folder of this name has; 0 if there is none. */
function numbersOf(root: string, name: string): number {
  const prefix = `${name}-`
  let highest = 0
  for (const entry of io(root, 'listed', () => readdirSync(root))) {
    const digits = entry.startsWith(prefix) ? entry.slice(prefix.length) : ''
    if (/^\d{1,9}$/.test(digits)) highest = Math.max(highest, Number(digits))
  }
  return highest
}

function pointLatest(root: string, folder: string): void {
  const latest = join(root, LATEST)
  const link = join(root, `.${LATEST}-${process.pid}`)
  try {
    rmSync(link, { force: true })
    symlinkSync(folder, link, 'dir')
    renameSync(link, latest)
  } catch {
    // No symbolic links here (or none may be made): a file with the name serves as well.
    rmSync(link, { force: true })
    if (lstatSync(latest, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(latest, { force: true })
    if (!isDirectory(latest)) writeFileAtomic(latest, `${folder}\n`)
  }
}

function readLatest(root: string): string {
  const latest = join(root, LATEST)
  const there = lstatSync(latest, { throwIfNoEntry: false })
  if (there === undefined) throw new ReportError('no-results', root, `there are no results in ${root}`)
  const named = there.isFile() ? join(root, io(latest, 'read', () => readFileSync(latest, 'utf8')).trim()) : latest
  if (!isDirectory(named)) throw new ReportError('folder-missing', named, `${latest} names a folder that is gone`)
  return io(named, 'read', () => realpathSync(named))
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** A scenario's name, or the bare name of its module, as part of a folder's name. */
function folderName(name: string): string {
  const bare = basename(name).replace(/(\.scenario)?\.[cm]?[jt]s$/, '')
  const safe = bare.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[.-]+|-+$/g, '')
  return safe === '' || safe === LATEST ? 'campaign' : safe
}
