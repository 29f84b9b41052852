// reports/requirements/parse-requirements.ts: files of requirements, checked.
//
// 1. A file that is damaged gives findings, each with its place, and nothing of it is used: half a file is no smaller set.
// 2. An id that stands twice, in one file or in two, is a finding that names both places; the first is used.

import { requirementFileSchema, type Requirement, type RequirementContent } from './requirement.ts'
import type { TraceFinding } from './finding.ts'

const PROBLEMS_MAX = 5

export type SourceText = Readonly<{ path: string; text: string }>

export type ParsedRequirements = Readonly<{ requirements: readonly Requirement[]; findings: readonly TraceFinding[] }>

export function parseRequirements(files: readonly SourceText[]): ParsedRequirements {
  const known = new Map<string, Requirement>()
  const findings: TraceFinding[] = []
  for (const file of files) {
    const { requirements, findings: found } = parseFile(file)
    findings.push(...found)
    for (const requirement of requirements) {
      const first = known.get(requirement.id)
      if (first === undefined) known.set(requirement.id, requirement)
      else
        findings.push({
          kind: 'duplicate-id',
          id: requirement.id,
          place: placeOf(requirement),
          message: `${requirement.id} stands twice: first in ${placeOf(first)}`,
        })
    }
  }
  return { requirements: [...known.values()], findings }
}

/** Path and line, as editors open it. */
export function placeOf({ path, line }: Readonly<{ path: string; line: number }>): string {
  return `${path}:${line}`
}

function parseFile({ path, text }: SourceText): ParsedRequirements {
  const damaged = (message: string, place = path): ParsedRequirements => ({
    requirements: [],
    findings: [{ kind: 'damaged-requirements', id: undefined, place, message: `${path} ${message}` }],
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return damaged(`is no JSON (${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)})`)
  }
  const parsed = requirementFileSchema.safeParse(value)
  if (!parsed.success) {
    const shown = parsed.error.issues
      .slice(0, PROBLEMS_MAX)
      .map((issue) => `${issue.path.map(String).join('.') || 'top'}: ${issue.message}`)
    const more = parsed.error.issues.length - shown.length
    return damaged(`holds no requirements (${shown.join('; ')}${more > 0 ? `; ${more} more` : ''})`)
  }
  const { area, title, requirements } = parsed.data
  const lineOf = idLines(text)
  return {
    requirements: requirements.map((content) =>
      withPlace(content, { area, areaTitle: title, path, line: lineOf(content.id) }),
    ),
    findings: [],
  }
}

type Place = Pick<Requirement, 'area' | 'areaTitle' | 'path' | 'line'>

function withPlace(content: RequirementContent, place: Place): Requirement {
  return {
    id: content.id,
    title: content.title,
    text: content.text,
    source: content.source,
    status: content.status,
    reason: content.reason,
    level: content.level ?? 'high',
    verification: content.verification ?? 'test',
    record: content.record,
    refines: content.refines ?? [],
    design: content.design ?? [],
    code: content.code ?? [],
    reviewed: content.reviewed,
    ...place,
  }
}

/** The lines at which each id is declared; asked again for the same id, the next one. */
function idLines(text: string): (id: string) => number {
  const lines = new Map<string, number[]>()
  text.split('\n').forEach((line, index) => {
    for (const [, id = ''] of line.matchAll(/"id"\s*:\s*"([^"]*)"/g)) {
      const found = lines.get(id)
      if (found === undefined) lines.set(id, [index + 1])
      else found.push(index + 1)
    }
  })
  return (id) => {
    const found = lines.get(id)
    return (found !== undefined && found.length > 1 ? found.shift() : found?.[0]) ?? 1
  }
}
