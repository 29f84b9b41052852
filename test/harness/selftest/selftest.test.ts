import { describe, expect, it } from 'vitest'
import type { EngineMutant } from '../../../faults/mutants/index.ts'
import type { CampaignHost, Crew } from '../../../harness/campaign/index.ts'
import { selftest, selftestPassed } from '../../../harness/selftest/index.ts'

const mutant: EngineMutant = {
  id: 'sample',
  kind: 'engine',
  scenario: 'log',
  summary: 'a sample',
  file: 'engine/sample.ts',
  anchor: 'sync()',
  replacement: 'REACHED()',
  campaign: { families: ['crash'] },
  oracles: ['claim-audit'],
}

/** A host whose campaigns end before their first run, with these complaints and so many executions of the defect. */
function hostWith(complaints: readonly string[], activations: number): CampaignHost {
  const crew: Crew = {
    workers: 1,
    describe: () =>
      Promise.resolve({
        name: 'log',
        summary: '',
        parameters: {},
        models: ['posix-minimal'],
        swarm: {},
        promises: [],
        requirements: [],
        contractHash: '0badcafe',
        stepNames: ['one'],
      }),
    prepare: () =>
      Promise.resolve({
        kind: 'done',
        digest: 'same',
        result: {
          digest: 'same',
          preparation: {
            traceHash: 'hash',
            points: { allocations: 1, fileSystemCalls: 1, syncs: 1 },
            ranges: [],
            rows: [],
            units: [],
            milestones: {},
            milestonesWanted: {},
            findings: complaints.map((oracle) => ({ oracle, message: 'said', token: 'pc1-x', fingerprint: oracle })),
            sampledFamilies: [],
            uncoveredSites: [],
            timeline: [],
          },
        },
      }),
    runUnit: () => Promise.reject(new TypeError('there are no units')),
    replay: () => Promise.reject(new TypeError('nothing is replayed')),
    profile: () => Promise.reject(new TypeError('nothing is profiled')),
    findFailure: async () => ({ kind: 'died', message: 'nothing is looked for', start: undefined }),
    activations: () => activations,
    stop: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  return {
    nowMs: () => 0,
    timestamp: () => '2000-01-01T00:00:00.000Z',
    tool: () => ({ powercut: '0', node: '0', platform: 'none' }),
    makeCrew: () => crew,
    after: () => () => {},
    onInterrupt: () => () => {},
    codeHash: () => 'code',
    sourcePositions: () => [],
    openJournal: () => {
      throw new TypeError('a selftest keeps no journal')
    },
  }
}

async function rowOf(complaints: readonly string[], activations: number) {
  const plan = { engine: [mutant], harness: [], clean: [], workers: 1, runLimitMs: 1000, seed: 1, row: () => {} }
  const result = await selftest(plan, hostWith(complaints, activations))
  return { ...result.mutants[0], passed: selftestPassed(result) }
}

describe('the ladder of a planted defect', { tags: ['MUT-01'] }, () => {
  it('is caught when an oracle of its own complains of code that was executed', async () => {
    expect(await rowOf(['claim-audit'], 7)).toMatchObject({ verdict: 'caught', activations: 7, passed: true })
  })

  it('is not seen when it was executed and nobody, or somebody else, complains', async () => {
    expect(await rowOf([], 7)).toMatchObject({ verdict: 'not-seen', activations: 7, passed: false })
    expect(await rowOf(['no-leak'], 7)).toMatchObject({ verdict: 'not-seen', activations: 7, passed: false })
  })

  it('is not reached when it was never executed', async () => {
    expect(await rowOf([], 0)).toMatchObject({ verdict: 'not-reached', activations: 0, passed: false })
  })

  it('fails as a contradiction when it was never executed and there is a complaint all the same', async () => {
    const row = await rowOf(['claim-audit'], 0)
    expect(row).toMatchObject({ verdict: 'not-reached', activations: 0, passed: false })
    expect(row.message).toMatch(/never executed, and yet .*claim-audit/)
  })
})
