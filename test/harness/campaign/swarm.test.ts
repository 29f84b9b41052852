import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawSwarm } from '../../../harness/campaign/swarm.ts'
import type { CampaignOptions } from '../../../harness/campaign/index.ts'
import { isSelected, selectedCount } from '../../../harness/explore/index.ts'
import type { CampaignRequest } from '../../../harness/plan/index.ts'

const options: CampaignOptions = {
  scenarios: ['store'],
  families: ['allocation', 'io', 'crash'],
  modes: ['once', 'from'],
  set: { kept: '1' },
  seeds: [1],
  warm: false,
  swarm: true,
  sectorBytes: 512,
  statesPerIntervalMax: 0,
  allowIncomplete: false,
  workers: 1,
  runLimitMs: 1000,
  resume: false,
  planOnly: false,
}

function drawn(seed: number): CampaignRequest {
  return drawSwarm(
    {
      subject: { scenario: 'store', parameters: { kept: 1, size: 1 }, seed, model: 'posix-minimal', sectorBytes: 512 },
      families: options.families,
      modes: options.modes,
      forms: ['linear'],
      statesPerIntervalMax: 0,
    },
    options,
    {
      name: 'store',
      summary: '',
      parameters: { kept: 1, size: 1 },
      models: ['posix-minimal', 'ext4-ordered'],
      swarm: { kept: [2, 3], size: [4, 5, 6] },
      promises: [],
      requirements: [],
      contractHash: '00000000',
      stepNames: [],
    },
  )
}

describe('a swarm', { tags: ['SWM-01'] }, () => {
  it('draws the same for the same seed, and leaves what was asked for alone', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const request = drawn(seed)
        expect(drawn(seed)).toEqual(request)
        expect(request.families.length).toBeGreaterThan(0)
        expect(request.modes.length).toBeGreaterThan(0)
        expect(request.subject.parameters['kept']).toBe(1)
        expect([4, 5, 6]).toContain(request.subject.parameters['size'])
      }),
    )
  })

  it('meets each family alone and each size, over a few seeds', () => {
    const requests = Array.from({ length: 60 }, (_, seed) => drawn(seed))
    const alone = requests.filter(({ families }) => families.length === 1).map(({ families }) => families[0])
    expect(new Set(alone)).toEqual(new Set(['allocation', 'io', 'crash']))
    expect(new Set(requests.map(({ subject }) => subject.parameters['size']))).toEqual(new Set([4, 5, 6]))
    expect(new Set(requests.map(({ subject }) => subject.model)).size).toBe(2)
    expect(new Set(requests.map(({ subject }) => subject.sectorBytes)).size).toBe(2)
  })
})

describe('a selection of points', { tags: ['PLN-01', 'QA-13'] }, () => {
  it('counts what it selects, without looking at each', () => {
    const small = fc.nat({ max: 60 })
    const selection = fc
      .record({ from: small, length: small, every: fc.integer({ min: 1, max: 9 }), offset: fc.nat({ max: 8 }) })
      .map(({ from, length, every, offset }) => ({ from, to: from + length, every, offset: offset % every }))
    fc.assert(
      fc.property(small, small, selection, (first, count, wanted) => {
        const points = Array.from({ length: count }, (_, at) => first + at)
        expect(selectedCount(first, count, wanted)).toBe(points.filter((point) => isSelected(point, wanted)).length)
      }),
    )
  })
})
