// reports/compare/identity-set.ts: many 32-bit numbers, four to eight bytes each.
//
// Numbers are appended, and sorted with their doubles taken out when there is no room left: memory goes with the distinct
// ones, not with how often they come.

const FIRST_SIZE = 256

export class IdentitySet {
  #numbers = new Uint32Array(FIRST_SIZE)
  #length = 0
  #sorted = 0

  add(identity: number): void {
    if (this.#length === this.#numbers.length) this.#make(1)
    this.#numbers[this.#length] = identity
    this.#length += 1
  }

  get size(): number {
    this.#settle()
    return this.#length
  }

  has(identity: number): boolean {
    this.#settle()
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#numbers[middle] ?? 0) < identity) low = middle + 1
      else high = middle
    }
    return low < this.#length && this.#numbers[low] === identity
  }

  /** Ascending. */
  *values(): Generator<number, void> {
    this.#settle()
    for (let at = 0; at < this.#length; at += 1) yield this.#numbers[at] ?? 0
  }

  #settle(): void {
    if (this.#sorted === this.#length) return
    const numbers = this.#numbers.subarray(0, this.#length).toSorted()
    let kept = 0
    for (const number of numbers) {
      if (kept > 0 && this.#numbers[kept - 1] === number) continue
      this.#numbers[kept] = number
      kept += 1
    }
    this.#length = kept
    this.#sorted = kept
  }

  #make(room: number): void {
    this.#settle()
    if (this.#length + room <= this.#numbers.length / 2) return
    const larger = new Uint32Array(this.#numbers.length * 2)
    larger.set(this.#numbers.subarray(0, this.#length))
    this.#numbers = larger
  }
}
