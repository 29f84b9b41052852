// faults/models/disk-picture.ts: a disk at a fault, sector by sector, for people: what was durable, what was pending, and
// what became of it.
//
// 1. A sector that no pending operation and no dropped page touches is durable; of the others, the bytes that were there
//    before, the bytes that were written and the bytes that are found decide.
// 2. Runs of sectors in one state are one entry, and files and runs are bounded: what is left out is counted.
//
// It does not say which of several pending writes to one sector survived: the newest content counts as written.

import { FileNode, PAGE_BYTES, type DiskImage, type Inode, type PageTable } from '../disk/index.ts'
import { pathsOf } from './pending.ts'

/**
 * durable: as a sync left it. pending: written, and only in the cache. dropped: a failed sync threw it out of the cache's
 * care. kept: was pending, and is there. lost: was pending, and is as before. torn: part of what was written. filled: other
 * bytes, as lost sectors may hold. damaged: was durable, and holds other bytes.
 */
export const SECTOR_STATES = ['durable', 'pending', 'dropped', 'kept', 'lost', 'torn', 'filled', 'damaged'] as const
export type SectorState = (typeof SECTOR_STATES)[number]

/** durable: survives a power loss. pending: only in the cache. kept, lost: was pending, and survived or did not. */
export type NameState = 'durable' | 'pending' | 'kept' | 'lost'

export type FilePicture = Readonly<{
  path: string
  name: NameState
  /** As the process saw it, as a sync left it, and as it is found; the last only after a crash. */
  sizeBytes: number
  durableSizeBytes: number
  foundSizeBytes?: number
  /** From sector 0, runs of one state. */
  sectors: readonly Readonly<{ state: SectorState; count: number }>[]
  /** Sectors behind those that are told. */
  sectorsLeftOut: number
}>

export type DiskPicture = Readonly<{ sectorBytes: number; files: readonly FilePicture[]; filesLeftOut: number }>

const FILES_MAX = 24
const RUNS_MAX = 200

/** `found`: the disk after the crash or the damage; undefined where the process lives on. */
export function diskPicture(before: DiskImage, found: DiskImage | undefined, sectorBytes: number): DiskPicture {
  const paths = pathsOf(before)
  const pathsFound = found === undefined ? paths : pathsOf(found)
  const pictures: FilePicture[] = []
  for (const [inode, node] of before.nodes) {
    const path = paths.get(inode)
    if (node.kind !== 'file' || path === undefined) continue
    const after = found?.nodes.get(inode)
    const foundFile = found === undefined || pathsFound.get(inode) === undefined ? undefined : after
    const name = nameState(before, inode, found === undefined ? undefined : pathsFound.get(inode) === path, found)
    pictures.push(
      filePicture(path, name, node, foundFile instanceof FileNode ? foundFile : undefined, found, sectorBytes),
    )
  }
  // Files in which something happened come first: they are what is looked for.
  const sorted = pictures.toSorted(
    (a, b) => Number(isQuiet(a)) - Number(isQuiet(b)) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  )
  return { sectorBytes, files: sorted.slice(0, FILES_MAX), filesLeftOut: Math.max(0, sorted.length - FILES_MAX) }
}

function isQuiet({ name, sectors }: FilePicture): boolean {
  return name === 'durable' && sectors.every(({ state }) => state === 'durable')
}

function nameState(
  before: DiskImage,
  inode: Inode,
  survived: boolean | undefined,
  found: DiskImage | undefined,
): NameState {
  const isPending =
    before.names.some(({ effects }) => effects.some((effect) => effect.inode === inode)) ||
    !hasDurableName(before, inode)
  if (survived === false) return 'lost'
  if (!isPending) return 'durable'
  return survived === undefined || (found !== undefined && !hasDurableName(found, inode)) ? 'pending' : 'kept'
}

function hasDurableName({ nodes }: DiskImage, inode: Inode): boolean {
  for (const node of nodes.values())
    if (node.kind === 'directory') for (const child of node.durable.values()) if (child === inode) return true
  return false
}

function filePicture(
  path: string,
  name: NameState,
  node: FileNode,
  found: FileNode | undefined,
  image: DiskImage | undefined,
  sectorBytes: number,
): FilePicture {
  const sizeBytes = node.cache.sizeBytes
  const durableSizeBytes = node.durable.sizeBytes
  const foundSizeBytes = image === undefined ? undefined : (found?.cache.sizeBytes ?? 0)
  const last = Math.ceil(Math.max(sizeBytes, durableSizeBytes, foundSizeBytes ?? 0) / sectorBytes)
  const touched = touchedSectors(node, sectorBytes)
  const stillPending = found === undefined ? undefined : touchedSectors(found, sectorBytes)
  const bytes = (table: PageTable, sector: number): Uint8Array => {
    const into = new Uint8Array(sectorBytes)
    table.read(into, 0, sectorBytes, sector * sectorBytes)
    return into
  }
  const stateOf = (sector: number): SectorState => {
    const how = touched.get(sector)
    if (image === undefined) return how ?? 'durable'
    // What a sync left is on the disk also where the name that led to it was lost.
    if (found === undefined) return how === undefined ? 'durable' : 'lost'
    if (stillPending?.has(sector) === true) return stillPending.get(sector) ?? 'pending'
    const there = bytes(found.cache, sector)
    const old = bytes(node.durable, sector)
    if (how === undefined) return same(there, old) ? 'durable' : 'damaged'
    const written = bytes(node.cache, sector)
    // What a size that was lost cuts off is lost, whatever its bytes were.
    const cut = sector * sectorBytes >= found.cache.sizeBytes
    if (!cut && same(there, written)) return 'kept'
    if (cut || same(there, old)) return 'lost'
    return there.every((byte, at) => byte === written[at] || byte === old[at]) ? 'torn' : 'filled'
  }
  const sectors: { state: SectorState; count: number }[] = []
  let sector = 0
  for (; sector < last; sector += 1) {
    const state = stateOf(sector)
    const run = sectors.at(-1)
    if (run?.state === state) run.count += 1
    else if (sectors.length === RUNS_MAX) break
    else sectors.push({ state, count: 1 })
  }
  return {
    path,
    name,
    sizeBytes,
    durableSizeBytes,
    ...(foundSizeBytes === undefined ? {} : { foundSizeBytes }),
    sectors,
    sectorsLeftOut: last - sector,
  }
}

/** Sectors that a pending operation or a dropped page touches. */
function touchedSectors(node: FileNode, sectorBytes: number): ReadonlyMap<number, 'pending' | 'dropped'> {
  const touched = new Map<number, 'pending' | 'dropped'>()
  const touch = (from: number, to: number, how: 'pending' | 'dropped'): void => {
    for (let sector = Math.floor(from / sectorBytes); sector * sectorBytes < to; sector += 1) touched.set(sector, how)
  }
  for (const pages of [node.dropped, node.evicted])
    for (const page of pages)
      touch(page * PAGE_BYTES, Math.min(node.cache.sizeBytes, (page + 1) * PAGE_BYTES), 'dropped')
  for (const operation of node.operations()) {
    if (operation.kind === 'write')
      touch(operation.positionBytes, operation.positionBytes + operation.bytes.length, 'pending')
    else
      touch(
        Math.min(operation.sizeBefore, operation.sizeAfter),
        Math.max(operation.sizeBefore, operation.sizeAfter),
        'pending',
      )
  }
  return touched
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.every((byte, at) => byte === right[at])
}
