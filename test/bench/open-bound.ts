// test/bench/open-bound.ts: what an open of 1 GiB reads, in every state of its end: `npx tsx test/bench/open-bound.ts`.
//
// Prints a line for each state and exits with 1 if one is over the bound. The size in MiB can be given: `… 256`.

import { ALLOWANCE_BYTES, BOUND_BYTES, boundText, measureOpenBounds } from '../engine/database/open-bound.ts'

const MEBIBYTE = 2 ** 20
const databaseBytes = Number(process.argv[2] ?? 1024) * MEBIBYTE
const LARGE_COMMIT_BYTES = 64 * MEBIBYTE

for (const bound of measureOpenBounds(databaseBytes, LARGE_COMMIT_BYTES)) {
  const isOver = bound.bytesReadMax > BOUND_BYTES + ALLOWANCE_BYTES
  process.stdout.write(`${isOver ? 'OVER: ' : ''}${boundText(bound)}\n`)
  if (isOver) process.exitCode = 1
}
