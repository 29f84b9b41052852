// reports/annotations/code-quality.ts: codequality.json, GitLab's Code Quality report: what a merge request shows.
//
// GitLab knows no result without a place: one that no replay has shown stands at its scenario's module, or at its name.

import { createHash } from 'node:crypto'
import type { Campaign, Failure, Violation } from '../format/index.ts'
import { circumstances, expectedSentence, primaryPosition, replayCommand, unexpectedFirst } from '../text/index.ts'

/** Merge requests show a few hundred; the rest is in the other reports. */
const ISSUES_MAX = 1000

export function codeQualityText(campaign: Campaign): string {
  const sources = new Map(campaign.scenarios.map(({ name, source }) => [name, source]))
  const rows = unexpectedFirst<Violation | Failure>([...campaign.violations, ...campaign.failures])
  const issues = rows.slice(0, ISSUES_MAX).map((row) => {
    const place = primaryPosition(row)
    const known = expectedSentence(row)
    const said = [`${row.oracle}: ${row.message}`, circumstances(row), ...(known === undefined ? [] : [known])]
    return {
      description: [...said, replayCommand(row.token)].join(' · ').replaceAll(/\s+/g, ' '),
      check_name: row.oracle,
      fingerprint: createHash('sha256').update(row.fingerprint).digest('hex'),
      severity: known === undefined ? 'critical' : 'info',
      location: {
        path: place?.file ?? sources.get(row.scenario) ?? row.scenario,
        lines: { begin: place?.line ?? 1 },
      },
    }
  })
  return `${JSON.stringify(issues, undefined, 2)}\n`
}
