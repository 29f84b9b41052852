import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { CoreSeams } from '../../../harness/run/index.ts'
import { logScenario, unsyncedScenario, type Defect } from '../../../harness/selftest/known/index.ts'
import type { Scenario } from '../../../scenarios/index.ts'
import { run as runCommand, scratch } from '../fixtures/command.ts'
import { runCampaign } from '../subjects/campaign.ts'

const DEFECTS: readonly (Defect | undefined)[] = [
  undefined,
  'sync-left-out',
  'acknowledged-before-sync',
  'directory-sync-skipped',
  'append-to-torn-tail',
]

function crashes<Store, Model>(scenario: Scenario<Store, Model>, prune: boolean, seams: Partial<CoreSeams> = {}) {
  return runCampaign(scenario, { families: ['crash'], statesPerIntervalMax: 0, prune }, seams)
}

const REAL = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))

/** Nothing is remembered but disks that are equal in everything. */
const WHOLE_DISK: Partial<CoreSeams> = {
  readSet: (questions) => [{ kind: 'tree', key: 'tree /', path: '/' }, ...questions],
}

describe('merging crash states by what was looked at', { tags: ['PLN-04'] }, () => {
  for (const defect of DEFECTS)
    it(`finds what an unpruned campaign finds, run by run: ${defect ?? 'the sound store'}`, async () => {
      const scenario = () => logScenario(defect === undefined ? {} : { defect })
      const whole = await crashes(scenario(), false)
      const pruned = await crashes(scenario(), true)
      expect(pruned.violations).toEqual(whole.violations)
      const byOrder = new Map(whole.records.map((record) => [record.order, record]))
      for (const record of pruned.records) expect(record).toEqual(byOrder.get(record.order))
      if (defect !== undefined) expect(whole.violations.length).toBeGreaterThan(0)
    })

  it('accounts for every state: explored, merged by image, merged by read set', async () => {
    const { units } = await crashes(unsyncedScenario('size'), true)
    let mergedByReadSet = 0
    for (const { planned, run, merged, skipped, interval } of units) {
      expect(run + merged + skipped).toBe(planned)
      expect(interval?.generated).toBe((interval?.mergedByImage ?? 0) + (interval?.distinct ?? 0))
      expect(interval?.distinct).toBe((interval?.mergedByReadSet ?? 0) + run)
      mergedByReadSet += interval?.mergedByReadSet ?? 0
    }
    expect(mergedByReadSet).toBeGreaterThan(0)
    const whole = await crashes(unsyncedScenario('size'), false)
    expect(whole.units.every(({ interval }) => interval?.mergedByReadSet === 0)).toBe(true)
  })

  it('gives each run the trace that it has when nothing is remembered of disks opened again', async () => {
    const remembered = await crashes(logScenario(), false)
    const apart = await crashes(logScenario(), false, WHOLE_DISK)
    expect(apart.records).toEqual(remembered.records)
  })

  it.each(['sync-left-out'])('finds the same in the engine: %s', { tags: ['QA-30'] }, async (mutant) => {
    const words = [
      'run',
      'bank',
      '--mutant',
      mutant,
      '--faults',
      'crash',
      '--set',
      'transfers=1',
      '--set',
      'accounts=3',
      '--max-states',
      '60',
      '--workers',
      '1',
      '--minimise-budget',
      '0',
    ]
    const campaign = async (...more: string[]) =>
      JSON.parse((await runCommand([...words, '--json', ...more], scratch(), REAL)).stdout)
    const whole = await campaign('--no-prune')
    const pruned = await campaign()
    expect(whole.selection.prune).toBe(false)
    expect(whole.violations.length).toBeGreaterThan(0)
    expect(pruned.violations).toEqual(whole.violations)
    expect(pruned.families.crash.planned).toBe(whole.families.crash.planned)
  })

  it('finds the same in a recovery of the engine, and merges there', async () => {
    const parameters = ['--set', 'transfers=1', '--set', 'accounts=2', '--set', 'packBytes=65536']
    const bounds = ['--points', '46..49', '--max-states', '8', '--mode', 'once', '--workers', '1']
    const words = ['run', 'bank', '--mutant', 'old-pack-synced-at-reopen', '--faults', 'recovery', ...parameters]
    const campaign = async (...more: string[]) => {
      const all = [...words, ...bounds, '--minimise-budget', '0', '--no-config', '--json', ...more]
      return JSON.parse((await runCommand(all, scratch(), REAL)).stdout)
    }
    const whole = await campaign('--no-prune')
    const pruned = await campaign()
    expect(whole.violations.length).toBeGreaterThan(0)
    expect(pruned.violations).toEqual(whole.violations)
    const [before, after] = [whole.families.recovery, pruned.families.recovery]
    expect(before.mergedBy.readSet).toBe(0)
    expect(after.mergedBy.readSet).toBeGreaterThan(0)
    expect(after.run + after.mergedBy.readSet).toBe(before.run)
  })
})
