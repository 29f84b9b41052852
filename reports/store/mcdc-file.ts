// reports/store/mcdc-file.ts: mcdc.json and mcdc.info of a result folder, and a project's justifications.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  MCDC_FORMAT_VERSION,
  mcdcJustificationsSchema,
  mcdcSchema,
  type Mcdc,
  type McdcJustifications,
} from '../format/index.ts'
import { mcdcLcov } from '../mcdc/index.ts'
import { ReportError } from '../report-error.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { readChecked } from './campaign-file.ts'

export const MCDC_FILE = 'mcdc.json'
export const MCDC_LCOV_FILE = 'mcdc.info'

/** Replaces mcdc.json; gives its path. Throws ReportError 'io'. */
export function writeMcdc(directory: string, result: Mcdc): string {
  const path = join(directory, MCDC_FILE)
  writeFileAtomic(path, `${JSON.stringify(result, undefined, 1)}\n`)
  return path
}

/** Replaces mcdc.info; gives its path. Throws ReportError 'io'. */
export function writeMcdcLcov(directory: string, result: Mcdc): string {
  const path = join(directory, MCDC_LCOV_FILE)
  writeFileAtomic(path, mcdcLcov(result))
  return path
}

/** Of a folder or a file. Throws ReportError 'file-missing', 'not-supported' or 'damaged'. */
export function readMcdc(source: string): Mcdc {
  const isFolder = statSync(source, { throwIfNoEntry: false })?.isDirectory() === true
  const path = isFolder ? join(source, MCDC_FILE) : source
  if (!existsSync(path))
    throw new ReportError('file-missing', path, isFolder ? `${source} holds no ${MCDC_FILE}` : `${source} is not there`)
  return readChecked(path, mcdcSchema, { what: 'result of mcdc', version: MCDC_FORMAT_VERSION })
}

/** Where a project keeps its justifications. */
export const MCDC_JUSTIFICATIONS_FILE = 'evidence/justifications.json'

/**
 * A project's justifications. Without a path those in the usual place; undefined if there are none. Throws ReportError
 * 'file-missing', 'not-supported' or 'damaged'.
 */
export function readMcdcJustifications(named: string | undefined): McdcJustifications | undefined {
  const path = named ?? MCDC_JUSTIFICATIONS_FILE
  if (!existsSync(path)) {
    if (named === undefined) return undefined
    throw new ReportError('file-missing', path, `${path} is not there`)
  }
  return readChecked(path, mcdcJustificationsSchema, { what: 'file of justifications', version: MCDC_FORMAT_VERSION })
}
