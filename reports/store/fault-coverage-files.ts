// reports/store/fault-coverage-files.ts: fault-coverage.json and fault-coverage.csv, each replaced in one step.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { faultCoverageCsv } from '../fault-coverage/index.ts'
import type { FaultCoverage } from '../format/index.ts'
import { writeFileAtomic } from './atomic-file.ts'

export const FAULT_COVERAGE_FILES = ['fault-coverage.json', 'fault-coverage.csv'] as const

/** Gives the paths of what was written. */
export function writeFaultCoverage(directory: string, coverage: FaultCoverage): readonly string[] {
  mkdirSync(directory, { recursive: true })
  const [json, csv] = FAULT_COVERAGE_FILES.map((name) => join(directory, name)) as [string, string]
  writeFileAtomic(json, `${JSON.stringify(coverage, undefined, 1)}\n`)
  writeFileAtomic(csv, faultCoverageCsv(coverage))
  return [json, csv]
}
