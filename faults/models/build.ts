// faults/models/build.ts: makes the image that a choice describes: all durable, nothing pending.
//
// 1. Files and directories that the choice does not change are shared with the image that it was made from.
// 2. What no surviving name reaches is not in the image.
// 3. Costs the surviving names, and the pages that the surviving operations touch.

import {
  DirectoryNode,
  FileNode,
  PAGE_BYTES,
  ROOT,
  applyOperation,
  type DiskImage,
  type DiskNode,
  type Inode,
  type PageTable,
  type WriteOperation,
} from '../disk/index.ts'
import type { Choice, FileChoice } from './choice.ts'
import { fillBytes, mix } from './garbage.ts'
import type { Pending, PendingFile } from './pending.ts'
import type { Fill, PersistenceModel } from './persistence-model.ts'

export type BuildContext = Readonly<{
  pending: Pending
  model: PersistenceModel
  sectorBytes: number
  seed: number
  /** Nodes that no choice changes, made once. */
  settled: Map<Inode, DiskNode>
}>

export function build(context: BuildContext, choice: Choice): DiskImage {
  const { image } = context.pending
  const changed = chosenDirectories(context, choice)
  const nodes = new Map<Inode, DiskNode>()
  const visit = (inode: Inode): void => {
    if (nodes.has(inode)) return
    const node = image.nodes.get(inode)
    if (node === undefined) return
    if (node.kind === 'file') {
      nodes.set(inode, chosenFile(context, choice, node))
      return
    }
    const directory = changed.get(inode) ?? settledDirectory(context, node)
    nodes.set(inode, directory)
    for (const child of directory.durable.values()) visit(child)
  }
  visit(ROOT)
  return { nodes, names: [], deleted: image.deleted, sequence: image.sequence, nextInode: image.nextInode }
}

function chosenDirectories({ pending }: BuildContext, choice: Choice): Map<Inode, DirectoryNode> {
  const changed = new Map<Inode, DirectoryNode>()
  pending.names.forEach(({ effects }, index) => {
    if (choice.names[index] !== true) return
    for (const { directory, name, inode } of effects) {
      const entries = entriesToChange(pending.image, changed, directory)
      if (inode === undefined) entries.delete(name)
      else entries.set(name, inode)
    }
  })
  return changed
}

function entriesToChange(image: DiskImage, changed: Map<Inode, DirectoryNode>, inode: Inode): Map<string, Inode> {
  const made = changed.get(inode)
  if (made !== undefined) return made.durable
  const node = image.nodes.get(inode)
  const entries = new Map(node?.kind === 'directory' ? node.durable : [])
  changed.set(
    inode,
    DirectoryNode.settled(inode, entries, node?.kind === 'directory' ? node.durableAttributes : undefined),
  )
  return entries
}

function settledDirectory({ settled }: BuildContext, node: DirectoryNode): DirectoryNode {
  const made = settled.get(node.inode)
  if (made?.kind === 'directory') return made
  const directory = DirectoryNode.settled(node.inode, node.durable, node.durableAttributes)
  settled.set(node.inode, directory)
  return directory
}

function chosenFile(context: BuildContext, choice: Choice, node: FileNode): FileNode {
  const index = context.pending.fileIndex.get(node.inode)
  const file = index === undefined ? undefined : context.pending.files[index]
  const chosen = index === undefined ? undefined : choice.files[index]
  if (file === undefined || chosen === undefined || index === undefined) return settledFile(context, node)
  if (chosen.upTo === undefined) return FileNode.settled(node, sectorContent(context, choice, index, file, chosen))
  if (chosen.upTo < 0) {
    return context.model.lostRewrite.length === 1 && choice.lost.rewrite === 'old'
      ? settledFile(context, node)
      : FileNode.settled(node, prefixContent(context, choice, file, chosen.upTo))
  }
  return FileNode.settled(node, prefixContent(context, choice, file, chosen.upTo))
}

function settledFile({ settled }: BuildContext, node: FileNode): FileNode {
  const made = settled.get(node.inode)
  if (made?.kind === 'file') return made
  const file = FileNode.settled(node, node.durable.share())
  settled.set(node.inode, file)
  return file
}

function prefixContent(context: BuildContext, choice: Choice, file: PendingFile, last: number): PageTable {
  const { node, operations, versions } = file
  if (last === operations.length - 1 && node.dropped.size === 0) return node.cache.share()
  const content = node.durable.share()
  for (let index = 0; index <= last; index += 1) {
    const operation = operations[index]
    if (operation !== undefined) applyOperation(content, operation)
  }
  fillLost(context, choice, file, content, (sector) => (versions[sector]?.[0] ?? Infinity) <= last)
  return content
}

