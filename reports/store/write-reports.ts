// reports/store/write-reports.ts: every report of a result folder, from campaign.json and runs.ndjson and nothing else.
//
// 1. Records are read once, one at a time; RECORDS_SHOWN_MAX of those that did not pass are kept.
// 2. Each file is replaced in one step.

import { join } from 'node:path'
import type { Campaign, RunRecord } from '../format/index.ts'
import { htmlReport } from '../html/index.ts'
import { JunitCases } from '../junit/index.ts'
import { sarifText } from '../sarif/index.ts'
import { markdownSummary } from '../summary/index.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { readCampaign } from './campaign-file.ts'
import { readRecords } from './records.ts'

/** What can be written, and the file it is written to. */
export const REPORT_FILES = {
  html: 'report.html',
  junit: 'junit.xml',
  sarif: 'results.sarif',
  markdown: 'summary.md',
} as const
export type ReportFormat = keyof typeof REPORT_FILES
export const REPORT_FORMATS = ['html', 'junit', 'sarif', 'markdown'] as const satisfies readonly ReportFormat[]

/** Records of runs that did not pass which report.html shows. */
export const RECORDS_SHOWN_MAX = 500

/**
 * Writes the reports (all by default) and gives the campaign and the paths, in the order asked. Throws ReportError as
 * `readCampaign` and `readRecords` do.
 */
export function writeReports(
  directory: string,
  formats: readonly ReportFormat[] = REPORT_FORMATS,
): Readonly<{ campaign: Campaign; paths: readonly string[] }> {
  const campaign = readCampaign(directory)
  const junit = new JunitCases()
  const records: RunRecord[] = []
  let total = 0
  for (const record of readRecords(directory)) {
    junit.add(record)
    if (record.outcome === 'passed') continue
    total += 1
    if (records.length < RECORDS_SHOWN_MAX) records.push(record)
  }
  const text = (format: ReportFormat): string => {
    switch (format) {
      case 'html':
        return htmlReport(campaign, { records: records.toSorted((a, b) => a.order - b.order), total })
      case 'junit':
        return junit.xml(campaign)
      case 'sarif':
        return sarifText(campaign)
      case 'markdown':
        return markdownSummary(campaign)
    }
  }
  const paths = formats.map((format) => {
    const path = join(directory, REPORT_FILES[format])
    writeFileAtomic(path, text(format))
    return path
  })
  return { campaign, paths }
}
