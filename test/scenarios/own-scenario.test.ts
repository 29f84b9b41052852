import { describe, expect, it } from 'vitest'
import { readText } from '../architecture/source.ts'
import notes from './fixtures/notes.scenario.ts'
import { makePlainWorld } from './plain-world.ts'

const FIXTURE = 'test/scenarios/fixtures/notes.scenario.ts'

describe('the scenario in the README', { tags: ['SCN-03'] }, () => {
  const world = makePlainWorld()

  it('is the one that is tested here', () => {
    const example = readText(FIXTURE).replace(`'../../../scenarios/index.ts'`, `'powercut/scenarios'`)
    expect(readText('README.md')).toContain(`\`\`\`ts\n${example}\`\`\`\n`)
  })

  it('keeps its model', async () => {
    const store = await notes.open(world, notes.parameters)
    let model = notes.initial(notes.parameters)
    for (const step of notes.steps(notes.parameters)) {
      await step.run(store)
      model = step.model(model)
      expect(await notes.read(store)).toEqual(model)
    }
    expect(Object.keys(model)).toHaveLength(6)
  })
})
