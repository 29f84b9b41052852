// reports/evidence/profiles/profile.ts: one standard's table: what it asks for, and what of the bundle answers it.
//
// 1. A row is met only if everything that it needs is whole; it is never more than its ceiling, which is what a run of a
//    machine can show.
// 2. `†` marks a clause whose number was not checked against a copy of the standard. It is printed.
// 3. In a void bundle nothing is claimed.

import { EVIDENCE_PARTS, type EvidencePart, type HealthTable } from '../bundle/index.ts'

export const ROW_STATUSES = ['met', 'partial', 'integrator', 'not claimed'] as const
export type RowStatus = (typeof ROW_STATUSES)[number]

export type ProfileRow = Readonly<{
  clause: string
  /** The number was not checked against the standard. */
  unchecked: boolean
  demand: string
  needs: readonly EvidencePart[]
  ceiling: RowStatus
  note: string
}>

export type Profile = Readonly<{ id: string; standard: string; title: string; rows: readonly ProfileRow[] }>

export type JudgedRow = ProfileRow &
  Readonly<{ status: RowStatus; reasons: readonly string[]; artefacts: readonly number[] }>

/** A row of a profile; `clause` with a dagger at its end is one that was not checked. */
export function row(
  clause: string,
  demand: string,
  needs: readonly EvidencePart[],
  ceiling: RowStatus,
  note: string,
): ProfileRow {
  const unchecked = clause.endsWith('†')
  return { clause: unchecked ? clause.slice(0, -1) : clause, unchecked, demand, needs, ceiling, note }
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
