// engine/format/caller-bytes.ts: memory that is handed to the caller.
//
// What a read returns belongs to whoever asked for it and lives as long as they like, so it can't be in a block. This
// is the one place outside the allocators and adapters where the engine makes a typed array.

/** A copy of `bytes[start … end)` that belongs to the caller. */
export function copyForCaller(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}

/** Zeroed bytes that belong to the caller. */
export function bytesForCaller(lengthBytes: number): Uint8Array {
  return new Uint8Array(lengthBytes)
}
