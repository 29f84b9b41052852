// reports/store/write-reports.ts: every report of a result folder, from campaign.json and runs.ndjson.
//
// 1. Records are read once, one at a time; RECORDS_SHOWN_MAX of those that did not pass are kept.
// 2. Each file is replaced in one step.
// 3. What other commands measured of the code is shown too: what is given, and else what they left in the folder.
// 4. A folder that contradicts itself is reported as incomplete, with what does not fit.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { codeQualityText } from '../annotations/index.ts'
import type { Campaign, RunRecord } from '../format/index.ts'
import { factsOf, type InputFile } from '../evidence/index.ts'
import { htmlReport, type Measured } from '../html/index.ts'
import { JunitCases } from '../junit/index.ts'
import { sarifText } from '../sarif/index.ts'
import { markdownSummary } from '../summary/index.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { readCampaign } from './campaign-file.ts'
import { FolderCheck } from './check-folder.ts'
import { readEvidenceInputs } from './evidence-inputs.ts'
import { readRecords } from './records.ts'
import { reportApp } from './report-app.ts'

/** What can be written, and the file it is written to. */
export const REPORT_FILES = {
  html: 'report.html',
  junit: 'junit.xml',
  sarif: 'results.sarif',
  codequality: 'codequality.json',
  markdown: 'summary.md',
} as const
export type ReportFormat = keyof typeof REPORT_FILES
export const REPORT_FORMATS = [
  'html',
  'junit',
  'sarif',
  'codequality',
  'markdown',
] as const satisfies readonly ReportFormat[]

/** Records of runs that did not pass which report.html shows. */
export const RECORDS_SHOWN_MAX = 500

export type WrittenReports = Readonly<{
  /** As the reports tell it: incomplete, if the folder contradicts itself. */
  campaign: Campaign
  paths: readonly string[]
  /** What of the folder could not be used, or does not fit, a sentence each. */
  problems: readonly string[]
}>

/**
 * Writes the reports (all by default) and gives the campaign and the paths, in the order asked. Throws ReportError as
 * `readCampaign` and `readRecords` do.
 */
export function writeReports(
  directory: string,
  formats: readonly ReportFormat[] = REPORT_FORMATS,
  given: readonly InputFile[] = [],
): WrittenReports {
  const stored = readCampaign(directory)
  const junit = new JunitCases()
  const check = new FolderCheck()
  const records: RunRecord[] = []
  let total = 0
  for (const record of readRecords(directory, (bytes) => check.torn(bytes))) {
    junit.add(record)
    check.add(record)
    if (record.outcome === 'passed') continue
    total += 1
    if (records.length < RECORDS_SHOWN_MAX) records.push(record)
  }
  const problems = check.problems(stored, directory)
  const campaign =
    problems.length === 0 ? stored : { ...stored, complete: false, incomplete: [...stored.incomplete, ...problems] }
  const text = (format: ReportFormat): string => {
    switch (format) {
      case 'html':
        return htmlReport(
          campaign,
          { records: records.toSorted((a, b) => a.order - b.order), total },
          {
            ...scripted(),
            measured: measuredOf([...given, ...readLeftBeside(directory, given)]),
          },
        )
      case 'junit':
        return junit.xml(campaign)
      case 'sarif':
        return sarifText(campaign)
      case 'codequality':
        return codeQualityText(campaign)
      case 'markdown':
        return markdownSummary(campaign)
    }
  }
  const paths = formats.map((format) => {
    const path = join(directory, REPORT_FILES[format])
    writeFileAtomic(path, text(format))
    return path
  })
  return { campaign, paths, problems }
}

/** Files that other commands leave in a result folder. */
const LEFT_BESIDE = ['mcdc.json', 'fault-coverage.json', 'rtm.json'] as const

/** Those of a kind that was not given. */
function readLeftBeside(directory: string, given: readonly InputFile[]): readonly InputFile[] {
  const kinds = new Set(given.map(({ content }) => content.kind))
  const paths = LEFT_BESIDE.map((name) => join(directory, name)).filter((path) => existsSync(path))
  return readEvidenceInputs(paths).filter(({ content }) => !kinds.has(content.kind))
}

function measuredOf(files: readonly InputFile[]): Measured {
  const mcdc = factsOf(files, 'mcdc')[0]?.content.facts
  const faultCoverage = factsOf(files, 'fault-coverage')[0]?.content.facts
  const matrix = factsOf(files, 'matrix')[0]?.content.facts
  return {
    ...(mcdc === undefined ? {} : { mcdc }),
    ...(faultCoverage === undefined ? {} : { faultCoverage }),
    ...(matrix === undefined ? {} : { matrix }),
    coverage: factsOf(files, 'coverage').map(({ path, content: { facts } }) => ({ path, facts })),
  }
}

function scripted(): Readonly<{ script?: string }> {
  const script = reportApp()
  return script === undefined ? {} : { script }
}
