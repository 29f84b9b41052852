// harness/host/real/tree.ts: what is in a directory, in a form in which the real one and the simulated one can be compared:
// names, kinds, sizes and a hash of the bytes.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hashBytes, listImage, readImageFile, type DiskImage } from '../../../faults/index.ts'
import type { TreeChange } from './protocol.ts'

/** What the name of a directory leads to. */
export const DIRECTORY = 'a directory'

/** What a name leads to: `directory`, `link to …`, or a size and a hash. */
export type Tree = ReadonlyMap<string, string>

/** The tree below a real directory, without it. */
export function treeOfDirectory(root: string): Tree {
  const tree = new Map<string, string>()
  const visit = (directory: string, prefix: string): void => {
    for (const name of readdirSync(directory)) {
      const path = `${directory}/${name}`
      const stats = lstatSync(path)
      const at = prefix + name
      if (stats.isDirectory()) {
        tree.set(at, DIRECTORY)
        visit(path, `${at}/`)
      } else if (stats.isSymbolicLink()) tree.set(at, `a link to '${readlinkSync(path)}'`)
      else tree.set(at, contentText(readFileSync(path)))
    }
  }
  visit(root, '')
  return tree
}

/** The same of an image, as a process would read it. */
export function treeOfImage(image: DiskImage, root: string): Tree {
  const tree = new Map<string, string>()
  for (const { path, kind, target } of listImage(image)) {
    if (!path.startsWith(`${root}/`)) continue
    const at = path.slice(root.length + 1)
    if (kind === 'directory') tree.set(at, DIRECTORY)
    else if (target !== undefined) tree.set(at, `a link to '${target}'`)
    else tree.set(at, contentText(readImageFile(image, path) ?? new Uint8Array(0)))
  }
  return tree
}

/** Where two trees differ first, in words; undefined if they are equal. */
export function treeDifference(real: Tree, simulated: Tree): string | undefined {
  const paths = [...new Set([...real.keys(), ...simulated.keys()])].toSorted()
  const path = paths.find((each) => real.get(each) !== simulated.get(each))
  if (path === undefined) return undefined
  return `'${path}' is ${real.get(path) ?? 'not there'} on the real disk, and ${simulated.get(path) ?? 'not there'} on the simulated one`
}

/** What makes the second tree of the first; undefined if they are equal. */
export function changeOf(before: Tree, after: Tree): TreeChange | undefined {
  const set = [...after].filter(([path, what]) => before.get(path) !== what)
  const gone = [...before.keys()].filter((path) => !after.has(path))
  return set.length === 0 && gone.length === 0 ? undefined : { set, gone }
}

export function changed(tree: Tree, change: TreeChange | undefined): Tree {
  if (change === undefined) return tree
  const next = new Map(tree)
  for (const path of change.gone) next.delete(path)
  for (const [path, what] of change.set) next.set(path, what)
  return next
}

function contentText(bytes: Uint8Array): string {
  return `a file of ${bytes.length} bytes with the hash ${hashBytes(bytes).digits()}`
}
