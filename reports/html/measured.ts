// reports/html/measured.ts: what other commands measured of the same code, as far as it was given or lies in the folder.

import type { CoverageFacts } from '../evidence/index.ts'
import type { FaultCoverage, Mcdc } from '../format/index.ts'
import type { Matrix } from '../requirements/index.ts'

export type Measured = Readonly<{
  mcdc?: Mcdc
  faultCoverage?: FaultCoverage
  matrix?: Matrix
  /** Files of coverage, with the names that they were given by. */
  coverage?: readonly Readonly<{ path: string; facts: CoverageFacts }>[]
}>
