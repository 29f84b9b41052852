// harness/call-sites/watched-calls.ts: what the injectors can make to fail, as types and modules in the code under test.

import { UsageError } from '../campaign/index.ts'
import type { WatchedCalls } from './static-sites.ts'

/** The ports of `powercut/engine`, and those that a scenario's world gives, which are the same. */
export const PORT_CALLS: readonly WatchedCalls[] = [
  { family: 'allocation', type: 'Allocator', methods: ['allocate'], names: ['allocator'] },
  {
    family: 'io',
    type: 'FileSystem',
    names: ['fileSystem'],
    gives: { open: 'FileHandle', create: 'FileHandle' },
    methods: ['open', 'create', 'list', 'stat', 'rename', 'unlink', 'makeDirectory', 'syncDirectory'],
  },
  { family: 'io', type: 'FileHandle', methods: ['read', 'append', 'sync', 'syncLater', 'sizeBytes', 'close'] },
]

/** Whatever is called of Node's file system. */
export const NODE_CALLS: readonly WatchedCalls[] = [
  ...['node:fs', 'fs', 'node:fs/promises', 'fs/promises', 'graceful-fs'].map((module) => ({
    family: 'io',
    module,
    gives: { open: 'node:fs FileHandle' },
  })),
  {
    family: 'io',
    type: 'node:fs FileHandle',
    methods: [
      'read',
      'readFile',
      'readv',
      'write',
      'writeFile',
      'writev',
      'appendFile',
      'sync',
      'datasync',
      'truncate',
      'stat',
      'utimes',
      'chmod',
      'close',
    ],
  },
]

const KINDS = { ports: PORT_CALLS, node: NODE_CALLS } as const

/** Of the names `ports` and `node`. Throws UsageError. */
export function watchedCalls(names: readonly string[]): readonly WatchedCalls[] {
  return names.flatMap((name) => {
    if (name === 'ports' || name === 'node') return KINDS[name]
    throw new UsageError(`--calls knows no '${name}': valid are ${Object.keys(KINDS).join(', ')}.`)
  })
}
