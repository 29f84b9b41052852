// harness/campaign/bind-plan.ts: a token's plan, bound to the scenario as it is now.

import { bindToken, decodeToken, type FaultPlan } from '../plan/index.ts'
import type { Crew } from './crew.ts'

/** Throws TokenError, and UsageError if the scenario cannot be had. */
export async function bindPlan(crew: Pick<Crew, 'describe'>, token: string): Promise<FaultPlan> {
  const content = decodeToken(token)
  const { scenario, parameters } = content.plan.subject
  const defaults = (await crew.describe(scenario, {})).parameters
  const unknown = Object.keys(parameters).some((name) => !Object.hasOwn(defaults, name))
  // With a parameter that the scenario no longer has there is no contract to ask for; bindToken names it.
  const contractHash = unknown
    ? content.contractHash
    : (await crew.describe(scenario, { ...defaults, ...parameters })).contractHash
  return bindToken(content, { contractHash, parameters: defaults })
}
