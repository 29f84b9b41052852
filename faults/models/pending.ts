// faults/models/pending.ts: what a power loss can take from an image, taken apart once for all states of it.
//
// 1. A sector's history is a chain: the device holds it as it was at some write that touched it, never one write's bytes
//    without an earlier one's. So a sector's state is the number of the newest write that it has, or none.
// 2. A name's history is a chain too: a change of it does not survive without the earlier ones of the same name.
// 3. `order` is the order in which the operations were done, over all files and directories.

import {
  ROOT,
  coveredNames,
  shareName,
  type DataOperation,
  type DiskImage,
  type FileNode,
  type Inode,
  type NameOperation,
} from '../disk/index.ts'
import type { PersistenceModel } from './persistence-model.ts'

/** One file with operations pending, or with dropped pages. */
export type PendingFile = Readonly<{
  node: FileNode
  operations: readonly DataOperation[]
  /** Numbers of the sectors that pending writes touched, ascending. */
  sectors: readonly number[]
  /** For each operation, where its sectors begin and end in `sectors`; an empty range for a resize. */
  spans: readonly Readonly<{ start: number; end: number }>[]
  /** For each of `sectors`, the operations that wrote to it, ascending. */
  versions: readonly (readonly number[])[]
  /** Operations that changed the size. */
  sizeChanges: readonly number[]
}>

/** One operation in the order of all. */
export type OrderedOperation =
  | Readonly<{ kind: 'data'; file: number; operation: number }>
  | Readonly<{ kind: 'name'; name: number }>

export type Pending = Readonly<{
  image: DiskImage
  files: readonly PendingFile[]
  fileIndex: ReadonlyMap<Inode, number>
  names: readonly NameOperation[]
  /** For each name operation, the earlier ones that it cannot survive without. */
  requires: readonly (readonly number[])[]
  /** Name operations that are in every state: what the model says a file's sync covered. */
  forced: readonly boolean[]
  order: readonly OrderedOperation[]
  /** Whether a state can show bytes that were never written: a size kept without its data. */
  exposes: boolean
  /** Whether a write is pending on bytes that are durable. */
  rewrites: boolean
}>

export function pendingOf(image: DiskImage, model: PersistenceModel, sectorBytes: number): Pending {
  const files: PendingFile[] = []
  const fileIndex = new Map<Inode, number>()
  for (const node of image.nodes.values()) {
    if (node.kind !== 'file' || (node.newest === undefined && node.dropped.size === 0)) continue
    fileIndex.set(node.inode, files.length)
    files.push(pendingFile(node, sectorBytes))
  }
  const { names } = image
  const requires = names.map((operation, index) =>
    names.slice(0, index).flatMap((earlier, at) => (shareName(earlier, operation) ? [at] : [])),
  )
  return {
    image,
    files,
    fileIndex,
    names,
    requires,
    forced: forcedNames(image, model),
    order: orderOf(files, names),
    exposes: files.some(({ node, sizeChanges }) => sizeChanges.length > 0 || node.dropped.size > 0),
    rewrites: files.some(({ node, sectors }) => (sectors[0] ?? Infinity) * sectorBytes < node.durable.sizeBytes),
  }
}

function pendingFile(node: FileNode, sectorBytes: number): PendingFile {
  const operations = node.operations()
  const ranges = operations.map((operation) =>
    operation.kind === 'resize'
      ? undefined
      : {
          first: Math.floor(operation.positionBytes / sectorBytes),
          last: Math.floor((operation.positionBytes + operation.bytes.length - 1) / sectorBytes),
        },
  )
  const touched = new Set<number>()
  for (const range of ranges) {
    if (range === undefined) continue
    for (let sector = range.first; sector <= range.last; sector += 1) touched.add(sector)
  }
  const sectors = [...touched].toSorted((left, right) => left - right)
  const at = new Map(sectors.map((sector, index) => [sector, index]))
  const versions: number[][] = sectors.map(() => [])
  const spans = ranges.map((range, operation) => {
    if (range === undefined) return { start: 0, end: 0 }
    const start = at.get(range.first) ?? 0
    const end = start + range.last - range.first + 1
    for (let index = start; index < end; index += 1) versions[index]?.push(operation)
    return { start, end }
  })
  const sizeChanges = operations.flatMap(({ sizeBefore, sizeAfter }, index) =>
    sizeBefore === sizeAfter ? [] : [index],
  )
  return { node, operations, sectors, spans, versions, sizeChanges }
}

function orderOf(files: readonly PendingFile[], names: readonly NameOperation[]): OrderedOperation[] {
  const entries: { sequence: number; operation: OrderedOperation }[] = []
  files.forEach(({ operations }, file) => {
    operations.forEach(({ sequence }, operation) => {
      entries.push({ sequence, operation: { kind: 'data', file, operation } })
    })
  })
  names.forEach(({ sequence }, name) => entries.push({ sequence, operation: { kind: 'name', name } }))
  return entries.toSorted((left, right) => left.sequence - right.sequence).map(({ operation }) => operation)
}

function forcedNames(image: DiskImage, model: PersistenceModel): boolean[] {
  if (!model.fileSyncCoversCreation) return image.names.map(() => false)
  const covers = ({ kind, sequence, effects, dropped }: NameOperation): boolean => {
    if (kind !== 'create' || dropped) return false
    const node = image.nodes.get(effects[0]?.inode ?? 0)
    return node?.kind === 'file' && node.syncedSequence > sequence
  }
  const covered = coveredNames(image.names, covers)
  if (model.names === 'alone') return image.names.map((operation) => covered.has(operation))
  const last = image.names.findLastIndex((operation) => covered.has(operation))
  return image.names.map((_, index) => index <= last)
}

/** Paths of files and directories, for people: where the cache has them, else where a pending operation had them. */
export function pathsOf(image: DiskImage): ReadonlyMap<Inode, string> {
  const paths = new Map<Inode, string>([[ROOT, '/']])
  const visit = (inode: Inode, side: 'cache' | 'durable'): void => {
    const node = image.nodes.get(inode)
    if (node?.kind !== 'directory') return
    const prefix = paths.get(inode) ?? ''
    for (const [name, child] of node[side]) {
      if (!paths.has(child)) paths.set(child, prefix === '/' ? `/${name}` : `${prefix}/${name}`)
      visit(child, side)
    }
  }
  visit(ROOT, 'cache')
  visit(ROOT, 'durable')
  return paths
}
