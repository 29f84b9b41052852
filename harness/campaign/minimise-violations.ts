// harness/campaign/minimise-violations.ts: every violation of a campaign as its smallest case, before it is printed.
//
// 1. Each violation has a budget of its own; several are looked at at once, each by one worker.
// 2. A violation that was not made smaller says so, and why; one behind the first hundred, that it was not.

import { plural, type Campaign, type MinimisedCase, type Violation } from '../../reports/index.ts'
import { minimise, MINIMISE_RUNS_MAX, type Minimised, type MinimiseLimits, type Prober } from '../minimise/index.ts'
import { bindPlan } from './bind-plan.ts'
import type { CampaignHost, CampaignView } from './campaign-host.ts'
import type { Crew, WorkEnd } from './crew.ts'

/** Violations that are made smaller: with thousands, their budgets would add up to days. */
const MINIMISED_MAX = 100

/** The campaign with `minimised` in its first violations. `crew` has the campaign's mutant planted. */
export async function minimiseViolations(
  campaign: Campaign,
  budgetMs: number,
  { crew, host, view }: Readonly<{ crew: Crew; host: CampaignHost; view: CampaignView }>,
): Promise<Campaign> {
  if (budgetMs === 0 || campaign.violations.length === 0) return campaign
  let interrupted = false
  const cancel = host.onInterrupt(() => {
    interrupted = true
  })
  const limits = { budgetMs, runsMax: MINIMISE_RUNS_MAX, stopped: () => interrupted }
  const rows: Violation[] = [...campaign.violations]
  const chosen = campaign.violations.slice(0, MINIMISED_MAX)
  const waiting = chosen.entries()
  const lane = async (): Promise<void> => {
    for (const [index, violation] of waiting) {
      // A known anomaly has been looked into.
      if (violation.expected !== undefined) continue
      const minimised = await minimiseToken(violation, crew, host, limits)
      rows[index] = { ...violation, minimised }
      view.line(progressText(violation, minimised, index + 1, chosen.length))
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(crew.workers, rows.length) }, lane))
  } finally {
    cancel()
  }
  return { ...campaign, violations: rows }
}

/** The smallest case of what a token shows. Throws TokenError if the token is none of the scenario's. */
export async function minimiseToken(
  violation: Pick<Violation, 'token' | 'oracle' | 'fingerprint'>,
  crew: Crew,
  host: Pick<CampaignHost, 'nowMs'>,
  limits: MinimiseLimits,
): Promise<MinimisedCase> {
  const { token, oracle, fingerprint } = violation
  const plan = await bindPlan(crew, token)
  return caseOf(await minimise({ plan, oracle, fingerprint }, proberOf(crew, host), limits), token)
}

function proberOf(crew: Crew, host: Pick<CampaignHost, 'nowMs'>): Prober {
  return {
    find: async (search, limitMs) => resultOf(await crew.findFailure(search, limitMs)),
    replay: async (plan) => resultOf(await crew.replay(plan))?.record,
    nowMs: () => host.nowMs(),
  }
}

function resultOf<Result>(end: WorkEnd<Result>): Result | undefined {
  return end.kind === 'done' ? end.result : undefined
}

function caseOf(minimised: Minimised, token: string): MinimisedCase {
  const { record, faultsBefore, faultsAfter, stepsBefore, stepsAfter, runs, durationMs, complete, reason } = minimised
  return {
    token: record?.token ?? token,
    faultsBefore,
    faultsAfter,
    stepsBefore,
    stepsAfter,
    steps: [...minimised.stepNames],
    parameters: { ...minimised.parameters },
    ...(record === undefined
      ? {}
      : {
          fault: record.fault,
          phase: record.phase,
          ...(record.message === undefined ? {} : { message: record.message }),
        }),
    runs,
    durationMs,
    complete,
    ...(reason === undefined ? {} : { reason }),
  }
}

function progressText({ oracle }: Violation, minimised: MinimisedCase, number: number, count: number): string {
  const { stepsBefore, stepsAfter, runs, durationMs, reason } = minimised
  const what = stepsBefore === 0 ? `not minimised: ${reason}` : `${stepsBefore} → ${plural(stepsAfter, 'step')}`
  return `minimising ${number} of ${count}, ${oracle}: ${what} (${plural(runs, 'run')}, ${(durationMs / 1000).toFixed(1)} s)`
}
