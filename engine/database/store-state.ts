// engine/database/store-state.ts: one open database below tables: its log, items, nodes, and the roots of its trees.
//
// The main tree ties the others together: entry 0 is the catalog (a reference), entry 1 + i the root of tree i.
//
// 1. `roots` are those of the newest acknowledged commit, or of the one that recovery accepted; they are replaced as a
//    whole, never changed, so that a snapshot is a reference to them.
// 2. `tip` are those of the newest commit written, which the next commit builds on: the same as `roots` unless commits
//    wait for a shared sync. When those fail, the log's epoch grows and the tip is `roots` again.
// 3. Settling changes where things are, never what they are.

import {
  comparePositions,
  corrupt,
  decodeReference,
  decodeUtf8,
  encodeReference,
  encodeUtf8,
  FormatError,
  type Position,
  type Reference,
  REFERENCE_SIZE_BYTES_MAX,
  utf8SizeBytes,
} from '../format/index.ts'
import { EngineError, assert } from '../errors.ts'
import type { Allocator, Block } from '../ports/index.ts'
import { CommitLog, ItemStorage, type AcceptedCommit, type PackFiles } from '../pack/index.ts'
import {
  EMPTY_ROOT,
  NodeCache,
  ROOT_SIZE_BYTES_MAX,
  TreeView,
  decodeRoot,
  encodeRoot,
  rewriteTree,
  type Bytes,
  type NodeSource,
  type Root,
} from '../tree/index.ts'
import { parseCatalog, treeCount, type Catalog } from './catalog.ts'

const MAIN_KEY_BYTES = 2

/** Roots of all trees at one commit. */
export type Roots = Readonly<{ commitNumber: number; main: Root; catalog: Reference; trees: readonly Root[] }>

export class StoreState {
  readonly files: PackFiles
  readonly log: CommitLog
  readonly items: ItemStorage
  readonly cache: NodeCache
  readonly allocator: Allocator
  readonly source: NodeSource
  /** Scratch for keys and values of the main tree and for roots while they are rewritten. */
  readonly #scratch: Block
  #roots: Roots | undefined
  #tip: Readonly<{ roots: Roots; epoch: number }> | undefined

  constructor(files: PackFiles, log: CommitLog, allocator: Allocator, cacheBytes: number) {
    this.files = files
    this.log = log
    this.allocator = allocator
    this.items = new ItemStorage(log, allocator)
    this.source = {
      store: this.items,
      allocator,
      fanOut: log.limits.fanOut,
      damage: (reference, message) => this.damage(reference, message),
    }
    this.cache = new NodeCache({ ...this.source, budgetBytes: cacheBytes })
    this.#scratch = allocator.allocate(MAIN_KEY_BYTES + ROOT_SIZE_BYTES_MAX + REFERENCE_SIZE_BYTES_MAX, 'scratch')
  }

  damage(reference: Position, message: string): EngineError {
    return corrupt(this.log.pathOf(reference.pack), reference.offsetBytes, message)
  }

  get roots(): Roots {
    assert(this.#roots !== undefined, 'the roots have been read')
    return this.#roots
  }

  get tip(): Roots {
    const tip = this.#tip
    return tip === undefined || tip.epoch !== this.log.epoch ? this.roots : tip.roots
  }

  /** A key of the main tree, in the scratch. */
  mainKey(entry: number): Bytes {
    const { bytes, start } = this.#scratch
    bytes[start] = entry >>> 8
    bytes[start + 1] = entry & 0xff
    return { bytes, start, lengthBytes: MAIN_KEY_BYTES }
  }

  /** A root as a value of the main tree, in the scratch. */
  rootValue(root: Root): Bytes {
    const { bytes, start } = this.#scratch
    const end = encodeRoot(root, bytes, start + MAIN_KEY_BYTES)
    return { bytes, start: start + MAIN_KEY_BYTES, lengthBytes: end - start - MAIN_KEY_BYTES }
  }

  referenceValue(reference: Reference): Bytes {
    const { bytes, start } = this.#scratch
    const from = start + MAIN_KEY_BYTES + ROOT_SIZE_BYTES_MAX
    return { bytes, start: from, lengthBytes: encodeReference(reference, bytes, from) - from }
  }

  /** Takes the roots of a commit that was just acknowledged. */
  accept(roots: Roots): void {
    this.#roots = roots
    if (this.#tip !== undefined && this.#tip.roots.commitNumber <= roots.commitNumber) this.#tip = undefined
  }

  /** Takes the roots of a commit that was written and waits. */
  extend(roots: Roots): void {
    this.#tip = { roots, epoch: this.log.epoch }
  }

  /** Reads the catalog and the roots of the accepted commit. A catalog whose text is `wanted`'s is not parsed again. */
  load(wanted?: Readonly<{ catalog: Catalog; text: string }>): Catalog {
    const { accepted } = this.log
    const main = mainRootOf(accepted)
    const at = main.reference
    if (at === undefined) throw this.damage(accepted.mark, 'the commit has no main tree')
    const view = new TreeView(this.cache, main)
    const catalogReference = this.#entry(view, at, 0, decodeReference)
    const text = this.#readCatalog(catalogReference)
    const catalog = text === wanted?.text ? wanted.catalog : this.#parse(text, catalogReference)
    this.#loadRoots(main, view, at, catalogReference, catalog)
    return catalog
  }

  /** As `load`, for a database whose catalog cannot be read: the caller says what is in it. */
  loadWithout(catalog: Catalog): void {
    const main = mainRootOf(this.log.accepted)
    const at = main.reference
    if (at === undefined) throw this.damage(this.log.accepted.mark, 'the commit has no main tree')
    const view = new TreeView(this.cache, main)
    this.#loadRoots(main, view, at, this.#entry(view, at, 0, decodeReference), catalog)
  }

  #loadRoots(main: Root, view: TreeView, at: Reference, catalogReference: Reference, catalog: Catalog): void {
    const trees: Root[] = []
    for (let tree = 0; tree < treeCount(catalog); tree += 1) trees.push(this.#entry(view, at, 1 + tree, decodeRoot))
    const { commitNumber } = this.log.accepted
    this.#roots = { commitNumber, main, catalog: catalogReference, trees }
  }

  #entry<T>(
    view: TreeView,
    at: Reference,
    entry: number,
    decode: (bytes: Uint8Array, start: number, end: number) => T,
  ): T {
    const key = this.mainKey(entry)
    const value = view.get(key.bytes, key.start, key.lengthBytes)
    if (value === undefined) throw this.damage(at, `the main tree has no entry ${entry}`)
    try {
      return decode(value.bytes, value.start, value.start + value.lengthBytes)
    } catch (error) {
      throw this.#asDamage(at, `entry ${entry} of the main tree`, error)
    }
  }

  #readCatalog(reference: Reference): string {
    const block = this.items.readItem(reference, 'catalog')
    try {
      return decodeUtf8(block.bytes, block.start, block.start + reference.lengthBytes)
    } catch (error) {
      throw this.#asDamage(reference, 'the catalog', error)
    } finally {
      this.allocator.free(block)
    }
  }

