// harness/minimise/smaller-number.ts: the smallest number that still fails, by bisection between one that does and what
// does not.
//
// 1. `value` is known to fail; what is given is `value` or a number nearer to 0 that was asked and fails.
// 2. Numbers with a fraction and numbers from -1 to 0 are left as they are: there is nothing plainer nearer to 0.

export async function smallerNumber(value: number, fails: (value: number) => Promise<boolean>): Promise<number> {
  const size = Math.abs(value)
  if (!Number.isSafeInteger(value) || size < 1) return value
  const signed = (magnitude: number) => (value < 0 ? -magnitude : magnitude)
  if (value > 0 && (await fails(0))) return 0
  if (size > 1 && (await fails(signed(1)))) return signed(1)
  let passes = 1
  let failing = size
  while (failing - passes > 1) {
    const middle = passes + Math.floor((failing - passes) / 2)
    if (await fails(signed(middle))) failing = middle
    else passes = middle
  }
  return signed(failing)
}
