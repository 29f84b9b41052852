// engine/tree/item-store.ts: what a tree stands on: records that are appended once and read by reference.

import type { Reference } from '../format/index.ts'
import type { Block } from '../ports/index.ts'

export interface ItemStore {
  /**
   * Reads and checks the node that `reference` names into a new block tagged 'node', which the caller owns: `extraBytes`
   * of undefined content, then the image. Throws E_CORRUPT, IoError or E_IO, OutOfMemoryError; holds nothing then.
   */
  readNode(reference: Reference, extraBytes: number): Block
  /** Appends a node image, children before their parents; returns where it is. Keeps nothing of `bytes`. */
  appendNode(bytes: Uint8Array, start: number, lengthBytes: number): Reference
}

/** Makes the error (E_CORRUPT, with path and offset) for a node whose checksum is right and whose content is not. */
export type DamageReport = (reference: Reference, message: string) => Error
