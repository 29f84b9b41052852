// harness/campaign/bind-plan.ts: a token's plan, bound to the scenario as it is now.

import { bindToken, decodeToken, type CampaignCore, type FaultPlan } from '../plan/index.ts'

/**
 * `place` says where a scenario is that the token names; default: as it is named. Throws TokenError, and UsageError if the
 * scenario cannot be had.
 */
export async function bindPlan(
  crew: Pick<CampaignCore, 'describe'>,
  token: string,
  place: (scenario: string) => string = (scenario) => scenario,
): Promise<FaultPlan> {
  const content = decodeToken(token)
  const { parameters } = content.plan.subject
  const scenario = place(content.plan.subject.scenario)
  const defaults = (await crew.describe(scenario, {})).parameters
  const unknown = Object.keys(parameters).some((name) => !Object.hasOwn(defaults, name))
  // With a parameter that the scenario no longer has there is no contract to ask for; bindToken names it.
  const contractHash = unknown
    ? content.contractHash
    : (await crew.describe(scenario, { ...defaults, ...parameters })).contractHash
  const plan = bindToken(content, { contractHash, parameters: defaults })
  return { ...plan, subject: { ...plan.subject, scenario } }
}
