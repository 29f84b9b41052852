// The mutant kit at the front's seam, and defects written by hand, in a store over `node:fs` like write-file-atomic.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installNodeFront } from '../../../faults/index.ts'
import { KIT_MUTANTS } from '../../../faults/mutant-kit/index.ts'
import { activations } from '../../../faults/mutants/index.ts'
import type { CampaignRequest } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import { atomicNode, atomicNodeScenario, replaceFile, type ReplaceFile } from '../../../scenarios/atomic-node/index.ts'
import type { AnyScenario } from '../../../scenarios/index.ts'
import { VARIANTS } from '../subjects/replace-variants.ts'

let uninstall = (): void => {}
beforeAll(() => {
  uninstall = installNodeFront()
})
afterAll(() => uninstall())

const STYLES = ['callbacks', 'promises'] as const

type Asked = Readonly<{
  replace?: ReplaceFile
  style: (typeof STYLES)[number]
  families: CampaignRequest['families']
  mutant?: string
  updates?: number
}>

/** Oracles that complain, until the first one; how often the planted place was executed, and the runs that it took. */
async function complaints(
  asked: Asked,
): Promise<Readonly<{ oracles: readonly string[]; executed: number; runs: number; findings: readonly string[] }>> {
  const { replace = replaceFile, style, families, mutant, updates = 2 } = asked
  let calls = 0
  const counted: ReplaceFile = (given, replacement) => {
    calls += 1
    return replace(given, replacement)
  }
  const core = createCampaignCore({
    loadScenario: () => Promise.resolve(atomicNodeScenario(counted) as unknown as AnyScenario),
  })
  const request: CampaignRequest = {
    subject: {
      scenario: 'atomic-node',
      parameters: { updates, style, bytes: 40 },
      seed: 1,
      model: 'posix-minimal',
      sectorBytes: 512,
      ...(mutant === undefined ? {} : { mutant }),
    },
    families,
    modes: ['once'],
    forms: ['linear'],
    statesPerIntervalMax: 0,
  }
  const before = activations()
  const { units, findings } = await core.prepare(request)
  const oracles = findings.map(({ oracle }) => oracle)
  let runs = 0
  for (const { index } of units) {
    if (oracles.length > 0) break
    await core.runUnit(
      request,
      index,
      ({ outcome, oracle }) => {
        runs += 1
        if (outcome !== 'passed') oracles.push(oracle ?? outcome)
      },
      { stop: () => oracles.length > 0 },
    )
  }
  const executed = mutant === undefined ? calls : activations() - before
  return { oracles, executed, runs, findings: findings.map(({ message }) => message) }
}

/** Of the kit: no such call in this store, or nothing that it promises depends on it. The reason is in its scenario. */
const NOT_APPLICABLE = [
  ...Object.keys(atomicNode.equivalentMutants ?? {}),
  // Not planted over node:fs: libuv makes an interrupted call again.
  'kit:interruption-reported',
]

/** Seen without a failing call: what is left is about errors, or about what is told too early. */
const SEEN_BY_CRASHES =
  /drop-|sync-wrong|sync-before|rename-before|rename-by|append-for|unlink-before|write-(cut|twice)|stale-read/

const APPLICABLE = KIT_MUTANTS.map(({ id }) => id).filter((id) => !NOT_APPLICABLE.includes(id))

describe.each(STYLES)(
  'a store over node:fs that replaces files whole (%s)',
  { tags: ['MUT-03', 'NFS-01'] },
  (style) => {
    it('is silent by itself', async () => {
      const { oracles, findings, runs } = await complaints({ style, families: ['crash', 'io'] })
      expect(findings).toEqual([])
      expect(oracles).toEqual([])
      expect(runs).toBeGreaterThan(300)
    })

    it.each(Object.keys(VARIANTS))('is caught where %s', async (what) => {
      const variant = VARIANTS[what]
      if (variant === undefined) throw new Error(`no variant ${what}`)
      const { oracles, executed } = await complaints({
        style,
        replace: variant.replace,
        families: [variant.faults],
      })
      expect(oracles.length).toBeGreaterThan(0)
      expect(executed).toBeGreaterThan(0)
    })
  },
)

describe('such a store with a mutant of the kit', { tags: ['MUT-03'] }, () => {
  // The kit is below both styles: each mutant meets one of them.
  it.each(APPLICABLE.map((id, index) => [id, STYLES[index % 2] ?? 'promises'] as const))(
    'is caught with %s (%s)',
    async (mutant, style) => {
      const families = SEEN_BY_CRASHES.test(mutant) ? (['crash'] as const) : (['io'] as const)
      const { oracles, executed } = await complaints({ style, families, mutant })
      expect(oracles.length).toBeGreaterThan(0)
      expect(executed).toBeGreaterThan(0)
    },
  )
})

describe('what means nothing to such a store', { tags: ['MUT-03'] }, () => {
  it.each(NOT_APPLICABLE)('is no catch: %s', async (mutant) => {
    const { oracles } = await complaints({ style: 'promises', families: ['io'], mutant, updates: 1 })
    expect(oracles).toEqual([])
  })

  it('leaves at least twenty of the kit, and twenty written by hand', () => {
    expect(APPLICABLE.length).toBeGreaterThanOrEqual(20)
    expect(Object.keys(VARIANTS).length).toBeGreaterThanOrEqual(20)
  })
})
