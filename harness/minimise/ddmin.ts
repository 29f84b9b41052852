// harness/minimise/ddmin.ts: which of some things a failure needs: delta debugging, as Zeller and Hildebrandt have it
// ("Simplifying and Isolating Failure-Inducing Input", 2002).
//
// 1. What is left fails, and fails no more if any single one of it is taken away (1-minimal), unless `fails` gave up.
// 2. Order is kept, and the questions are the same for the same answers.

/** Whether it still fails with these alone. */
export type Fails<T> = (kept: readonly T[]) => Promise<boolean>

/** The smallest part that was found; `all` is known to fail. `least`: parts smaller than that are not asked for. */
export async function ddmin<T>(all: readonly T[], fails: Fails<T>, least = 1): Promise<readonly T[]> {
  let kept = all
  let parts = 2
  while (kept.length > least) {
    const size = Math.ceil(kept.length / parts)
    const smaller = await firstFailing(candidates(kept, size, least), fails)
    if (smaller !== undefined) {
      // A part alone begins anew with halves; a complement goes on with parts of the same size.
      parts = smaller.length <= size ? 2 : Math.max(2, parts - 1)
      kept = smaller
    } else if (size === 1) return kept
    else parts = Math.min(kept.length, parts * 2)
  }
  return kept
}

/** The parts, then what is left without each of them, the last ones taken away first. */
function* candidates<T>(kept: readonly T[], size: number, least: number): Generator<readonly T[], void> {
  const starts = Array.from({ length: Math.ceil(kept.length / size) }, (_, part) => part * size)
  for (const start of starts) {
    const part = kept.slice(start, start + size)
    if (part.length >= least && part.length < kept.length) yield part
  }
  // With two parts, what is left without one is the other.
  if (starts.length <= 2) return
  for (const start of starts.toReversed()) {
    const rest = [...kept.slice(0, start), ...kept.slice(start + size)]
    if (rest.length >= least && rest.length < kept.length) yield rest
  }
}

async function firstFailing<T>(sets: Iterable<readonly T[]>, fails: Fails<T>): Promise<readonly T[] | undefined> {
  for (const set of sets) if (await fails(set)) return set
  return undefined
}
