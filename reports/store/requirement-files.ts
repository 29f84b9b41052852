// reports/store/requirement-files.ts: what a trace reads and writes: files of requirements, files of results, and the
// matrix in the formats that other tools import.

import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ReportError } from '../report-error.ts'
import {
  matrixCsv,
  matrixOf,
  needsJson,
  parseRequirements,
  readCampaignResults,
  readTestResults,
  reqifXml,
  requirementsCsv,
  type ReadEvidence,
  type SourceText,
  type Trace,
} from '../requirements/index.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { CAMPAIGN_FILE, readCampaign } from './campaign-file.ts'
import { io } from './line-file.ts'

/** Results that name no time are of this one: the same inputs give the same bytes. */
const NO_TIME = '1970-01-01T00:00:00.000Z'

/** What can be written, and the file of it. */
export const TRACE_FILES = {
  json: 'rtm.json',
  csv: 'rtm.csv',
  requirements: 'requirements.csv',
  reqif: 'requirements.reqif',
  needs: 'needs.json',
} as const
export type TraceFormat = keyof typeof TRACE_FILES
export const TRACE_FORMATS = ['json', 'csv', 'requirements', 'reqif', 'needs'] as const satisfies readonly TraceFormat[]

/**
 * The files of requirements that the paths name: files, and folders with all `.json` files below them, by name. Throws
 * ReportError 'file-missing' for a path that is not there, 'no-requirements' if none holds a file.
 */
export function readRequirementTexts(paths: readonly string[]): SourceText[] {
  const files = paths.flatMap((path) => filesOf(path))
  if (files.length === 0)
    throw new ReportError(
      'no-requirements',
      paths.join(', '),
      `${paths.join(', ')} holds no file of requirements (.json)`,
    )
  return [...new Set(files)].map((path) => ({ path, text: io(path, 'read', () => readFileSync(path, 'utf8')) }))
}

/**
 * Test results, from files of JUnit XML and from folders with all `.xml` files below them. Throws ReportError
 * 'file-missing' for a path that is not there.
 */
export function readTestResultFiles(paths: readonly string[]): ReadEvidence {
  const files = paths.flatMap((path) => filesOf(path, '.xml'))
  return readTestResults(
    [...new Set(files)].map((path) => ({ path, text: io(path, 'read', () => readFileSync(path, 'utf8')) })),
  )
}

/** Campaigns, from result folders. `requirementsOf`: what each scenario names. Throws as `readCampaign` does. */
export function readCampaignFolders(
  directories: readonly string[],
  requirementsOf: ReadonlyMap<string, readonly string[]>,
): ReadEvidence {
  const files = directories.map((directory) => {
    const campaign = readCampaign(directory)
    const path = join(directory, CAMPAIGN_FILE)
    return { path, text: io(path, 'read', () => readFileSync(path, 'utf8')), campaign }
  })
  return readCampaignResults(files, requirementsOf)
}

/** Whether there is a file or folder of that path below `root`. */
export function fileFinder(root: string): (path: string) => boolean {
  return (path) => existsSync(join(root, path))
}

/**
 * The ids as definitions of vitest's `tags`: `vitest --tags-filter STO-04` then runs the tests of one requirement. Throws
 * ReportError as `readRequirementTexts` does, and 'damaged' for the first thing that is wrong.
 */
export function requirementTags(paths: readonly string[]): { name: string; description: string }[] {
  const { requirements, findings } = parseRequirements(readRequirementTexts(paths))
  const wrong = findings[0]
  if (wrong !== undefined) throw new ReportError('damaged', wrong.place, wrong.message)
  return requirements.map(({ id, title }) => ({ name: id, description: title }))
}

/** Name and version of the project in a directory, from its package.json. */
export function projectIn(directory: string): TraceFileOptions {
  const path = join(directory, 'package.json')
  const named = z.looseObject({ name: z.string().optional(), version: z.string().optional() })
  let content: unknown
  try {
    content = existsSync(path) ? JSON.parse(io(path, 'read', () => readFileSync(path, 'utf8'))) : {}
  } catch {
    // Not this command's file: a project without a name is one, too.
    content = {}
  }
  const { name = 'project', version = '0.0.0' } = named.safeParse(content).data ?? {}
  return { project: name, version }
}

export type TraceFileOptions = Readonly<{ project: string; version: string }>

/** Writes the formats into `directory`, which is made if need be, and gives the paths. Throws ReportError 'io'. */
export function writeTrace(
  directory: string,
  traced: Trace,
  { project, version }: TraceFileOptions,
  formats: readonly TraceFormat[] = TRACE_FORMATS,
): readonly string[] {
  io(directory, 'made', () => mkdirSync(directory, { recursive: true }))
  const time = isoTime(traced.timestamp)
  const text = (format: TraceFormat): string => {
    switch (format) {
      case 'json':
        return `${JSON.stringify(matrixOf(traced), undefined, 2)}\n`
      case 'csv':
        return matrixCsv(traced)
      case 'requirements':
        return requirementsCsv(traced)
      case 'reqif':
        return reqifXml(traced, { title: `Requirements of ${project}`, time })
      case 'needs':
        return needsJson(traced, { project, version, time })
    }
  }
  return formats.map((format) => {
    const path = join(directory, TRACE_FILES[format])
    writeFileAtomic(path, text(format))
    return path
  })
}

/** As XML Schema and JSON tools read it; a time that is none counts as none. */
function isoTime(timestamp: string | undefined): string {
  const ms = timestamp === undefined ? Number.NaN : Date.parse(timestamp)
  return Number.isNaN(ms) ? NO_TIME : new Date(ms).toISOString()
}

function filesOf(path: string, ending = '.json'): string[] {
  if (!existsSync(path)) throw new ReportError('file-missing', path, `there is no file or folder ${path}`)
  if (!io(path, 'read', () => statSync(path)).isDirectory()) return [path]
  return io(path, 'read', () => readdirSync(path, { recursive: true, encoding: 'utf8' }))
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => join(path, name).replaceAll('\\', '/'))
}