  #parse(text: string, reference: Reference): Catalog {
    try {
      return parseCatalog(text)
    } catch (error) {
      throw this.#asDamage(reference, 'the catalog', error)
    }
  }

  /** What can't be decoded is damage, told with its place. */
  #asDamage(at: Position, what: string, error: unknown): unknown {
    return error instanceof FormatError ? this.damage(at, `${what}: ${error.message}`) : error
  }

  appendCatalog(text: string): Reference {
    const lengthBytes = utf8SizeBytes(text)
    const block = this.allocator.allocate(lengthBytes, 'catalog')
    try {
      encodeUtf8(text, block.bytes, block.start)
      return this.items.appendItem(block.bytes, block.start, lengthBytes)
    } finally {
      this.allocator.free(block)
    }
  }

  // --- settling ------------------------------------------------------------------------------------------------------

  /**
   * Writes again, into a new pack, what the accepted roots reach behind the proven position, and commits that. Throws
   * what reading and writing throw; everything is then as before, but for void bytes.
   */
  settle(primaryTrees: ReadonlySet<number>): void {
    const { log } = this
    const { proven } = log
    const isInTail = (reference: Reference): boolean => comparePositions(reference, proven) >= 0
    log.beginSettling()
    try {
      this.#rewrite(primaryTrees, isInTail)
    } catch (error) {
      log.abort()
      throw error
    }
  }

  #rewrite(primaryTrees: ReadonlySet<number>, isInTail: (reference: Reference) => boolean): void {
    const before = this.roots
    const options = { source: this.source, store: this.items, needsRewrite: isInTail }
    const trees = before.trees.map((root, tree) =>
      rewriteTree(
        root,
        primaryTrees.has(tree)
          ? { ...options, mapLeafValue: (_key, value) => this.#moveRow(value, isInTail) }
          : options,
      ),
    )
    const catalog = isInTail(before.catalog) ? this.#moveItem(before.catalog) : before.catalog
    const main = rewriteTree(before.main, {
      ...options,
      mapLeafValue: (key) => {
        const entry = ((key.bytes[key.start] as number) << 8) | (key.bytes[key.start + 1] as number)
        if (entry === 0) return this.referenceValue(catalog)
        return this.rootValue(trees[entry - 1] as Root)
      },
    })
    const { commitNumber } = this.log.commit(markRootOf(main))
    this.accept({ commitNumber, main, catalog, trees })
  }

  #moveRow(value: Bytes, isInTail: (reference: Reference) => boolean): Bytes | undefined {
    const reference = this.readReference(value)
    return isInTail(reference) ? this.referenceValue(this.#moveItem(reference)) : undefined
  }

  #moveItem(reference: Reference): Reference {
    const block = this.items.readItem(reference, 'moved-item')
    try {
      return this.items.appendItem(block.bytes, block.start, reference.lengthBytes)
    } finally {
      this.allocator.free(block)
    }
  }

  /** The reference that a primary key's value is. */
  readReference(value: Bytes): Reference {
    try {
      return decodeReference(value.bytes, value.start, value.start + value.lengthBytes)
    } catch (error) {
      throw this.#asDamage(this.log.accepted.mark, "a row's reference is wrong", error)
    }
  }

  /** Frees what belongs to this object; not the log and the files. */
  close(): void {
    this.cache.close()
    this.allocator.free(this.#scratch)
  }
}

export function mainRootOf(accepted: AcceptedCommit): Root {
  const { pack, offsetBytes, lengthBytes, height, count } = accepted.root
  return height === 0 ? EMPTY_ROOT : { reference: { pack, offsetBytes, lengthBytes }, height, count }
}

export function markRootOf(root: Root): AcceptedCommit['root'] {
  const { reference, height, count } = root
  if (reference === undefined) return { pack: 0, offsetBytes: 0, lengthBytes: 0, height: 0, count: 0 }
  return { ...reference, height, count }
}
