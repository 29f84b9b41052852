// faults/mutants/activations.ts: how often a planted defect was executed.
//
// 1. Counted by the changed code itself, as it runs: never derived from what was planned or found.
// 2. The count is in memory that threads share, so that it outlives a worker that dies or is ended.

const COUNTER = 'powercut.mutant.activations'

/** Memory for a count that several threads add to. */
export function createActivationMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(BigUint64Array.BYTES_PER_ELEMENT)
}

/** From now on this thread's activations are added to the count in `memory`. */
export function countActivationsIn(memory: SharedArrayBuffer): void {
  Reflect.set(globalThis, Symbol.for(COUNTER), new BigUint64Array(memory))
}

/** The count in `memory`. */
export function activationsIn(memory: SharedArrayBuffer): number {
  return Number(Atomics.load(new BigUint64Array(memory), 0))
}

/** Adds one to this thread's count. For planted defects that are code of ours. */
export function countActivation(): void {
  Atomics.add(ownCounter(), 0, 1n)
}

/** The count that this thread adds to. */
export function activations(): number {
  return Number(Atomics.load(ownCounter(), 0))
}

const PLANTED = 'powercut.mutant.planted'

/** Whether a module with the defect in it was loaded in this thread. */
export function isPlanted(): boolean {
  return Reflect.get(globalThis, Symbol.for(PLANTED)) === true
}

/** Declares `REACHED` in a module that stands by itself: it can import nothing of ours. */
export const REACHED_SOURCE = `const REACHED = () => { Atomics.add(globalThis[Symbol.for('${COUNTER}')] ??= new BigUint64Array(new SharedArrayBuffer(8)), 0, 1n); return true }; globalThis[Symbol.for('${PLANTED}')] = true;`

function ownCounter(): BigUint64Array<SharedArrayBuffer> {
  const known: unknown = Reflect.get(globalThis, Symbol.for(COUNTER))
  if (known instanceof BigUint64Array && known.buffer instanceof SharedArrayBuffer) {
    return known as BigUint64Array<SharedArrayBuffer>
  }
  const made = new BigUint64Array(createActivationMemory())
  Reflect.set(globalThis, Symbol.for(COUNTER), made)
  return made
}