function sectorContent(
  context: BuildContext,
  choice: Choice,
  index: number,
  file: PendingFile,
  chosen: FileChoice,
): PageTable {
  const { node, operations, spans } = file
  const content = node.durable.share()
  operations.forEach((operation, at) => {
    if (operation.kind === 'resize') {
      // A cut that survived takes the bytes with it; growth is seen in the size alone.
      if (chosen.size >= at && operation.sizeAfter < content.sizeBytes) content.resize(operation.sizeAfter)
      return
    }
    const span = spans[at] ?? { start: 0, end: 0 }
    for (let from = span.start; from < span.end;) {
      let to = from
      while (to < span.end && (chosen.kept[to] ?? -1) >= at) to += 1
      if (to > from) writeSectors(context, file, content, operation, from, to)
      from = to + 1
    }
  })
  const newSize = operations[chosen.size]?.sizeAfter ?? node.durable.sizeBytes
  const sizeBytes = Math.min(newSize, chosen.sizeMax ?? newSize)
  content.resize(allowedSize(context, file, chosen, sizeBytes))
  fillLost(context, choice, file, content, (sector) => (chosen.kept[sector] ?? -1) >= 0)
  if (choice.partial?.file === index) writePartial(context, content, operations[choice.partial.operation], choice)
  return content
}

function writeSectors(
  { sectorBytes }: BuildContext,
  { sectors }: PendingFile,
  content: PageTable,
  { positionBytes, bytes }: WriteOperation,
  from: number,
  to: number,
): void {
  const start = Math.max(positionBytes, (sectors[from] ?? 0) * sectorBytes)
  const end = Math.min(positionBytes + bytes.length, ((sectors[to - 1] ?? 0) + 1) * sectorBytes)
  content.write(bytes, start - positionBytes, end - start, start)
}

function writePartial(
  { sectorBytes }: BuildContext,
  content: PageTable,
  operation: PendingFile['operations'][number] | undefined,
  { partial }: Choice,
): void {
  if (partial === undefined || operation?.kind !== 'write') return
  const end = Math.min(operation.positionBytes + partial.endBytes, content.sizeBytes)
  const start = Math.max(operation.positionBytes, end - (end % sectorBytes))
  if (start < end) content.write(operation.bytes, start - operation.positionBytes, end - start, start)
}

function allowedSize(
  { model, sectorBytes }: BuildContext,
  file: PendingFile,
  chosen: FileChoice,
  size: number,
): number {
  if (model.sizes === 'any') return size
  const durableBytes = file.node.durable.sizeBytes
  let allowed = size
  file.sectors.forEach((sector, index) => {
    const lost = (chosen.kept[index] ?? -1) < (file.versions[index]?.at(-1) ?? -1)
    if (lost && (sector + 1) * sectorBytes > durableBytes) {
      allowed = Math.min(allowed, Math.max(durableBytes, keptEnd(file, chosen, index, sector * sectorBytes)))
    }
  })
  return allowed
}

// A sector that holds an older version has its data up to that version's end.
function keptEnd(file: PendingFile, chosen: FileChoice, index: number, sectorStart: number): number {
  const operation = file.operations[chosen.kept[index] ?? -1]
  return operation === undefined ? sectorStart : Math.max(sectorStart, operation.sizeAfter)
}

function fillLost(
  context: BuildContext,
  choice: Choice,
  file: PendingFile,
  content: PageTable,
  isKept: (sector: number) => boolean,
): void {
  const { lost } = choice
  const durableBytes = file.node.durable.sizeBytes
  if (choice.mixedLost || lost.beyondSize !== 'zero' || lost.rewrite !== 'old') {
    file.sectors.forEach((sector, index) => {
      if (isKept(index)) return
      const { beyondSize, rewrite } = choice.mixedLost ? drawn(context, sector) : lost
      const start = sector * context.sectorBytes
      const end = start + context.sectorBytes
      if (rewrite !== 'old') fill(context, content, rewrite, start, Math.min(end, durableBytes))
      fill(context, content, beyondSize, Math.max(start, durableBytes), end)
    })
  }
  if (lost.beyondSize === 'zero') return
  const touched = new Set(file.node.dropped.size > 0 ? file.sectors : [])
  for (const page of file.node.dropped) {
    for (let start = page * PAGE_BYTES; start < (page + 1) * PAGE_BYTES; start += context.sectorBytes) {
      if (touched.has(start / context.sectorBytes)) continue
      fill(context, content, lost.beyondSize, Math.max(start, durableBytes), start + context.sectorBytes)
    }
  }
}

function drawn({ model, seed }: BuildContext, sector: number): Choice['lost'] {
  const word = mix(seed, sector) >>> 0
  return {
    beyondSize: model.lostBeyondSize[word % model.lostBeyondSize.length] ?? 'zero',
    rewrite: model.lostRewrite[(word >>> 16) % model.lostRewrite.length] ?? 'old',
  }
}

function fill({ pending, seed }: BuildContext, content: PageTable, kind: Fill, start: number, limit: number): void {
  const end = Math.min(limit, content.sizeBytes)
  if (end <= start) return
  const bytes = fillBytes(kind, start, end - start, seed, pending.image.deleted)
  content.write(bytes, 0, bytes.length, start)
}
