// reports/store/bundle-folder.ts: an evidence bundle on the disk.
//
// 1. Paths are relative to the bundle and have slashes, on every system.
// 2. A link is neither file nor folder here: what it leads to could change without the bundle.

import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MANIFEST_FILE, type BundleReader } from '../evidence/index.ts'
import { ReportError } from '../report-error.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { io, readLines } from './line-file.ts'
import { LATEST, resolveResultFolder } from './result-folder.ts'

export const BUNDLE_FOLDER = 'evidence'
const READ_BYTES = 1024 * 1024

/** The bundle that `path` is, or that the result folder `path` holds. Throws ReportError 'bundle-missing'. */
export function resolveBundle(path: string): string {
  const directory = path === LATEST ? resolveResultFolder(path) : resolve(path)
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new ReportError('bundle-missing', directory, `${path} is no folder`)
  const inside = join(directory, BUNDLE_FOLDER)
  // A bundle without its manifest is one that was tampered with; a folder in which nothing is of a bundle is none.
  const found = [directory, inside].find((folder) => existsSync(join(folder, MANIFEST_FILE)))
  if (found !== undefined) return found
  const damaged = [directory, inside].find((folder) => existsSync(join(folder, 'evidence.html')))
  if (damaged !== undefined) return damaged
  throw new ReportError('bundle-missing', directory, `there is no evidence bundle in ${path}`)
}

export function bundleReader(directory: string): BundleReader {
  return {
    list: () => {
      const files: string[] = []
      const other: string[] = []
      const walk = (folder: string): void => {
        const path = join(directory, folder)
        for (const entry of io(path, 'listed', () => readdirSync(path, { withFileTypes: true }))) {
          const inside = `${folder}${entry.name}`
          if (entry.isDirectory()) walk(`${inside}/`)
          else (entry.isFile() ? files : other).push(inside)
        }
      }
      walk('')
      return { files: files.toSorted(), other: other.toSorted() }
    },
    text: (path) => io(path, 'read', () => readFileSync(join(directory, path), 'utf8')),
    digest: (path) => fileDigest(join(directory, path)),
    lines: function* (path) {
      for (const { text } of readLines(join(directory, path))) yield text
    },
  }
}

/** SHA-256 and size of a file, one buffer at a time. Throws ReportError 'io'. */
export function fileDigest(path: string): Readonly<{ sizeBytes: number; sha256: string }> {
  return io(path, 'read', () => {
    const file = openSync(path, 'r')
    try {
      const hash = createHash('sha256')
      const buffer = Buffer.allocUnsafe(READ_BYTES)
      let sizeBytes = 0
      for (;;) {
        const length = readSync(file, buffer, 0, READ_BYTES, sizeBytes)
        if (length === 0) return { sizeBytes, sha256: hash.digest('hex') }
        hash.update(buffer.subarray(0, length))
        sizeBytes += length
      }
    } finally {
      closeSync(file)
    }
  })
}

/** Writes a file of a bundle, in one step, with the folders that it needs. Throws ReportError 'io'. */
export function writeBundleFile(directory: string, path: string, text: string): void {
  const full = join(directory, path)
  io(full, 'written', () => mkdirSync(dirname(full), { recursive: true }))
  writeFileAtomic(full, text)
}

/** Throws ReportError 'folder-missing' if `directory` holds no manifest. */
export function requireBundle(directory: string): void {
  if (!existsSync(join(directory, MANIFEST_FILE)))
    throw new ReportError(
      'folder-missing',
      directory,
      `${directory} holds no ${MANIFEST_FILE}: it is no evidence bundle`,
    )
}
