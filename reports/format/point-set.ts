// reports/format/point-set.ts: which fault points were seen: one bit for each, however many runs there are.

/** A set of whole numbers from 0, as a bitmap that grows. */
export class PointSet {
  #bits = new Uint8Array(1024)

  /** True if `point` was not in the set before. */
  add(point: number): boolean {
    const index = Math.floor(point / 8)
    if (index >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(index + 1, this.#bits.length * 2))
      grown.set(this.#bits)
      this.#bits = grown
    }
    const bit = 1 << (point % 8)
    const byte = this.#bits[index] ?? 0
    this.#bits[index] = byte | bit
    return (byte & bit) === 0
  }
}
