// harness/run/nested/find-nested.ts: looks for a recovery that fails in the same way, in a subject that may be a smaller
// one: a crash, and a fault in the process that recovers from it.
//
// 1. Tried first is the plan's own crash, by its identity; then the same kind of crash at all other calls. In each recovery
//    the own point by its identity, then those whose failure can have the fingerprint: the same kind of fault at the same
//    call site.
// 2. Simpler are plans with a simpler crash, or an earlier one.
// 3. Entering a recovery counts as a run.

import { crashStates } from '../../../faults/index.ts'
import { stateOptions } from '../../explore/index.ts'
import { fingerprintOf } from '../../oracles/index.ts'
import { modeOf, type FailureSearch, type Fault, type FaultPlan } from '../../plan/index.ts'
import { innermost } from '../call-site.ts'
import type { RunContext } from '../context.ts'
import { ownCall, statesAlike, statesBefore, type CrashFault } from '../crash-tries.ts'
import { DiskJudge } from '../disk-judge.ts'
import { isWanted, requestFor, type Found, type Tried } from '../failure-search.ts'
import { identifiedRun } from '../make-units.ts'
import { prepareSearch } from '../prepare.ts'
import { phaseName, wholePhases } from '../segment.ts'
import type { Phase } from '../session.ts'
import { crashOptions } from '../sweep-crashes.ts'
import { faultPlans } from '../sweep-faults.ts'
import { crashedDisk, type CrashedDisk } from './crashed-disk.ts'
import { faultUnit, requested } from './nested-plans.ts'
import { faultOf, nestedRecord, nestedStart } from './nested-record.ts'
import { runNested, type RunnablePlan } from './nested-run.ts'
import { recordedRun } from './nested-unit.ts'
import { enterRecovery, type RecoveryProcess } from './recovery-process.ts'
import { planWithin } from './replay-nested.ts'

/** A crash, and one fault behind it. */
export type RecoveryPlan = FaultPlan & Readonly<{ faults: readonly [CrashFault, Fault] }>

export function isRecoveryPlan(plan: FaultPlan): plan is RecoveryPlan {
  return plan.faults.length === 2 && plan.faults[0]?.kind === 'crash'
}

export async function lookAmongRecoveries(
  context: RunContext,
  search: FailureSearch,
  { form, faults: [crash, last] }: RecoveryPlan,
  tried: Tried,
): Promise<Found | undefined> {
  for await (const disk of disksOf(context, search, form, crash)) {
    if (tried.runs >= search.runsMax) return undefined
    tried.runs += 1
    const process = await enterRecovery(disk, { sites: true })
    if (process === undefined || 'violation' in process) continue
    for (const runnable of plansAlike(process, search, last)) {
      if (tried.runs >= search.runsMax) return undefined
      tried.runs += 1
      const outcome = await runNested(process, runnable, new DiskJudge(process.context))
      const record = nestedRecord(process, nestedStart(process, runnable, 0), outcome, 0)
      if (!isWanted(search, record)) continue
      return { plan: { ...search.plan, faults: [...disk.faults, faultOf(process, runnable)] }, record }
    }
  }
  return undefined
}

/** Different disks that crashes of the recorded run leave, in the order in which they are tried. */
async function* disksOf(
  context: RunContext,
  { plan, among }: FailureSearch,
  form: FaultPlan['form'],
  crash: CrashFault,
): AsyncGenerator<CrashedDisk, void> {
  const whole = (await prepareSearch(context, { ...requestFor(plan, []), forms: [] }))?.whole
  if (whole === undefined) return
  const calls = identifiedRun(context, whole.crash.calls)
  const imageAt = (call: number, when: CrashFault['when']) => whole.crash.images.at(call, when).image
  const own = ownCall(calls, crash)
  const inTurn = [...calls.filter((call) => call === own), ...calls.filter((call) => call !== own)]
  const tries =
    among === 'alike' ? statesAlike(context, inTurn, crash, imageAt) : statesBefore(context, calls, crash, imageAt)
  const phases = wholePhases(context.loaded)
  const seen = new Set<string>()
  for (const { recorded, point, state } of tries) {
    const phase = phases[recorded.point.phase]
    const name = phase === undefined ? '' : phaseName(context.loaded, phase)
    const disk = crashedDisk(recordedRun(context, form, name), point, state, recorded)
    if (seen.has(disk.key)) continue
    seen.add(disk.key)
    yield disk
  }
}

const PHASE_KINDS: readonly Phase['kind'][] = ['open', 'read', 'step', 'close']

function* plansAlike(process: RecoveryProcess, search: FailureSearch, last: Fault): Generator<RunnablePlan, void> {
  const found = planWithin(process, last)
  if (typeof found !== 'string') yield found.runnable
  const { context } = process
  const known = new Map<string, boolean>()
  const isAlike = (what: string, site: string): boolean => {
    const place = `${what} ${innermost(site)}`
    const told = known.get(place)
    if (told !== undefined) return told
    const { oracle, fingerprint } = search
    const alike = PHASE_KINDS.some(
      (kind) => fingerprintOf(oracle, context.loaded.name, `recovery ${kind}`, place) === fingerprint,
    )
    known.set(place, alike)
    return alike
  }
  if (last.kind === 'crash') {
    for (const point of process.intervals.flat()) {
      const call = process.recorded.get(point.call)?.point
      if (call === undefined || point.when !== last.when || !isAlike(call.call.kind, call.site)) continue
      const options = { ...stateOptions(point, crashOptions(context, undefined)), families: [last.state.family] }
      for (const state of crashStates(point.image, context.model, options)) yield { kind: 'state', point, state }
    }
    return
  }
  if (last.kind !== 'allocation' && last.kind !== 'io') return
  const unit = faultUnit(process, last.kind)
  const { allocations, calls } = unit.points
  for (const plan of faultPlans(requested(process, { modes: ['once', 'from'], statesPerIntervalMax: 0 }), unit)) {
    const { fault, at } = plan
    if (modeOf(fault) !== modeOf(last) || codeIn(fault) !== codeIn(last)) continue
    const [allocation, call] = [allocations[at], calls[at]]
    const alike =
      last.kind === 'allocation'
        ? allocation !== undefined && isAlike(allocation.tag, allocation.site)
        : call !== undefined && isAlike(call.call.kind, call.site)
    if (alike) yield { kind: 'fault', unit, plan }
  }
}

/** The code that a call is failed with; undefined for what is no failed call. */
function codeIn(fault: Fault): string | undefined {
  return fault.kind === 'io' && 'code' in fault ? fault.code : undefined
}
