// harness/campaign/supervise.ts: a unit until it has ended, whatever becomes of the workers that have it.
//
// 1. A run whose worker dies is tried once more; if its worker dies again, the run is recorded as `harness-failure`.
// 2. A run that hangs is recorded as `scenario-failure` and not tried again: it would cost the same time.
// 3. The rest of the unit goes on after either. Records that were received are never run again.
// 4. A unit that fails before its first run can't be named by a run: after the second time it is given up, with a reason.

import { familyOf, modeOf, type FaultPlan, type RunRecord, type RunStart, type UnitResult } from '../plan/index.ts'
import type { Crew, RecordSink, UnitTask } from './crew.ts'

export type UnitEnd = Readonly<{
  /** Undefined if the unit was given up. */
  result: UnitResult | undefined
  digest: string | undefined
  /** Why it was given up. */
  reason: string | undefined
}>

/** Runs a unit to its end. Everything that is recorded goes through `sink`. */
export async function superviseUnit(
  crew: Pick<Crew, 'runUnit'>,
  task: UnitTask,
  sink: RecordSink,
  stopped: () => boolean,
): Promise<UnitEnd> {
  const done = new Set(task.done)
  const lost = new Set(task.lost)
  const deaths = new Map<number, number>()
  const keep: RecordSink = (records) => {
    for (const record of records) done.add(record.order)
    sink(records)
  }
  const before = -1
  for (;;) {
    const end = await crew.runUnit({ ...task, done, lost }, keep)
    if (end.kind === 'done') return { result: end.result, digest: end.digest, reason: undefined }
    // A run that began and whose record came through was not the one that did it.
    const start = end.start !== undefined && !done.has(end.start.order) ? end.start : undefined
    const place = start?.order ?? before
    const count = (deaths.get(place) ?? 0) + (end.kind === 'hung' ? 2 : 1)
    deaths.set(place, count)
    if (count >= 2) {
      if (start === undefined) {
        return { result: undefined, digest: undefined, reason: `unit ${task.unit}: ${reasonOf(end)}` }
      }
      lost.add(start.order)
      keep([lostRun(start, end)])
    }
    if (stopped()) {
      return { result: undefined, digest: undefined, reason: `unit ${task.unit}: stopped` }
    }
  }
}

type Lost = Readonly<{ kind: 'died'; message: string }> | Readonly<{ kind: 'hung'; limitMs: number }>

function reasonOf(end: Lost): string {
  return end.kind === 'hung'
    ? `nothing happened for ${end.limitMs / 1000} s, and the worker was ended`
    : `the worker failed: ${end.message}`
}

/** The trace hash of a run that left no trace. */
export const NO_TRACE = 'none'

/** The record of a replay that did not end. */
export function hungReplay(token: string, plan: FaultPlan, limitMs: number): RunRecord {
  const [fault] = plan.faults
  const { scenario } = plan.subject
  const start: RunStart = {
    order: 0,
    token,
    scenario,
    family: familyOf(plan),
    form: plan.form,
    point: fault?.point ?? 0,
    mode: fault === undefined ? 'none' : modeOf(fault),
    fault: fault === undefined ? 'no fault' : `point ${fault.point}`,
    phase: 'replay',
  }
  return lostRun(start, { kind: 'hung', limitMs })
}

/** The record of a run that left none. */
function lostRun(start: RunStart, end: Lost): RunRecord {
  const hung = end.kind === 'hung'
  const oracle = hung ? 'hang' : 'harness'
  return {
    ...start,
    outcome: hung ? 'scenario-failure' : 'harness-failure',
    delivered: 0,
    oracle,
    message: `${start.phase}, ${start.fault}: ${reasonOf(end)}`,
    fingerprint: `${oracle}:${start.scenario}:${start.family}:${start.phase}:${start.mode}`,
    traceHash: NO_TRACE,
    durationMs: hung ? end.limitMs : 0,
  }
}
