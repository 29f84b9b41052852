// reports/evidence/profiles/profile.ts: one standard's table: what it asks for, and what of the bundle answers it.
//
// 1. A row is met only if everything that it needs is whole; it is never more than its ceiling, which is what a run of a
//    machine can show.
// 2. No copy of a standard was at hand, so no clause was checked against one. `†` marks a clause that is named from general
//    knowledge, `‡` one that a published document of others names so. One of both stands in print behind every clause.
// 3. In a void bundle nothing is claimed.

import { EVIDENCE_PARTS, type EvidencePart, type HealthTable } from '../bundle/index.ts'

export const ROW_STATUSES = ['met', 'partial', 'integrator', 'not claimed'] as const
export type RowStatus = (typeof ROW_STATUSES)[number]

/** What each mark behind a clause says, in print. */
export const CLAUSE_MARKS = {
  '†': 'The clause is named from general knowledge, and was not checked against a copy of the standard.',
  '‡': 'The clause was not checked against a copy of the standard; a published document of others, named below, cites it so.',
} as const
export type ClauseMark = keyof typeof CLAUSE_MARKS

export type ProfileRow = Readonly<{
  clause: string
  mark: ClauseMark
  demand: string
  needs: readonly EvidencePart[]
  ceiling: RowStatus
  note: string
}>

export type Profile = Readonly<{
  id: string
  standard: string
  title: string
  /** Published documents that cite the clauses marked `‡`. */
  sources?: readonly string[]
  rows: readonly ProfileRow[]
}>

export type JudgedRow = ProfileRow &
  Readonly<{ status: RowStatus; reasons: readonly string[]; artefacts: readonly number[] }>

/** A row of a profile; its clause ends with its mark. */
export function row(
  clause: `${string}${ClauseMark}`,
  demand: string,
  needs: readonly EvidencePart[],
  ceiling: RowStatus,
  note: string,
): ProfileRow {
  const mark = clause.endsWith('‡') ? '‡' : '†'
  return { clause: clause.slice(0, -1), mark, demand, needs, ceiling, note }
}

export function judgeProfile({ rows }: Profile, health: HealthTable, isVoid: boolean): readonly JudgedRow[] {
  return rows.map((one) => ({
    ...one,
    status: isVoid ? 'not claimed' : statusOf(one, health),
    reasons: isVoid
      ? ['the bundle is void']
      : one.needs.flatMap((part) => health[part].why.map((why) => `${EVIDENCE_PARTS[part].title}: ${why}`)),
    artefacts: one.needs.map((part) => EVIDENCE_PARTS[part].artefact),
  }))
}

function statusOf({ needs, ceiling }: ProfileRow, health: HealthTable): RowStatus {
  if (ceiling === 'integrator' || ceiling === 'not claimed' || needs.length === 0) return ceiling
  const states = needs.map((part) => health[part].state)
  if (states.every((state) => state === 'missing')) return 'not claimed'
  return states.every((state) => state === 'whole') ? ceiling : 'partial'
}
