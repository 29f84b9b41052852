// harness/coverage/justify.ts: reasons for what is not covered, bound to the text that they are about.
//
// 1. A justification whose text is no longer in its function is an error: nobody has looked at what stands there now.
// 2. So is one of what was covered: what was called impossible has happened.
// 3. It justifies what it names and nothing else; what is justified stays not covered, and is counted apart.

import type { Mcdc, McdcFile, McdcJustification, McdcJustifications, McdcProblem } from '../../reports/index.ts'
import { judgeFile, sumTotals } from './report.ts'

type Entry = McdcJustifications['justifications'][number]

/** The result with justifications at what they justify, and a problem for each that does not hold. */
export function justify(result: Mcdc, { justifications }: McdcJustifications): Mcdc {
  const problems: McdcProblem[] = []
  const byFile = new Map<string, Entry[]>()
  for (const entry of justifications) byFile.set(entry.file, [...(byFile.get(entry.file) ?? []), entry])
  const files = result.files.map((file) => {
    const entries = byFile.get(file.path)
    byFile.delete(file.path)
    return entries === undefined ? file : justifyFile(file, entries, problems)
  })
  for (const [path, entries] of byFile)
    for (const entry of entries) problems.push(problem(path, entry, 'the file is not measured'))
  const all = [...result.problems, ...problems]
  return {
    ...result,
    files,
    totals: sumTotals(files.map(({ totals }) => totals)),
    problems: all,
    complete: all.length === 0,
  }
}

function problem(path: string, { text, function: name }: Entry, what: string): McdcProblem {
  return { kind: 'justification', path, message: `the justification of '${oneLine(text)}' in ${name}: ${what}` }
}

function oneLine(text: string): string {
  const short = text.replaceAll(/\s+/g, ' ')
  return short.length > 80 ? `${short.slice(0, 77)}...` : short
}

type Gap = { name: string; covered: boolean; justified?: McdcJustification | undefined }

function justifyFile(file: McdcFile, entries: readonly Entry[], problems: McdcProblem[]): McdcFile {
  const decisions = file.decisions.map((decision) => ({
    ...decision,
    conditions: decision.conditions.map((condition) => ({ ...condition })),
  }))
  const valuePaths = file.valuePaths.map((path) => ({
    ...path,
    outcomes: path.outcomes.map((outcome) => ({ ...outcome })),
  }))
  for (const entry of entries) {
    const isIts = (item: Readonly<{ function: string; hash: string; occurrence: number }>) =>
      item.function === entry.function && item.hash === entry.hash && item.occurrence === entry.occurrence
    const gaps: Gap[] = [
      ...decisions
        .filter(isIts)
        .flatMap(({ conditions }) => conditions.map((target) => gapOf(target.text, target.covered, target))),
      ...valuePaths
        .filter(isIts)
        .flatMap(({ outcomes }) => outcomes.map((target) => gapOf(target.name, target.count > 0, target))),
    ]
    if (gaps.length === 0) {
      problems.push(problem(file.path, entry, 'its code has changed or is gone; look at it again'))
      continue
    }
    const chosen = entry.gaps === undefined ? gaps.filter(({ covered }) => !covered) : gaps
    const { class: kind, reason, reviewer } = entry
    const justified = { class: kind, reason, ...(reviewer === undefined ? {} : { reviewer }) }
    if (chosen.length === 0) problems.push(problem(file.path, entry, 'all of it is covered; take it out'))
    for (const name of entry.gaps ?? [])
      if (!gaps.some((gap) => gap.name === name))
        problems.push(problem(file.path, entry, `it has no '${oneLine(name)}'`))
    for (const gap of chosen) {
      if (entry.gaps !== undefined && !entry.gaps.includes(gap.name)) continue
      if (gap.covered) problems.push(problem(file.path, entry, `'${oneLine(gap.name)}' is covered; take it out`))
      else gap.justified = justified
    }
  }
  return judgeFile({ ...file, decisions, valuePaths })
}

/** A view of a condition or an outcome: what is set on it is set on that. */
function gapOf(name: string, covered: boolean, target: { justified?: McdcJustification | undefined }): Gap {
  return {
    name,
    covered,
    get justified() {
      return target.justified
    },
    set justified(value) {
      target.justified = value
    },
  }
}
