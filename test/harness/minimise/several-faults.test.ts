// Smaller cases of what only damage shows, and of what only a fault in a recovery shows.
import { describe, expect, it } from 'vitest'
import { minimise, type Minimised, type Prober } from '../../../harness/minimise/index.ts'
import { bindToken, decodeToken, type CampaignRequest, type RunRecord } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import { logScenario } from '../../../harness/selftest/known/index.ts'
import { scenario, step, times, type Scenario, type World } from '../../../scenarios/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

const LIMITS = { budgetMs: Infinity, runsMax: 5_000 }

type Made = Readonly<{ found: Minimised; record: RunRecord; again: RunRecord }>

/** The last violation of the first fingerprint, made smaller, and run again from nothing but its new token. */
async function smallestOf(given: unknown, name: string, changes: Partial<CampaignRequest>): Promise<Made> {
  // A scenario's store and model are known to it alone.
  const loaded = given as Scenario
  const loadScenario = async (): Promise<Scenario> => loaded
  const { violations } = await runCampaign(loaded, changes)
  const record = violations.findLast(({ fingerprint }) => fingerprint === violations[0]?.fingerprint)
  if (record === undefined) throw new Error('nothing was found')
  const core = createCampaignCore({ loadScenario })
  const { parameters: own } = decodeToken(record.token).plan.subject
  const plan = bindToken(decodeToken(record.token), {
    ...(await core.describe(name, own)),
    parameters: loaded.parameters,
  })
  const prober: Prober = {
    find: (search) => core.findFailure(search),
    replay: async (candidate) => (await core.replay(candidate)).record,
    nowMs: () => 0,
  }
  const failing = { plan, oracle: record.oracle ?? '', fingerprint: record.fingerprint ?? '' }
  const found = await minimise(failing, prober, LIMITS)
  const fresh = createCampaignCore({ loadScenario })
  const smallest = decodeToken(found.record?.token ?? '')
  const described = await fresh.describe(name, smallest.plan.subject.parameters)
  const bound = bindToken(smallest, { ...described, parameters: loaded.parameters })
  return { found, record, again: (await fresh.replay(bound)).record }
}

type Notes = Readonly<Record<string, string>>

/** Notes that are believed as they are read: of damage nothing is noticed. */
function believing(): Scenario<World, Notes> {
  return scenario<World, Notes>({
    name: 'believed-notes',
    summary: 'notes without a sum',
    parameters: { notes: 6 },
    open: (world) => world,
    steps: ({ notes }) =>
      times(Number(notes), (i) =>
        step(`note ${i}`, {
          run: ({ fileSystem, directory }) => {
            const file = fileSystem.create(`${directory}/note-${i}`)
            const bytes = new TextEncoder().encode(`text ${i}`)
            file.append(bytes, 0, bytes.length)
            file.sync()
            file.close()
            fileSystem.syncDirectory(directory)
          },
          model: (all) => ({ ...all, [`note-${i}`]: `text ${i}` }),
        }),
      ),
    initial: () => ({}),
    read: ({ fileSystem, directory }) => {
      const all: Record<string, string> = {}
      for (const name of fileSystem.list(directory)) {
        const file = fileSystem.open(`${directory}/${name}`, 'read')
        const bytes = new Uint8Array(file.sizeBytes())
        file.read(bytes, 0, bytes.length, 0)
        file.close()
        all[name] = new TextDecoder().decode(bytes)
      }
      return all
    },
    close: () => {},
  })
}

function expectSame({ found, record, again }: Made): void {
  expect(found).toMatchObject({ complete: true, faultsAfter: found.faultsBefore })
  expect(again).toMatchObject({ outcome: 'violation', oracle: record.oracle, fingerprint: record.fingerprint })
}

describe('the smallest case', { tags: ['MIN-01'] }, () => {
  it('of missed damage has one step, though a smaller store has other bytes', async () => {
    const changes = { families: ['corruption'], statesPerIntervalMax: 0 } as const
    const made = await smallestOf(believing(), 'believed-notes', changes)
    expectSame(made)
    expect(made.found).toMatchObject({ faultsBefore: 1, stepsBefore: 6 })
    expect(made.found.stepsAfter).toBeLessThanOrEqual(2)
  })

  it('of a recovery that goes wrong has one step, a crash, and one fault in the recovery', async () => {
    const subject = {
      scenario: 'log',
      parameters: { puts: 3 },
      seed: 1,
      model: 'posix-minimal',
      sectorBytes: 512,
    } as const
    const changes = { subject, families: ['recovery'], modes: ['once'], statesPerIntervalMax: 0 } as const
    const made = await smallestOf(logScenario({ defect: 'leak-on-error' }), 'log', changes)
    expectSame(made)
    expect(made.found).toMatchObject({ faultsBefore: 2, stepsBefore: 3 })
    expect(made.found.stepsAfter).toBe(1)
  })
})

describe('a recovery that is wrong without a fault of its own', { tags: ['MIN-01'] }, () => {
  it('has the name that the crash family gives it, and is had again from its token', async () => {
    const given = logScenario({ defect: 'sync-left-out' })
    const loadScenario = async (): Promise<Scenario> => given as unknown as Scenario
    const { preparation } = await runCampaign(given, { families: ['recovery'], modes: [], statesPerIntervalMax: 0 })
    const core = createCampaignCore({ loadScenario })
    const description = await core.describe('log', {})
    expect(preparation.findings.length).toBeGreaterThan(0)
    for (const { oracle, fingerprint, token } of preparation.findings) {
      const plan = bindToken(decodeToken(token), description)
      expect((await core.replay(plan)).record).toMatchObject({ outcome: 'violation', oracle, fingerprint })
    }
  })
})
