// harness/host/real/recover.ts: judges a real directory that a killed process left, as the simulated kill at the same call is
// judged (harness/run/recovery.ts): the same demands in the same order, under the same names.
//
// What only a simulation can see is not asked here: what recovery reads and touches.

import type { Step } from '../../../scenarios/index.ts'
import { errorText, plainDiff, plainEqual } from '../../oracles/index.ts'
import { heldWithin, modelAfter, type LoadedScenario } from '../../run/index.ts'
import type { RealWorld } from './real-world.ts'

export type RealViolation = Readonly<{ oracle: string; message: string }>

/** Numbers of the process that recovers, and of the one that looks whether what it committed is still there. */
const RECOVERING = 2
const LOOKING = 3

/** The complaint, or undefined. `world` makes the world of a process by its number. */
export async function judgeReal(
  loaded: LoadedScenario,
  { low, high }: Readonly<{ low: number; high: number }>,
  world: (number: number) => RealWorld,
): Promise<RealViolation | undefined> {
  const { scenario, parameters, models } = loaded
  const own = world(RECOVERING)
  let oracle = 'recovery-opens'
  try {
    const store = await own.perform(() => scenario.open(own, parameters))
    oracle = 'recovered-state'
    const found = await own.perform(() => scenario.read(store))
    const broken = loaded.broken(found)
    if (broken !== undefined) return { oracle: 'invariant', message: `in the recovered store ${broken}` }
    const underWay = high > low ? low : undefined
    const held = heldWithin({ loaded }, found, { low, high, underWay })
    if (held === undefined) {
      const message = `the store holds no model after ${low} to ${high} steps; against the one after ${low}: ${plainDiff(models[low], found)}`
      return { oracle, message }
    }
    oracle = 'recovery-verify'
    const problem = (await own.perform(() => scenario.verify?.(store) ?? []))[0]
    if (problem !== undefined)
      return { oracle, message: `${problem.message} ('${problem.path}' at ${problem.offsetBytes})` }
    const step: Step<unknown, unknown> | undefined = scenario.probe ?? loaded.steps[held.steps]
    if (step === undefined) return await closing(loaded, own, store)
    oracle = 'recovery-commits'
    await own.perform(() => step.run(store))
    const model = modelAfter(loaded, held, step)
    const wrong = different(await own.perform(() => scenario.read(store)), model, `after '${step.name}'`)
    if (wrong !== undefined) return wrong
    const unclosed = await closing(loaded, own, store)
    if (unclosed !== undefined) return unclosed
    const later = world(LOOKING)
    const again = await later.perform(() => scenario.open(later, parameters))
    const kept = await later.perform(() => scenario.read(again))
    await later.perform(() => scenario.close(again))
    return different(kept, model, `after '${step.name}', a close and an open`)
  } catch (error) {
    return { oracle, message: errorText(error) }
  }
}

async function closing(loaded: LoadedScenario, world: RealWorld, store: unknown): Promise<RealViolation | undefined> {
  const { scenario } = loaded
  try {
    await world.perform(() => scenario.close(store))
  } catch (error) {
    return { oracle: 'recovery-opens', message: `the recovered store does not close: ${errorText(error)}` }
  }
  const live = Object.entries(scenario.live?.(store) ?? {}).filter(([, count]) => count !== 0)
  const held = [...live.map(([name, count]) => `${count} ${name}`), ...world.held()]
  if (held.length === 0) return undefined
  return { oracle: 'no-leak', message: `a recovered store leaves after its close: ${held.join('; ')}` }
}

function different(found: unknown, model: unknown, when: string): RealViolation | undefined {
  if (plainEqual(model, found)) return undefined
  return { oracle: 'recovery-commits', message: `${when} the store is not as it should be: ${plainDiff(model, found)}` }
}
