// reports/mcdc/lcov.ts: MC/DC as an LCOV trace file with the MCDC records of LCOV 2.3 and newer.
//
//   MCDC:line,conditions,t|f,count,index,expression
//
// 1. Two records a condition: whether it was shown to decide with each of its values. A group is a decision. Readers tell
//    groups of a line by their sizes, so where two decisions of one size begin in one line, that line is one group.
// 2. The form is that of the result: masking. Readers older than LCOV 2.3 stop at a record that they don't know, so this
//    file is written only where it is asked for.
// 3. Line, function and branch records are those of other tools; `lcov --add-tracefile` joins the files.

import type { Mcdc, McdcCondition, McdcDecision, McdcFile } from '../format/index.ts'

export function mcdcLcov(result: Mcdc): string {
  return result.files.map(fileRecords).join('')
}

function fileRecords({ path, decisions }: McdcFile): string {
  const records = groupsOf(decisions).flatMap(({ line, conditions, evaluations }) =>
    conditions.flatMap(({ text, covered, missing }, index) =>
      [true, false].map((value) => {
        const isSeen = (evaluations[index] ?? 0) > 0 && !missing.some((gap) => gap.value === value)
        const expression = text.replaceAll(/\s+/g, ' ')
        const taken = covered || isSeen ? 1 : 0
        return `MCDC:${line},${conditions.length},${value ? 't' : 'f'},${taken},${index},${expression}`
      }),
    ),
  )
  const hits = records.filter((record) => /^MCDC:\d+,\d+,[tf],1,/.test(record)).length
  const lines = [`SF:${path}`, ...records, `MCF:${records.length}`, `MCH:${hits}`, 'end_of_record']
  return `TN:\n${lines.join('\n')}\n`
}

type Group = Readonly<{ line: number; conditions: readonly McdcCondition[]; evaluations: readonly number[] }>

/** Decisions by the line that they begin in. */
function groupsOf(decisions: readonly McdcDecision[]): readonly Group[] {
  const byLine = new Map<number, McdcDecision[]>()
  for (const decision of decisions) byLine.set(decision.line, [...(byLine.get(decision.line) ?? []), decision])
  return [...byLine].flatMap(([line, own]) => {
    const sizes = new Set(own.map(({ conditions }) => conditions.length))
    const parts = sizes.size === own.length ? own.map((decision) => [decision]) : [own]
    return parts.map((part) => ({
      line,
      conditions: part.flatMap(({ conditions }) => conditions),
      evaluations: part.flatMap(({ conditions, evaluations }) => conditions.map(() => evaluations)),
    }))
  })
}
