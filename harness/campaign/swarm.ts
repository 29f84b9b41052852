// harness/campaign/swarm.ts: what a swarm run of one seed is made of.
//
// Faults that would mask each other are also met alone if each run leaves some out (A. Groce et al.: "Swarm Testing",
// ISSTA 2012). So each seed draws which families there are, in which modes, at which points, with which sizes.
//
// 1. The draw is a function of seed and scenario, and what is drawn stands in the request: the plans and their tokens hold
//    it, and nothing is drawn again at a replay.
// 2. What the command line says is not drawn.

import { stream } from '../../faults/index.ts'
import type { ParameterValue } from '../../scenarios/index.ts'
import {
  ALLOCATION_MODES,
  type AllocationMode,
  type CampaignRequest,
  type FaultFamily,
  type ScenarioDescription,
} from '../plan/index.ts'
import type { CampaignOptions } from './options.ts'

/** One point in so many of a swarm run is failed: many short runs meet more than few long ones. */
const SHARES = [7, 13, 29] as const
const PROBABILITIES = [0.3, 0.1, 0.03] as const
/** Crash states for each sync interval; all of them are for campaigns that are no swarm. */
const STATES_MAX = [20, 100] as const

/** The request of a campaign with its drawn parts in the place of all. */
export function drawSwarm(
  request: CampaignRequest,
  options: CampaignOptions,
  description: ScenarioDescription,
): CampaignRequest {
  const { subject } = request
  const { seed } = subject
  const draw = (label: string) => stream(seed, `swarm ${label}`)
  const pick = <T>(label: string, list: readonly T[], fallback: T): T =>
    list[draw(label).integer(list.length)] ?? fallback
  const parameters: Record<string, ParameterValue> = { ...subject.parameters }
  for (const [name, values] of Object.entries(description.swarm)) {
    const fallback = parameters[name]
    const isSet = Object.hasOwn(options.set, name) || Object.hasOwn(options.set, `${subject.scenario}.${name}`)
    if (isSet || fallback === undefined) continue
    parameters[name] = pick(`parameter ${name}`, values, fallback)
  }
  const families = someOf<FaultFamily>(request.families, (family) => draw(`family ${family}`).chance(0.5))
  const modes = someOf<AllocationMode>(
    ALLOCATION_MODES,
    (mode) => mode !== 'budget' && draw(`mode ${mode}`).chance(0.5),
  )
  const every = pick('share', SHARES, SHARES[0])
  const models = options.model === undefined && description.models.length > 0 ? description.models : [subject.model]
  return {
    ...request,
    subject: {
      ...subject,
      parameters,
      model: pick('model', models, subject.model),
      sectorBytes: draw('sector').chance(0.5) ? 4096 : 512,
    },
    families,
    modes,
    probability: pick('probability', PROBABILITIES, PROBABILITIES[0]),
    drawnTags: true,
    points: { from: 1, to: Number.MAX_SAFE_INTEGER, every, offset: draw('offset').integer(every) },
    statesPerIntervalMax: pick('states', STATES_MAX, STATES_MAX[0]),
  }
}

/** Those for which the predicate holds; all if it holds for none. */
function someOf<T>(all: readonly T[], isIn: (one: T) => boolean): readonly T[] {
  const some = all.filter(isIn)
  return some.length === 0 ? all : some
}
