import { beforeAll, describe, expect, it } from 'vitest'
import { createCampaignCore } from '../../../../harness/run/index.ts'
import {
  bindToken,
  decodeToken,
  familyOf,
  type CampaignRequest,
  type RunRecord,
} from '../../../../harness/plan/index.ts'
import { logScenario } from '../../../../harness/selftest/known/index.ts'
import { BUILTIN_SCENARIOS, scenario, step, type Scenario, type World } from '../../../../scenarios/index.ts'
import { requestFor, runCampaign, type CampaignOutcome } from '../../subjects/campaign.ts'

const subject = { scenario: 'log', parameters: { puts: 2 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const
const changes: Partial<CampaignRequest> = { subject, families: ['recovery'], statesPerIntervalMax: 0 }

function coreOf(given = logScenario()) {
  return createCampaignCore({ loadScenario: async () => given as unknown as Scenario })
}

function timeless(records: readonly RunRecord[]): readonly RunRecord[] {
  return records.map((record) => ({ ...record, durationMs: 0 }))
}

describe('a campaign of faults in recovery', { tags: ['PLN-03'] }, () => {
  let outcome: CampaignOutcome
  beforeAll(async () => {
    outcome = await runCampaign(logScenario(), changes)
  })

  it('is silent over a store that keeps its promises', () => {
    expect(outcome.preparation.findings).toEqual([])
    expect(outcome.violations).toEqual([])
  })

  it('runs, merges or skips every plan, and nothing else', { tags: ['PLN-01'] }, () => {
    expect(outcome.units.length).toBeGreaterThan(1)
    for (const unit of outcome.units) expect(unit.run + unit.merged + unit.skipped).toBe(unit.planned)
    expect(outcome.records.length).toBe(outcome.units.reduce((total, { run }) => total + run, 0))
  })

  it('numbers its plans without gaps, unit by unit', () => {
    let order = 0
    for (const { firstOrder, planned } of outcome.preparation.units) {
      expect(firstOrder).toBe(order)
      order += planned
    }
    const orders = outcome.records.map((record) => record.order)
    expect(orders).toEqual(orders.toSorted((left, right) => left - right))
    expect(new Set(orders).size).toBe(orders.length)
  })

  it('delivers both faults of every plan', () => {
    expect(outcome.records.filter(({ delivered }) => delivered < 2)).toEqual([])
  })

  it('fails allocations and calls, and crashes, in the open, the read-back and the first step', () => {
    const kinds = new Set(outcome.records.map(({ fault }) => (fault.split('; then ')[1] ?? '').split(/[ ,]/)[0]))
    for (const kind of ['allocation', 'open', 'append', 'sync', 'before', 'after', 'within'])
      expect(kinds).toContain(kind)
    const phases = new Set(outcome.records.map(({ phase }) => phase.split('recovery, ')[1]))
    for (const phase of ['open', 'step']) expect(phases).toContain(phase)
  })

  it('gives the same records a second time', { tags: ['DET-01'] }, async () => {
    const again = await runCampaign(logScenario(), changes)
    expect(timeless(again.records)).toEqual(timeless(outcome.records))
  })

  it('is replayed by its tokens, run for run, with both faults delivered', { tags: ['TOK-02'] }, async () => {
    const core = coreOf()
    const sample = outcome.records.filter((_, at) => at % 61 === 0)
    expect(sample.length).toBeGreaterThan(15)
    const description = await core.describe('log', subject.parameters)
    for (const record of sample) {
      const plan = bindToken(decodeToken(record.token), description)
      expect(plan.faults.length).toBeGreaterThan(1)
      expect(familyOf(plan)).toBe('recovery')
      const { record: replayed, moved } = await core.replay(plan)
      expect(moved).toBeUndefined()
      expect({ ...replayed, order: 0, durationMs: 0 }).toEqual({ ...record, order: 0, durationMs: 0 })
    }
  })
})

describe('a deeper campaign', { tags: ['PLN-03'] }, () => {
  it('crashes the recovery of a crashed recovery, and replays from a token of three faults', async () => {
    const request = requestFor('log', {
      ...changes,
      subject: { ...subject, parameters: { puts: 1 } },
      depth: 3,
      statesPerIntervalMax: 2,
    })
    const core = coreOf()
    const { units } = await core.prepare(request)
    const records: RunRecord[] = []
    for (const { index } of units.slice(0, 3)) await core.runUnit(request, index, (record) => void records.push(record))
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    const deepest = records.findLast(({ fault }) => fault.split('; then ').length === 3)
    expect(deepest?.delivered).toBeGreaterThan(2)
    const description = await core.describe('log', request.subject.parameters)
    const plan = bindToken(decodeToken(deepest?.token ?? ''), description)
    expect(plan.faults).toHaveLength(3)
    const { record } = await core.replay(plan)
    expect(record.traceHash).toBe(deepest?.traceHash)
  })
})

const LONG_BYTES = 24_576

function readText({ fileSystem, directory }: World): string {
  if (fileSystem.stat(`${directory}/text`) === undefined) return ''
  const file = fileSystem.open(`${directory}/text`, 'read')
  try {
    const bytes = new Uint8Array(file.sizeBytes())
    for (let done = 0; done < bytes.length;) {
      const read = file.read(bytes, done, bytes.length - done, done)
      if (read === 0) throw new RangeError('the text ends before its end')
      done += read
    }
    return new TextDecoder().decode(bytes)
  } finally {
    file.close()
  }
}

/** One long text, read with as many calls as it takes; `waits`: a read that failed makes the process wait, long. */
function longTextScenario(waits: boolean): Scenario<World, string> {
  const text = 'long '.repeat(LONG_BYTES / 4).slice(0, LONG_BYTES)
  return scenario<World, string>({
    name: 'long-text',
    summary: 'one long text',
    parameters: {},
    open: (world) => world,
    steps: () => [
      step('write', {
        run: ({ fileSystem, directory }) => {
          const beside = `${directory}/beside`
          if (fileSystem.stat(beside) !== undefined) fileSystem.unlink(beside)
          const bytes = new TextEncoder().encode(text)
          const file = fileSystem.create(beside)
          try {
            for (let done = 0; done < bytes.length;) {
              const appended = file.append(bytes, done, bytes.length - done)
              if (appended === 0) throw new RangeError('nothing is appended')
              done += appended
            }
            file.sync()
          } finally {
            file.close()
          }
          fileSystem.rename(beside, `${directory}/text`)
          fileSystem.syncDirectory(directory)
        },
        model: () => text,
      }),
      step('look', { run: (world) => void readText(world), model: (before) => before }),
    ],
    initial: () => '',
    read: (world) => {
      try {
        return readText(world)
      } catch (error) {
        for (let left = waits ? 100_000 : 0; left > 0; left -= 1) world.clock.nowMs()
        throw error
      }
    },
    close: () => {},
  })
}

async function longRecords(waits: boolean, keep: (code: string) => boolean): Promise<readonly RunRecord[]> {
  const core = coreOf(longTextScenario(waits) as unknown as ReturnType<typeof logScenario>)
  const description = await core.describe('long-text', {})
  const request = requestFor('long-text', {
    families: ['recovery'],
    modes: ['from'],
    statesPerIntervalMax: 2,
    points: { from: 6, to: 99 },
  })
  const records: RunRecord[] = []
  for (const { index } of (await core.prepare(request)).units)
    await core.runUnit(request, index, (record) => {
      const { faults } = bindToken(decodeToken(record.token), description)
      const last = faults.at(-1)
      if (last?.kind === 'io' && 'code' in last && keep(last.code)) records.push(record)
    })
  return records
}

describe('a recovering process', { tags: ['PLN-03'] }, () => {
  it('may make a call for each byte where every transfer from one on is cut to a byte', async () => {
    const records = await longRecords(false, (code) => code === 'short')
    expect(records.some(({ fault }) => /read of only 1 bytes, and all later/.test(fault))).toBe(true)
    expect(records.filter(({ oracle }) => oracle === 'recovery-rests')).toEqual([])
  })

  it('that has acknowledged no change yet may lose what a kill left in the cache', async () => {
    const { records, violations, preparation } = await runCampaign(longTextScenario(false), {
      subject: { ...subject, scenario: 'long-text', parameters: {} },
      families: ['recovery'],
      modes: [],
      statesPerIntervalMax: 0,
      points: { from: 6, to: 99 },
    })
    expect(preparation.findings).toEqual([])
    expect(records.some(({ phase }) => phase.endsWith('recovery, step'))).toBe(true)
    expect(violations).toEqual([])
  })

  it('that waits for ever after a failed read is told of', async () => {
    const records = await longRecords(true, (code) => code === 'EIO')
    expect(records.map(({ oracle }) => oracle)).toContain('recovery-rests')
  })
})

describe('a first step that is longer after a fault', { tags: ['PLN-03'] }, () => {
  // A read that gives nothing looks like damage, and salvage of a second damage reads every record: 17 times the events.
  it('is at rest when it ends', async () => {
    const salvage = (await BUILTIN_SCENARIOS['salvage']?.()) as Scenario
    const core = createCampaignCore({ loadScenario: async () => salvage })
    const described = await core.describe('salvage', {})
    const token = 'pc1-pr0ca607edgprxk1cxjg008008r03k8306d00014e0mvb9t90400nm443w'
    const { record } = await core.replay(bindToken(decodeToken(token), described))
    expect(record).toMatchObject({ outcome: 'passed', delivered: 2 })
  })
})
