// harness/campaign/subject.ts: from what was asked to one request for each scenario and seed.

import type { CampaignRequest, FaultFamily, Form, PointRange, Preparation, ScenarioDescription } from '../plan/index.ts'
import { drawSwarm } from './swarm.ts'
import { applySettings, DEFAULT_DEPTH, UsageError, type CampaignOptions } from './options.ts'

/** The core's request. Throws UsageError for a parameter or a model that the scenario does not have. */
export function requestOf(
  options: CampaignOptions,
  scenario: string,
  seed: number,
  description: ScenarioDescription,
): CampaignRequest {
  const parameters = applySettings(scenario, description.parameters, options.set)
  const model = options.model ?? description.models[0] ?? 'posix-minimal'
  const isOwn = /[/\\]|\.[cm]?[jt]s$/.test(model)
  if (!isOwn && description.models.length > 0 && !description.models.includes(model)) {
    throw new UsageError(
      `Scenario '${scenario}' makes no promise under the model '${model}': valid are ${description.models.join(', ')}.`,
    )
  }
  const { points, budgetBytes, probability, mutant, sectorBytes } = options
  const request: CampaignRequest = {
    subject: { scenario, parameters, seed, model, sectorBytes, ...(mutant === undefined ? {} : { mutant }) },
    families: options.families,
    modes: options.modes,
    forms: [formOf(options)],
    ...(points === undefined ? {} : { points: { from: points.from, to: points.to ?? Number.MAX_SAFE_INTEGER } }),
    ...(budgetBytes === undefined ? {} : { budgetBytes }),
    ...(probability === undefined ? {} : { probability }),
    statesPerIntervalMax: options.statesPerIntervalMax,
    ...(options.families.includes('recovery')
      ? { depth: options.depth ?? DEFAULT_DEPTH, everyRecovery: options.everyRecovery === true }
      : {}),
    ...(options.everyCondition === true ? { everyCondition: true } : {}),
    ...(options.prune === false ? { prune: false } : {}),
  }
  return options.swarm === true ? drawSwarm(request, options, description) : request
}

export function formOf(options: CampaignOptions): Form {
  return options.warm ? 'warm' : 'linear'
}

/** Throws UsageError, naming the valid range, if points were asked for that are not there. */
export function checkPoints(options: CampaignOptions, scenario: string, preparation: Preparation): void {
  const { points, families } = options
  const [family] = families
  if (points === undefined || family === undefined) return
  const isCrash = family === 'crash' || family === 'recovery'
  const range = isCrash ? callRange(preparation) : pointRange(preparation.ranges, family, formOf(options))
  if (range === undefined)
    throw new UsageError(`Scenario '${scenario}' has no ${family} points, so ${points.option} is not valid.`)
  const { first, last } = range
  const to = points.to ?? last
  if (points.from >= first && points.from <= to && to <= last) return
  const given = points.option === '--points' ? `${points.from}..${points.to}` : String(points.from)
  throw new UsageError(
    `${points.option} ${given} is outside the ${family} points of scenario '${scenario}': valid are ${first} to ${last}.`,
  )
}

/** A crash has the number of the call that it comes before, within or after; so has the first one of a recovery's plan. */
function callRange({ timeline }: Preparation): Readonly<{ first: number; last: number }> | undefined {
  const [first, last] = [timeline[0], timeline.at(-1)]
  return first === undefined || last === undefined ? undefined : { first: first.index, last: last.index }
}

/** First and last point of a family in a form. */
export function pointRange(
  ranges: readonly PointRange[],
  family: FaultFamily,
  form: Form,
): Readonly<{ first: number; last: number }> | undefined {
  const own = ranges.filter((range) => range.family === family && range.form === form)
  if (own.length === 0) return undefined
  return {
    first: own.reduce((least, { first }) => Math.min(least, first), Infinity),
    last: own.reduce((most, { last }) => Math.max(most, last), 0),
  }
}
