// test/golden/files.ts: the golden files of a version, as they lie in this folder.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Golden } from './golden-database.ts'

function folderOf(version: number): string {
  return fileURLToPath(new URL(`version-${version}`, import.meta.url))
}

/** Pack files by name. */
export function readGolden(version: number): ReadonlyMap<string, Uint8Array> {
  const folder = folderOf(version)
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.pack'))
    .toSorted()
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))]))
}

export function writeGolden(version: number, golden: Golden): void {
  const folder = folderOf(version)
  mkdirSync(folder, { recursive: true })
  for (const [path, bytes] of golden.packs) writeFileSync(`${folder}/${path.slice(path.lastIndexOf('/') + 1)}`, bytes)
}
