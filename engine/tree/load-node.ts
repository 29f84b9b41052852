// engine/tree/load-node.ts: a node from the store into memory, checked.

import { FormatError, type Reference } from '../format/index.ts'
import type { Allocator, Block } from '../ports/index.ts'
import type { DamageReport, ItemStore } from './item-store.ts'
import {
  claimedCount,
  FAN_OUT_MAX,
  IMAGE_HEADER_BYTES_MAX,
  indexNode,
  loadedOverheadBytes,
  NODE_BYTES_MAX,
  slotCapacityFor,
} from './node.ts'

/** What reading a node takes. */
export type NodeSource = Readonly<{
  store: Pick<ItemStore, 'readNode'>
  allocator: Allocator
  /** Entries that nodes usually have at most: room is kept for so many. A node with more is read a second time. */
  fanOut: number
  damage: DamageReport
}>

/**
 * Reads the node that `reference` names, of which the parent says that it is of level `level`. The block is the
 * caller's. Throws what `damage` makes for a node that breaks the format, and what the store throws; holds nothing then.
 */
export function loadNode(source: NodeSource, reference: Reference, level: number): Block {
  const { store, allocator, damage } = source
  const { lengthBytes } = reference
  if (lengthBytes > NODE_BYTES_MAX + IMAGE_HEADER_BYTES_MAX) throw damage(reference, `a node of ${lengthBytes} bytes`)
  let slotCapacity = slotCapacityFor(lengthBytes, source.fanOut)
  let block = store.readNode(reference, loadedOverheadBytes(slotCapacity, level))
  try {
    const imageStart = block.start + loadedOverheadBytes(slotCapacity, level)
    const count = claimedCount(block.bytes, imageStart, imageStart + lengthBytes)
    if (count > slotCapacity) {
      const widest = slotCapacityFor(lengthBytes, FAN_OUT_MAX)
      if (count > widest) throw new FormatError(`a node of ${lengthBytes} bytes claims ${count} entries`, imageStart)
      allocator.free(block)
      slotCapacity = widest
      block = store.readNode(reference, loadedOverheadBytes(slotCapacity, level))
    }
    indexNode(block, slotCapacity, lengthBytes, level)
    return block
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    allocator.free(block)
    throw damage(reference, error.message)
  }
}
