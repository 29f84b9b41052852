// harness/minimise/minimise.ts: the smallest case of a violation: fewest faults, smallest parameters, shortest list of
// steps, simplest fault at the earliest point. A search over questions; who answers them runs the plans.
//
// 1. A candidate counts only if it fails with the same fingerprint. What cannot be run, hangs or ends its worker does not.
// 2. The same answers give the same questions: order and result depend on the clock only where the time has run out.
// 3. A search that is cut short gives the smallest case so far and says so; one without an answer for the plan itself says
//    why. Nothing is called minimised that was not seen to fail again, in full, as `replay` runs it.

import type { ParameterValue, Parameters } from '../../scenarios/index.ts'
import type { FailureFound, FailureSearch, Fault, FaultPlan, RunRecord } from '../plan/index.ts'
import { ddmin } from './ddmin.ts'
import { smallerNumber } from './smaller-number.ts'

/** What answers: runs plans where a hang is contained and a planted defect stays planted. */
export interface Prober {
  /** Undefined: it could not be run, ended its worker, or took longer than `limitMs`. */
  find(search: FailureSearch, limitMs: number): Promise<FailureFound | undefined>
  /** The plan as `powercut replay` runs it. */
  replay(plan: FaultPlan, limitMs: number): Promise<RunRecord | undefined>
  nowMs(): number
}

export type MinimiseLimits = Readonly<{
  budgetMs: number
  runsMax: number
  /** No more questions; the smallest case so far is what is given. */
  stopped?: () => boolean
}>

export type Failing = Readonly<{ plan: FaultPlan; oracle: string; fingerprint: string }>

export type Minimised = Readonly<{
  plan: FaultPlan
  /** Of the last run of it; undefined if the violation was not had again. */
  record: RunRecord | undefined
  faultsBefore: number
  faultsAfter: number
  stepsBefore: number
  stepsAfter: number
  /** Names of the steps that are left. */
  stepNames: readonly string[]
  /** Parameters that became other ones. */
  parameters: Parameters
  runs: number
  durationMs: number
  /** Whether nothing smaller was left to try. */
  complete: boolean
  /** Why it is not, in a sentence. */
  reason: string | undefined
}>

/** What these demand is judged of a whole scenario or of its worker: a smaller one is another case, not a smaller case. */
const WHOLE_ORACLES: readonly string[] = [
  'nondeterminism',
  'scenario-contract',
  'scenario-failure',
  'injector',
  'benign-site',
  'hang',
  'harness',
]

export const MINIMISE_RUNS_MAX = 20_000
/** Runs for one candidate: one that needs more to be found again is passed over. */
const RUNS_PER_CANDIDATE_MAX = 600
/** A candidate may take so many times as long as the whole case, and so long besides. */
const CANDIDATE_FACTOR = 4
const CANDIDATE_EXTRA_MS = 2_000
const ROUNDS_MAX = 4

export async function minimise(failing: Failing, prober: Prober, limits: MinimiseLimits): Promise<Minimised> {
  return new Search(failing, prober, limits).run()
}

type Case = Readonly<{ plan: FaultPlan; stepNames: readonly string[]; record: RunRecord }>

class Search {
  private readonly failing: Failing
  private readonly prober: Prober
  private readonly limits: MinimiseLimits
  private readonly startMs: number
  private candidateMs: number
  private runs = 0
  private cut = false
  private readonly asked = new Set<string>()

  constructor(failing: Failing, prober: Prober, limits: MinimiseLimits) {
    this.failing = failing
    this.prober = prober
    this.limits = limits
    this.startMs = prober.nowMs()
    this.candidateMs = limits.budgetMs
  }

