// faults/node-front/stats.ts: Stats and Dirent objects of Node's own classes, about inodes of the simulated disk.

import { constants, Dirent, Stats, statSync } from 'node:fs'
import type { Attributes, DiskNode } from '../disk/index.ts'

const { S_IFDIR, S_IFLNK, S_IFREG } = constants
const BLOCK_BYTES = 512
const DIRECTORY_BYTES = 4096
const DEVICE = 1

const BIG_PROTOTYPE: object = Object.getPrototypeOf(statSync('/', { bigint: true }))

/** What an inode without attributes shows: one that the engine's port made. */
const PLAIN: Omit<Attributes, 'mode'> = { uid: 0, gid: 0, accessedMs: 0, modifiedMs: 0, changedMs: 0, createdMs: 0 }

export type Kind = 'file' | 'directory' | 'symlink'

export function kindOf(node: DiskNode): Kind {
  if (node.kind === 'directory') return 'directory'
  return node.target === undefined ? 'file' : 'symlink'
}

/** The attributes of a node, those of the port's nodes too. */
export function attributesOf(node: DiskNode): Attributes {
  return node.attributes ?? { mode: node.kind === 'directory' ? 0o755 : 0o644, ...PLAIN }
}

export function sizeOf(node: DiskNode): number {
  if (node.kind === 'directory') return DIRECTORY_BYTES
  return node.target === undefined ? node.cache.sizeBytes : Buffer.byteLength(node.target)
}

const KIND_BITS: Readonly<Record<Kind, number>> = { file: S_IFREG, directory: S_IFDIR, symlink: S_IFLNK }
/** As libuv numbers them; Node has the numbers in `fs.constants`, and its types don't. */
const DIRENT_KINDS: Readonly<Record<Kind, number>> = { file: 1, directory: 2, symlink: 3 }

export function makeStats(node: DiskNode, links: number, big: boolean): object {
  const { mode, uid, gid, accessedMs, modifiedMs, changedMs, createdMs } = attributesOf(node)
  const size = sizeOf(node)
  const numbers = {
    dev: DEVICE,
    mode: KIND_BITS[kindOf(node)] | mode,
    nlink: links,
    uid,
    gid,
    rdev: 0,
    blksize: 4096,
    ino: node.inode,
    size,
    blocks: node.kind === 'directory' ? 8 : Math.ceil(size / BLOCK_BYTES),
  }
  const times = { atime: accessedMs, mtime: modifiedMs, ctime: changedMs, birthtime: createdMs }
  const stats: object = Object.create(big ? BIG_PROTOTYPE : Stats.prototype)
  for (const [name, value] of Object.entries(numbers)) define(stats, name, big ? BigInt(value) : value)
  for (const [name, ms] of Object.entries(times)) define(stats, `${name}Ms`, big ? BigInt(Math.floor(ms)) : ms)
  if (big) for (const [name, ms] of Object.entries(times)) define(stats, `${name}Ns`, BigInt(Math.floor(ms * 1e6)))
  for (const [name, ms] of Object.entries(times)) define(stats, name, new Date(ms))
  return stats
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Node's class takes these arguments in every version, though its types hide the constructor. */
export function makeDirent(name: string | Buffer, kind: Kind, directory: string): object {
  const made: unknown = Reflect.construct(Dirent, [name, DIRENT_KINDS[kind], directory])
  return Object(made)
}
