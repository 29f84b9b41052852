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

/**
 * Runs `code` with a `node:fs` in which a sync of a file syncs the directory too: what a store leaves out, put in from
 * outside, to show that it is all that is missing.
 */
export function withDirectorySyncs<T>(world: World, directory: string, code: () => T): T {
  const fs = nodeFs(world)
  const { fsyncSync } = fs
  fs.fsyncSync = (descriptor) => {
    fsyncSync(descriptor)
    const opened = fs.openSync(directory, 'r')
    try {
      fsyncSync(opened)
    } finally {
      fs.closeSync(opened)
    }
  }
  try {
    return code()
  } finally {
    fs.fsyncSync = fsyncSync
  }
}