  async run(): Promise<Minimised> {
    const { plan, oracle } = this.failing
    if (WHOLE_ORACLES.includes(oracle)) return this.given(`what '${oracle}' demands is judged of the whole scenario`)
    const first = await this.ask(plan, 'alike')
    if (first === undefined) return this.given(this.cut ? this.cutText() : 'the violation was not had again')
    this.candidateMs = CANDIDATE_FACTOR * (this.prober.nowMs() - this.startMs) + CANDIDATE_EXTRA_MS
    let smallest = await this.fewerFaults(first)
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const before = smallest
      smallest = await this.smallerParameters(smallest)
      smallest = await this.fewerSteps(smallest)
      // A fault that is bound to sizes (a transfer of so many bytes, a cut) may be what keeps the scenario large.
      smallest = await this.simplerFault(await this.smallerFault(smallest))
      if (smallest === before) break
    }
    return this.proven(first, smallest)
  }

  private async fewerFaults(smallest: Case): Promise<Case> {
    let found = smallest
    const { plan } = smallest
    if (plan.faults.length < 2) return smallest
    await ddmin(plan.faults, async (faults: readonly Fault[]) => {
      const candidate = await this.ask({ ...plan, faults }, 'alike')
      found = candidate ?? found
      return candidate !== undefined
    })
    return found
  }

  /** What a fault is made of: the choices of a schedule, the leap of a clock. */
  private async smallerFault(smallest: Case): Promise<Case> {
    let found = smallest
    const [fault] = smallest.plan.faults
    if (fault === undefined || smallest.plan.faults.length > 1) return smallest
    const fails = async (changed: Fault): Promise<boolean> => {
      const candidate = await this.ask({ ...found.plan, faults: [changed] }, 'alike')
      found = candidate ?? found
      return candidate !== undefined
    }
    if (fault.kind === 'schedule') await ddmin(fault.choices, (choices) => fails({ ...fault, choices }))
    if (fault.kind === 'clock') await smallerNumber(fault.ms, (ms) => fails({ ...fault, ms }))
    return found
  }

  private async smallerParameters(smallest: Case): Promise<Case> {
    let found = smallest
    for (const [name, value] of Object.entries(smallest.plan.subject.parameters)) {
      if (typeof value !== 'number') continue
      await smallerNumber(value, async (number) => {
        const { plan } = found
        const parameters: Record<string, ParameterValue> = { ...plan.subject.parameters, [name]: number }
        const candidate = await this.ask({ ...plan, subject: { ...plan.subject, parameters } }, 'alike')
        found = candidate ?? found
        return candidate !== undefined
      })
    }
    return found
  }

  private async fewerSteps(smallest: Case): Promise<Case> {
    let found = smallest
    const { stepNames, record } = smallest
    const kept = smallest.plan.subject.steps ?? stepNames.map((_, index) => index)
    const fails = async (steps: readonly number[]): Promise<boolean> => {
      const { plan } = found
      const candidate = await this.ask({ ...plan, subject: { ...plan.subject, steps } }, 'alike')
      found = candidate ?? found
      return candidate !== undefined
    }
    // What comes after the failing step is needed the least.
    const last = stepNames.indexOf(record.phase)
    const upTo = kept.slice(0, last + 1)
    const start = upTo.length > 0 && upTo.length < kept.length && (await fails(upTo)) ? upTo : kept
    const own = kept[last]
    if (own !== undefined && start.length > 1 && (await fails([own]))) return found
    await ddmin(start, fails)
    return found
  }

  private async simplerFault(smallest: Case): Promise<Case> {
    return (await this.ask(smallest.plan, 'simpler')) ?? smallest
  }

  private async ask(plan: FaultPlan, among: FailureSearch['among']): Promise<Case | undefined> {
    const { oracle, fingerprint } = this.failing
    const key = JSON.stringify([plan, among])
    // What was asked before did not fail, or it would be the smallest by now.
    if (this.asked.has(key)) return undefined
    const leftMs = this.leftMs()
    const leftRuns = this.limits.runsMax - this.runs
    if (leftMs <= 0 || leftRuns <= 0 || this.limits.stopped?.() === true) {
      this.cut = true
      return undefined
    }
    this.asked.add(key)
    const runsMax = Math.min(RUNS_PER_CANDIDATE_MAX, leftRuns)
    const answer = await this.prober.find(
      { plan, oracle, fingerprint, among, runsMax },
      Math.min(leftMs, this.candidateMs),
    )
    this.runs += answer?.runs ?? 1
    if (answer === undefined && this.leftMs() <= 0) this.cut = true
    return answer?.found && { ...answer.found, stepNames: answer.stepNames }
  }

  private leftMs(): number {
    return this.limits.budgetMs - (this.prober.nowMs() - this.startMs)
  }

  private async proven(first: Case, smallest: Case): Promise<Minimised> {
    const { plan } = this.failing
    const { subject } = smallest.plan
    const record = await this.replayed(smallest)
    if (record === undefined) return this.given('the smallest case that was found does not fail when it is replayed')
    const changed = Object.entries(subject.parameters).filter(
      ([name, value]) => value !== plan.subject.parameters[name],
    )
    return {
      plan: smallest.plan,
      record,
      faultsBefore: plan.faults.length,
      faultsAfter: smallest.plan.faults.length,
      stepsBefore: first.stepNames.length,
      stepsAfter: smallest.stepNames.length,
      stepNames: smallest.stepNames,
      parameters: Object.fromEntries(changed),
      runs: this.runs,
      durationMs: this.prober.nowMs() - this.startMs,
      complete: !this.cut,
      reason: this.cut ? this.cutText() : undefined,
    }
  }

  /** As `powercut replay` will run it; of what is found without a fault, any finding of the same oracle will do. */
  private async replayed({ plan, record: found }: Case): Promise<RunRecord | undefined> {
    this.runs += 1
    const record = await this.prober.replay(plan, this.limits.budgetMs)
    if (record === undefined || record.outcome !== 'violation' || record.oracle !== found.oracle) return undefined
    if (plan.faults.length === 0) return found
    return record.fingerprint === found.fingerprint ? record : undefined
  }

  private given(reason: string): Minimised {
    const { plan } = this.failing
    const faults = plan.faults.length
    return {
      plan,
      record: undefined,
      faultsBefore: faults,
      faultsAfter: faults,
      stepsBefore: 0,
      stepsAfter: 0,
      stepNames: [],
      parameters: {},
      runs: this.runs,
      durationMs: this.prober.nowMs() - this.startMs,
      complete: false,
      reason,
    }
  }

  private cutText(): string {
    if (this.limits.stopped?.() === true) return 'it was interrupted'
    return this.runs >= this.limits.runsMax
      ? `its ${this.limits.runsMax} runs were spent`
      : `its ${this.limits.budgetMs / 1000} s were spent`
  }
}
