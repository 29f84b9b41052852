// test/harness/run/corruption.test.ts: the corruption family over the engine, and over stores that get damage wrong.

import { beforeAll, describe, expect, it } from 'vitest'
import { bindToken, decodeToken, type CampaignRequest } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import { AppendHistory } from '../../../harness/run/corruption-ground.ts'
import { WORLD_DIRECTORY } from '../../../harness/run/world.ts'
import { emptyImage, type Damage } from '../../../faults/index.ts'
import {
  BUILTIN_SCENARIOS,
  scenario,
  step,
  times,
  type Plain,
  type Scenario,
  type World,
} from '../../../scenarios/index.ts'
import { runCampaign, type CampaignOutcome } from '../subjects/campaign.ts'

const CORRUPTION = { families: ['corruption'], statesPerIntervalMax: 0 } as const

function requestOf(name: string, parameters: Readonly<Record<string, number>>, most: number): Partial<CampaignRequest> {
  const subject = { scenario: name, parameters, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const
  return { subject, families: ['corruption'], statesPerIntervalMax: most }
}

describe('a campaign of damage over the engine', { tags: ['COR-02'] }, () => {
  let core20: Scenario
  let outcome: CampaignOutcome
  beforeAll(async () => {
    core20 = (await BUILTIN_SCENARIOS['core20']?.()) as Scenario
    outcome = await runCampaign(core20, requestOf('core20', { iterations: 8 }, 270))
  })

  it('is silent', { tags: ['QA-30', 'DMG-01'] }, () => {
    expect(outcome.preparation.findings).toEqual([])
    expect(outcome.violations).toEqual([])
  })

  it(
    'damages three images in every family, and counts what it runs, merges and skips',
    { tags: ['COR-01', 'PLN-01'] },
    () => {
      const { preparation, units, records } = outcome
      expect(preparation.units.length).toBe(27)
      for (const unit of units) expect(unit.run + unit.merged + unit.skipped).toBe(unit.planned)
      expect(units.reduce((sum, { skipped }) => sum + skipped, 0)).toBeGreaterThan(0)
      expect(new Set(records.map(({ point, mode }) => `${point} ${mode}`)).size).toBe(27)
      expect(records.length).toBe(units.reduce((sum, { run }) => sum + run, 0))
      expect(preparation.sampledFamilies).toEqual(['corruption'])
      const images = preparation.ranges.filter(({ family }) => family === 'corruption')
      expect(images.map(({ first, last }) => [first, last])).toEqual([1, 2, 3].map((image) => [image, image]))
    },
  )

  it('replays each kind of damage to the same run, from its token', { tags: ['TOK-02'] }, async () => {
    const core = createCampaignCore({ loadScenario: async () => core20 })
    const kinds = new Set<string>()
    for (const record of outcome.records) {
      if (kinds.has(record.mode)) continue
      kinds.add(record.mode)
      const content = decodeToken(record.token)
      const described = await core.describe('core20', content.plan.subject.parameters)
      const { contractHash, parameters } = described
      const plan = bindToken(content, { contractHash, parameters })
      const replayed = await core.replay(plan)
      expect(replayed.record).toMatchObject({ traceHash: record.traceHash, fault: record.fault, outcome: 'passed' })
      expect(replayed.trace.length).toBeGreaterThan(0)
    }
    expect(kinds.size).toBe(9)
  })

  it('runs nothing in place of a damage that the image has not', async () => {
    const core = createCampaignCore({ loadScenario: async () => core20 })
    const { subject } = requestOf('core20', { iterations: 8 }, 0)
    if (subject === undefined) throw new Error('the request has a subject')
    const damage = { family: 'missing', index: 99 } as const
    const { record } = await core.replay({
      subject,
      form: 'linear',
      faults: [{ kind: 'corruption', point: 1, damage }],
    })
    expect(record.outcome).toBe('not-reached')
  })
})

describe('damage of a store that has others beside it, or commits that share a sync', { tags: ['COR-02'] }, () => {
  // Each accused the engine before: what another database appended, or a filler, was taken for proof of what was lost.
  it.each(['upkeep', 'salvage', 'refusals'])('accuses %s of nothing', async (name) => {
    const subject = (await BUILTIN_SCENARIOS[name]?.()) as Scenario
    const { preparation, records, violations } = await runCampaign(subject, requestOf(name, {}, 500))
    expect(preparation.findings).toEqual([])
    expect(records.length).toBeGreaterThan(300)
    expect(violations).toEqual([])
  })
})

describe('what proves that an append was durable', { tags: ['COR-02'] }, () => {
  const BYTES = new Uint8Array(512)
  const call = { index: 0, path: 'store', argument: undefined, handle: 1, lengthBytes: undefined } as const
  const done = { value: 512, code: undefined, injected: false } as const

  /** Steps that must be found after damage of the first append; each step is one call. */
  function stepsAfter(deeds: readonly ('append' | 'silent append' | 'sync')[]): number {
    let speaks = true
    const history = new AppendHistory(() => speaks)
    let end = 0
    for (const [index, deed] of deeds.entries()) {
      speaks = deed === 'append'
      if (deed === 'sync') history.afterCall({ ...call, kind: 'sync', offsetBytes: undefined }, done, undefined)
      else {
        history.afterCall({ ...call, kind: 'append', offsetBytes: end }, done, BYTES)
        end += 512
      }
      history.acknowledged = index + 1
    }
    const path = `${WORLD_DIRECTORY}/store`
    const lost = [{ path, from: 0, to: 512 }]
    const damage: Damage = {
      kind: 'zero-sector',
      index: 0,
      image: emptyImage(),
      lost,
      changed: lost,
      resized: [],
      unreadable: undefined,
      text: 'the first append is lost',
    }
    return history.leastSteps(damage, deeds.length, [path])
  }

  it('is one behind it that was issued when a sync of the file was done', () => {
    expect(stepsAfter(['append', 'sync', 'append'])).toBe(3)
  })

  it('is none that was issued before the sync was done', () => {
    expect(stepsAfter(['append', 'append', 'sync'])).toBe(0)
  })

  it('is none that says nothing', () => {
    expect(stepsAfter(['append', 'sync', 'silent append'])).toBe(0)
    expect(stepsAfter(['append', 'sync', 'silent append', 'append'])).toBe(4)
  })
})

describe('damage of a step that is several acknowledgements', { tags: ['COR-02'] }, () => {
  it('may leave a part of the step that it declares, where nothing proves the rest', async () => {
    const group = (await BUILTIN_SCENARIOS['group']?.()) as Scenario
    const core = createCampaignCore({ loadScenario: async () => group })
    const { parameters } = await core.describe('group', {})
    const { subject } = requestOf('group', { ...(parameters as Record<string, number>) }, 0)
    if (subject === undefined) throw new Error('the request has a subject')
    let flipped = 0
    // The last commits of the killed store's first pack: no record tells that they were durable.
    for (let index = 2700; index < 2900; index += 9) {
      const damage = { family: 'bit-flip', index } as const
      const { record } = await core.replay({
        subject,
        form: 'linear',
        faults: [{ kind: 'corruption', point: 1, damage }],
      })
      expect([index, record.outcome, record.message]).toEqual([index, 'passed', undefined])
      flipped += record.delivered
    }
    expect(flipped).toBe(23)
  })
})

type Notes = Readonly<Record<string, string>>
type Trust = 'believes' | 'checks' | 'checks-all-or-nothing'

class DamagedNote extends Error {
  readonly code = 'CORRUPT'
  readonly path: string

  constructor(path: string) {
    super(`${path} does not match its sum`)
    this.path = path
  }
}

function sumOf(text: string): string {
  let sum = 7
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return String(sum)
}

function textIn({ fileSystem, directory }: World, name: string): string {
  const file = fileSystem.open(`${directory}/${name}`, 'read')
  try {
    const bytes = new Uint8Array(file.sizeBytes())
    for (let done = 0, read = 1; read > 0 && done < bytes.length; done += read)
      read = file.read(bytes, done, bytes.length - done, done)
    return new TextDecoder().decode(bytes)
  } finally {
    file.close()
  }
}

function readAll(world: World, read: (world: World, name: string) => string): Notes {
  const names = world.fileSystem.list(world.directory).filter((name) => name.startsWith('note'))
  return Object.fromEntries(names.map((name) => [name, read(world, name)]))
}

/** Notes in files of their own, each with a sum behind it that is believed or checked. */
function notes(trust: Trust, salvage: 'none' | 'damaged-too' = 'none'): Scenario<World, Notes> {
  let poisoned = false
  const noteOf = (world: World, name: string): string => {
    const [text = '', sum] = textIn(world, name).split('#')
    const isDamaged = sum !== sumOf(text)
    if (trust === 'checks-all-or-nothing') poisoned ||= isDamaged
    if (trust !== 'believes' && (isDamaged || poisoned)) throw new DamagedNote(`${world.directory}/${name}`)
    return text
  }
  return scenario<World, Notes>({
    name: 'summed-notes',
    summary: 'notes with a sum',
    parameters: { notes: 3 },
    open: (world) => {
      poisoned = false
      return world
    },
    steps: ({ notes: count }) =>
      times(Number(count), (i) =>
        step(`note ${i}`, {
          run: ({ fileSystem, directory }) => {
            const path = `${directory}/note-${i}`
            const file = fileSystem.create(path)
            const bytes = new TextEncoder().encode(`text ${i}#${sumOf(`text ${i}`)}`)
            file.append(bytes, 0, bytes.length)
            file.sync()
            file.close()
            fileSystem.syncDirectory(directory)
          },
          model: (all) => ({ ...all, [`note-${i}`]: `text ${i}` }),
        }),
      ),
    initial: () => ({}),
    read: (world) => readAll(world, noteOf),
    parts: {
      of: (all) => ({ ...all }),
      read: (world, name): Plain => noteOf(world, name),
    },
    ...(salvage === 'none'
      ? {}
      : {
          salvage: (world: World) => ({
            certain: readAll(world, (at, name) => textIn(at, name).split('#')[0] ?? ''),
            doubtful: {},
          }),
        }),
    classify: (error) =>
      error instanceof DamagedNote
        ? { kind: 'corruption', path: error.path, offsetBytes: 0 }
        : { kind: 'io', code: 'EIO', path: '/world' },
    close: () => {},
  })
}

describe('a store that gets damage wrong is found', { tags: ['COR-02'] }, () => {
  it('that believes what it reads', async () => {
    const { oracles, violations } = await runCampaign(notes('believes'), CORRUPTION)
    expect(oracles).toContain('damage-detected')
    expect(violations.some(({ mode }) => mode === 'bit-flip')).toBe(true)
  })

  it('that gives nothing any more once something was damaged', async () => {
    const { oracles } = await runCampaign(notes('checks-all-or-nothing'), CORRUPTION)
    expect(oracles).toContain('rest-readable')
  })

  it('whose salvage brings damaged data out', async () => {
    const { violations } = await runCampaign(notes('checks', 'damaged-too'), CORRUPTION)
    const found = violations.filter(({ oracle }) => oracle === 'salvage')
    expect(found.some(({ mode }) => mode === 'bit-flip')).toBe(true)
  })

  it('but not one that checks: its bits may flip as they like', async () => {
    const { violations } = await runCampaign(notes('checks'), CORRUPTION)
    expect(violations.filter(({ mode }) => mode === 'bit-flip' || mode === 'zero-sector')).toEqual([])
  })
})
