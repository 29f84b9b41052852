// reports/requirements/tables.ts: rtm.csv and requirements.csv.
//
// rtm.csv has a row for each pair of a requirement and something that names it. A requirement that nothing names has a row
// without evidence, evidence that names nothing a row without a requirement: so it can be read from both ends.

import { csvText, type Cell } from './csv.ts'
import type { Evidence, ResultFile } from './evidence.ts'
import type { Trace, TracedRequirement } from './trace.ts'

const PAIR_COLUMNS = [
  'requirement',
  'title',
  'status',
  'verdict',
  'design',
  'code',
  'kind',
  'group',
  'name',
  'outcome',
  'skipped because',
  'results',
  'results sha256',
]

export function matrixCsv({ requirements, evidence, files, claims }: Trace): string {
  const hashes = new Map(files.map((file) => [file.path, file]))
  const rows: Cell[][] = [PAIR_COLUMNS]
  for (const traced of requirements) {
    const own = requirementCells(traced)
    const before = rows.length
    for (const index of traced.evidence) {
      const one = evidence[index]
      if (one !== undefined) rows.push([...own, ...evidenceCells(one, hashes)])
    }
    for (const { name } of traced.claims) rows.push([...own, 'scenario', '', name, '', '', '', ''])
    if (rows.length === before) rows.push([...own, ...Array<Cell>(7).fill('')])
  }
  const known = new Set(requirements.map(({ requirement }) => requirement.id))
  const blank: Cell[] = ['', '', '', '', '']
  for (const one of evidence) {
    if (one.requirements.length === 0) rows.push(['', ...blank, ...evidenceCells(one, hashes)])
    for (const id of one.requirements) if (!known.has(id)) rows.push([id, ...blank, ...evidenceCells(one, hashes)])
  }
  for (const { name, requirements: ids } of claims)
    if (ids.length === 0) rows.push(['', ...blank, 'scenario', '', name, '', '', '', ''])
  return csvText(rows)
}

function requirementCells({ requirement, verdict }: TracedRequirement): Cell[] {
  const { id, title, status, design, code } = requirement
  return [id, title, status, verdict, design.join(' '), code.join(' ')]
}

function evidenceCells(one: Evidence, files: ReadonlyMap<string, ResultFile>): Cell[] {
  const { kind, group, name, outcome, skipReason, path } = one
  return [kind, group, name, outcome, skipReason, path, files.get(path)?.sha256]
}

export function requirementsCsv({ requirements }: Trace): string {
  return csvText([
    [
      'id',
      'title',
      'text',
      'area',
      'source',
      'level',
      'verification',
      'status',
      'reason',
      'verdict',
      'refines',
      'place',
    ],
    ...requirements.map(({ requirement, verdict }) => [
      requirement.id,
      requirement.title,
      requirement.text,
      requirement.area,
      requirement.source.join('; '),
      requirement.level,
      requirement.verification,
      requirement.status,
      requirement.reason,
      verdict,
      requirement.refines.join(' '),
      `${requirement.path}:${requirement.line}`,
    ]),
  ])
}
