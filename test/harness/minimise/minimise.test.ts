// The search over a prober that is arithmetic: what fails is a rule, so that the smallest case is known beforehand.
import { describe, expect, it } from 'vitest'
import {
  minimise,
  type Failing,
  type Minimised,
  type MinimiseLimits,
  type Prober,
} from '../../../harness/minimise/index.ts'
import type { FailureSearch, FaultPlan, RunRecord } from '../../../harness/plan/index.ts'

type Rule = Readonly<{
  fails: (plan: FaultPlan, steps: readonly number[]) => boolean
  /** What a replay of a failing plan says; default: that it fails. */
  replayed?: Partial<RunRecord>
  /** How long each question takes. */
  takesMs?: number
}>

const PLAN: FaultPlan = {
  subject: {
    scenario: 'arithmetic',
    parameters: { steps: 40, size: 700, name: 'x' },
    seed: 1,
    model: 'posix-minimal',
    sectorBytes: 512,
  },
  form: 'linear',
  faults: [{ kind: 'allocation', mode: 'from', point: 90 }],
}
const FAILING: Failing = { plan: PLAN, oracle: 'no-leak', fingerprint: 'leak' }
const LIMITS: MinimiseLimits = { budgetMs: 1000, runsMax: 10_000 }

function stepsOf({ subject }: FaultPlan): readonly number[] {
  const all = Array.from({ length: Number(subject.parameters['steps']) }, (_, index) => index)
  if (subject.steps?.some((step) => step >= all.length) === true) throw new RangeError('no such step')
  return subject.steps ?? all
}

function recordOf(plan: FaultPlan, phase: string, over: Partial<RunRecord> = {}): RunRecord {
  return {
    order: 0,
    token: JSON.stringify(plan),
    scenario: 'arithmetic',
    family: 'allocation',
    form: plan.form,
    point: plan.faults[0]?.point ?? 0,
    mode: 'once',
    fault: 'allocation',
    phase,
    outcome: 'violation',
    delivered: 1,
    oracle: 'no-leak',
    fingerprint: 'leak',
    traceHash: 't',
    durationMs: 0,
    ...over,
  }
}

function search(rule: Rule, limits: Partial<MinimiseLimits> = {}, failing = FAILING) {
  const asked: FailureSearch[] = []
  let clockMs = 0
  const prober: Prober = {
    nowMs: () => clockMs,
    find: async (question) => {
      asked.push(question)
      clockMs += rule.takesMs ?? 0
      const { plan, among } = question
      let steps: readonly number[]
      try {
        steps = stepsOf(plan)
      } catch {
        return undefined
      }
      const stepNames = steps.map((step) => `step ${step}`)
      if (among === 'simpler') {
        const simpler: FaultPlan = { ...plan, faults: [{ kind: 'allocation', mode: 'once', point: 1 }] }
        return { found: { plan: simpler, record: recordOf(simpler, 'step 7') }, stepNames, runs: 1 }
      }
      const found = rule.fails(plan, steps) ? { plan, record: recordOf(plan, 'step 7') } : undefined
      return { found, stepNames, runs: 1 }
    },
    replay: async (plan) => recordOf(plan, 'step 7', rule.replayed),
  }
  return { asked, result: minimise(failing, prober, { ...LIMITS, ...limits }) }
}

const needs = (...wanted: readonly number[]): Rule => ({
  fails: (plan, steps) => wanted.every((step) => steps.includes(step)) && Number(plan.subject.parameters['size']) >= 13,
})

describe('minimising', { tags: ['MIN-01'] }, () => {
  it('leaves the steps and the least values that the failure needs, and the simplest fault', async () => {
    const { plan, stepsBefore, stepsAfter, parameters, complete, reason } = await search(needs(3, 7)).result
    expect(plan.subject.steps).toEqual([3, 7])
    expect(plan.subject.parameters).toEqual({ steps: 8, size: 13, name: 'x' })
    expect(plan.faults).toEqual([{ kind: 'allocation', mode: 'once', point: 1 }])
    expect({ stepsBefore, stepsAfter, parameters, complete, reason }).toEqual({
      stepsBefore: 40,
      stepsAfter: 2,
      parameters: { steps: 8, size: 13 },
      complete: true,
      reason: undefined,
    })
  })

  it('leaves the faults that the failure needs', async () => {
    const faults = [2, 4, 8].map((point) => ({ kind: 'allocation', mode: 'once', point }) as const)
    const failing = { ...FAILING, plan: { ...PLAN, faults } }
    const rule: Rule = { fails: (plan) => plan.faults.some(({ point }) => point === 4) }
    const { faultsBefore, faultsAfter } = await search(rule, {}, failing).result
    expect([faultsBefore, faultsAfter]).toEqual([3, 1])
  })

  it('asks the same questions for the same answers, and none twice', async () => {
    const [one, other] = [search(needs(1, 20, 39)), search(needs(1, 20, 39))]
    expect(strip(await one.result)).toEqual(strip(await other.result))
    expect(one.asked).toEqual(other.asked)
    const texts = one.asked.map((question) => JSON.stringify(question))
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('gives the smallest case so far when its runs or its time are spent, and says so', async () => {
    const runs = await search(needs(3, 7), { runsMax: 12 }).result
    expect(runs).toMatchObject({ complete: false, reason: 'its 12 runs were spent' })
    expect(runs.record).toBeDefined()
    const time = await search({ ...needs(3, 7), takesMs: 100 }).result
    expect(time).toMatchObject({ complete: false, reason: 'its 1 s were spent' })
    expect(Number(time.plan.subject.parameters['steps'])).toBeLessThan(40)
  })

  it('says that a violation was not had again, instead of calling it minimised', async () => {
    const { result } = search({ fails: () => false })
    expect(await result).toMatchObject({ plan: PLAN, complete: false, reason: 'the violation was not had again' })
    expect((await result).record).toBeUndefined()
  })

  it('takes nothing for a smallest case that a replay does not show', async () => {
    for (const replayed of [{ outcome: 'passed' }, { fingerprint: 'another' }, { oracle: 'reopen' }] as const) {
      const { plan, record, reason } = await search({ ...needs(3), replayed }).result
      expect([plan, record]).toEqual([PLAN, undefined])
      expect(reason).toMatch(/does not fail when it is replayed/)
    }
  })

  it('asks nothing about what is judged of a whole scenario', async () => {
    const { asked, result } = search(needs(3), {}, { ...FAILING, oracle: 'nondeterminism' })
    expect(await result).toMatchObject({ complete: false, reason: expect.stringMatching(/whole scenario/) })
    expect(asked).toEqual([])
  })
})

function strip(minimised: Minimised): unknown {
  return { ...minimised, durationMs: 0 }
}
