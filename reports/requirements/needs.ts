// reports/requirements/needs.ts: needs.json, the file that sphinx-needs exports and imports.
//
// Requirements are needs of the type `req` and link to those that they refine; tests are needs of the type `test` and link
// to what they verify. A test's id is made of its name, since test names are sentences.

import { createHash } from 'node:crypto'
import { evidenceName, type Trace } from './trace.ts'

export type NeedsOptions = Readonly<{ project: string; version: string; time: string }>

type Need = Readonly<Record<string, string | readonly string[]>>

export function needsJson(traced: Trace, { project, version, time }: NeedsOptions): string {
  const needs: Record<string, Need> = {}
  const known = new Set(traced.requirements.map(({ requirement }) => requirement.id))
  for (const { requirement, verdict } of traced.requirements) {
    const { id, title, text, area, status, source, level, verification, reason = '', refines } = requirement
    needs[id] = {
      id,
      type: 'req',
      title,
      description: text,
      status,
      tags: [area],
      links: refines.filter((other) => known.has(other)),
      source: source.join('; '),
      level,
      verification,
      reason,
      verdict,
    }
  }
  for (const one of traced.evidence) {
    const hash = createHash('sha256')
      .update(JSON.stringify([one.kind, one.group, one.name]))
      .digest('hex')
    const id = `T_${hash.slice(0, 16).toUpperCase()}`
    needs[id] = {
      id,
      type: 'test',
      title: evidenceName(one),
      description: one.skipReason,
      status: one.outcome,
      tags: [one.kind],
      links: one.requirements.filter((other) => known.has(other)),
    }
  }
  const content = {
    created: time,
    current_version: version,
    project,
    versions: { [version]: { created: time, needs, needs_amount: Object.keys(needs).length } },
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}
