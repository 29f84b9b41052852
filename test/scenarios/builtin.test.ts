import { describe, expect, it } from 'vitest'
import { BUILTIN_SCENARIOS, type AnyScenario, type Parameters } from '../../scenarios/index.ts'
import { finished, makePlainWorld, type PlainWorld } from './plain-world.ts'

async function load(name: string): Promise<AnyScenario> {
  const loader = BUILTIN_SCENARIOS[name]
  if (loader === undefined) throw new Error(`no scenario ${name}`)
  return loader()
}

/** Runs all steps; before each one `between` may give another store. Compares the store with the model after each. */
async function runAll(
  scenario: AnyScenario,
  parameters: Parameters,
  world: PlainWorld,
  between: (store: unknown) => unknown = (store) => store,
): Promise<void> {
  let store = await scenario.open(world, parameters)
  let model = scenario.initial(parameters)
  expect(await scenario.read(store)).toEqual(model)
  for (const step of scenario.steps(parameters)) {
    store = await between(store)
    await finished(world, step.run(store))
    model = step.model(model)
    expect(await scenario.read(store), `after ${step.name}`).toEqual(model)
    expect(scenario.invariant?.(model, parameters)).toBeUndefined()
  }
  expect((await scenario.verify?.(store)) ?? []).toEqual([])
  await scenario.close(store)
  expect(Object.entries(scenario.live?.(store) ?? {}).filter(([, count]) => count !== 0)).toEqual([])
}

const VARIANTS: readonly Readonly<{ name: string; set: Parameters }>[] = [
  { name: 'core20', set: {} },
  { name: 'bank', set: {} },
  { name: 'rows', set: {} },
  { name: 'atomic-file', set: {} },
  { name: 'group', set: {} },
  { name: 'lazy-log', set: {} },
  { name: 'lazy-log', set: { durability: 'unsafe' } },
  { name: 'upkeep', set: {} },
  { name: 'salvage', set: {} },
  { name: 'refusals', set: {} },
]

describe.each(VARIANTS)('the scenario $name $set', { tags: ['SCN-01'] }, ({ name, set }) => {
  it('keeps its model, step by step, and leaves nothing behind', async () => {
    const scenario = await load(name)
    await runAll(scenario, { ...scenario.parameters, ...set }, makePlainWorld())
  })

  it('reaches every milestone that it declares', async () => {
    const scenario = await load(name)
    const world = makePlainWorld()
    await runAll(scenario, { ...scenario.parameters, ...set }, world)
    expect(
      Object.entries(scenario.milestones ?? {}).filter(([key, least]) => (world.milestones.get(key) ?? 0) < least),
    ).toEqual([])
  })

  it('goes on after a close and an open before any step', async () => {
    const scenario = await load(name)
    const parameters = { ...scenario.parameters, ...set }
    const world = makePlainWorld()
    await runAll(scenario, parameters, world, async (store) => {
      await scenario.close(store)
      return scenario.open(world, parameters)
    })
  })

  it('has a probe that runs at any border', async () => {
    const scenario = await load(name)
    const parameters = { ...scenario.parameters, ...set }
    const steps = scenario.steps(parameters)
    const { probe } = scenario
    expect(probe).toBeDefined()
    for (const length of [0, 1, 2, Math.floor(steps.length / 2), steps.length]) {
      const world = makePlainWorld()
      const store = await scenario.open(world, parameters)
      let model = scenario.initial(parameters)
      for (const step of steps.slice(0, length)) {
        await finished(world, step.run(store))
        model = step.model(model)
      }
      await finished(world, probe?.run(store))
      expect(await scenario.read(store)).toEqual(probe?.model(model))
      await scenario.close(store)
    }
  })

  it('gives the same steps for the same parameters, each with a name of its own', async () => {
    const scenario = await load(name)
    const parameters = { ...scenario.parameters, ...set }
    const names = scenario.steps(parameters).map((step) => step.name)
    expect(scenario.steps(parameters).map((step) => step.name)).toEqual(names)
    expect(new Set(names).size).toBe(names.length)
  })

  it(
    'keeps every pack that recovery finds as it is, and reads no more of it than its bound',
    { tags: ['REC-04', 'REC-10', 'STO-06'] },
    async () => {
      const scenario = await load(name)
      if (scenario.recovery === undefined) return
      const parameters = { ...scenario.parameters, ...set }
      const world = makePlainWorld()
      await runAll(scenario, parameters, world)
      const folder = world.fileSystem.list(world.directory).find((entry) => entry.endsWith('.rdm'))
      const root = `${world.directory}/${folder}`
      const files = world.fileSystem.list(root).map((entry) => ({
        path: `${root}/${entry}`,
        sizeBytes: world.fileSystem.stat(`${root}/${entry}`)?.sizeBytes ?? 0,
      }))
      expect(files.some(({ path }) => scenario.recovery?.readOnly?.(path) === true)).toBe(true)
      const most = scenario.recovery?.bytesReadMax?.(files, parameters) ?? 0
      expect(most).toBeGreaterThan(0)
    },
  )
})

describe('core20', { tags: ['SCN-01', 'EX20-02'] }, () => {
  it('has at least 60 iterations, 3 roll-overs, 20 markers, 3 levels of tree and a second open', async () => {
    const scenario = await load('core20')
    expect(scenario.parameters['iterations']).toBeGreaterThanOrEqual(60)
    expect(scenario.milestones).toEqual({ rollOver: 3, marker: 20, treeLevel3: 1, secondOpen: 1 })
  })
})

describe('bank', { tags: ['SCN-01'] }, () => {
  it('notices money that came from nowhere', async () => {
    const scenario = await load('bank')
    expect(scenario.invariant?.([100, 101], scenario.parameters)).toContain('201 instead of 200')
  })
})

describe('lazy-log', { tags: ['SCN-01', 'DUR-03'] }, () => {
  it('never says that more is durable than was acknowledged, and everything after a sync', async () => {
    const scenario = await load('lazy-log')
    const world = makePlainWorld()
    const store = await scenario.open(world, scenario.parameters)
    for (const [index, step] of scenario.steps(scenario.parameters).entries()) {
      await step.run(store)
      const durable = scenario.durableSteps?.(store) ?? 0
      expect(durable).toBeLessThanOrEqual(index + 1)
      if (step.durability === undefined) expect(durable).toBeGreaterThanOrEqual(index)
    }
    await scenario.close(store)
  })

  it('refuses a durability that it does not know', { tags: ['ERR-01'] }, async () => {
    const scenario = await load('lazy-log')
    expect(() => scenario.steps({ ...scenario.parameters, durability: 'nosuch' })).toThrow(/'lazy' or 'unsafe'/)
  })
})
