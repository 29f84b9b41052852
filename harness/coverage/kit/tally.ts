// harness/coverage/kit/tally.ts: comparisons with a known answer, counted, and those that came out otherwise.

export type Mismatch = Readonly<{ comparison: string; subject: string; expected: string; found: string }>

const MISMATCHES_KEPT_MAX = 20

export class Tally {
  readonly comparisons = new Map<string, number>()
  readonly mismatches: Mismatch[] = []
  mismatchCount = 0

  /** Compares by JSON; `undefined` is told apart from `null`. */
  same(comparison: string, subject: () => string, found: unknown, expected: unknown): void {
    this.comparisons.set(comparison, (this.comparisons.get(comparison) ?? 0) + 1)
    if (Object.is(found, expected)) return
    const [left, right] = [textOf(found), textOf(expected)]
    if (left === right) return
    this.mismatchCount += 1
    if (this.mismatches.length < MISMATCHES_KEPT_MAX)
      this.mismatches.push({ comparison, subject: subject(), expected: right, found: left })
  }
}

function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) => {
      if (inner === undefined) return '<undefined>'
      return typeof inner === 'number' && (Number.isNaN(inner) || Object.is(inner, -0)) ? `<${String(inner)}>` : inner
    }) ?? '<undefined>'
  )
}
