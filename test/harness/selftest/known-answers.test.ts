import { describe, expect, it } from 'vitest'
import { LocalMachine, loadScenario } from '../../../harness/host/index.ts'
import { HARNESS_MUTANTS, askKnownAnswers, type HarnessMutant } from '../../../harness/selftest/index.ts'

const plan = { engine: [], clean: [], runLimitMs: 60_000, seed: 1, answer: () => {} }
const host = new LocalMachine(await loadScenario('atomic-file'))

describe('the self-check of a bundle', { tags: ['EVD-03'] }, () => {
  it('has an answer for each planted defect and one for a campaign that is run twice', async () => {
    const harness = HARNESS_MUTANTS.filter(({ id }) => id === 'identity-ignores-names')
    const { answers, planted } = await askKnownAnswers({ ...plan, harness }, host)
    expect(answers.map(({ id, passed }) => [id, passed])).toEqual([
      ['KAT-identity-ignores-names', true],
      ['KAT-same-twice', true],
    ])
    expect(planted).toHaveLength(1)
  })

  it('takes a defect that is not noticed, or not even reached, for a wrong answer', async () => {
    const { answers } = await askKnownAnswers({ ...plan, harness: [blind('not-seen'), blind('not-reached')] }, host)
    expect(answers.map(({ passed }) => passed)).toEqual([false, false, true])
  })
})

function blind(verdict: 'not-seen' | 'not-reached'): HarnessMutant {
  return {
    id: verdict,
    kind: 'harness',
    scenario: 'none',
    summary: 'nobody looks',
    run: async () => ({ verdict, runs: 1, activations: 1 }),
  }
}
