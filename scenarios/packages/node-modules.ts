// scenarios/packages/node-modules.ts: what a scenario over a package takes from its world: the package as a new process has
// it, and `node:fs` as that process sees it.

import type { World } from '../contract.ts'

type NodeFs = typeof import('node:fs')

/** A CommonJS package, unmodified: a fresh instance of it for each process. The caller names the type. */
export function packageOf<T>(world: World, name: string): T {
  // What a package exports is known from its documentation alone.
  return world.loadModule(name, import.meta.url) as T
}

/** `node:fs`, as the code under test has it. */
export function nodeFs(world: World): NodeFs {
  return packageOf<NodeFs>(world, 'node:fs')
}

/** The file's text; undefined if there is none. */
export function textOf(world: World, path: string): string | undefined {
  const fs = nodeFs(world)
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : undefined
}

/** What is put right from outside of a store, to show that it is all that is missing. */
export type Mended = Readonly<{
  /** A sync of a file syncs this directory too. */
  directorySyncs?: string
  /** To `accessSync` there is no such path. */
  unseen?: string
}>

/** Runs `code`, which is synchronous, with a `node:fs` in which that is put right. */
export function withMended<T>(world: World, { directorySyncs, unseen }: Mended, code: () => T): T {
  const fs = nodeFs(world)
  const { fsyncSync, accessSync } = fs
  if (directorySyncs !== undefined)
    fs.fsyncSync = (descriptor) => {
      fsyncSync(descriptor)
      const opened = fs.openSync(directorySyncs, 'r')
      try {
        fsyncSync(opened)
      } finally {
        fs.closeSync(opened)
      }
    }
  if (unseen !== undefined)
    fs.accessSync = (path, mode) => {
      if (path === unseen) throw Object.assign(new Error(`ENOENT: no such file or directory`), { code: 'ENOENT' })
      accessSync(path, mode)
    }
  try {
    return code()
  } finally {
    fs.fsyncSync = fsyncSync
    fs.accessSync = accessSync
  }
}
