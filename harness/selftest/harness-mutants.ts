// harness/selftest/harness-mutants.ts: defects of the harness itself, and the check that catches each.
//
// 1. A mutant is the real core with one seam replaced. The check is run on the real core first, where it must be content:
//    a check that complains of everything catches nothing.
// 2. Every check compares numbers that are counted in different places, or looks for a known defect of a known store.
// 3. A mutant whose seam was never called is `not-reached`.

import { imageIdentity, listImage, readImageFile, SimulatedDisk, stream, type DiskImage } from '../../faults/index.ts'
import type { Scenario } from '../../scenarios/index.ts'
import type { CampaignCore, CampaignRequest, RunRecord, Subject } from '../plan/index.ts'
import { bindToken, decodeToken } from '../plan/index.ts'
import { createCampaignCore, REAL_SEAMS, type CoreSeams } from '../run/index.ts'
import { bufferScenario, logScenario, type CountIn } from './known/index.ts'
import type { Verdict } from './ladder.ts'
import { NEWER_MUTANTS, type Finding } from './newer-mutants.ts'
import { findsTheSame } from './pruning-check.ts'
import type { HarnessMutant } from './selftest.ts'

type Reached = () => void
type Seams = Partial<CoreSeams>

/** What a small campaign over a known store came to. */
type Result = Readonly<{
  planned: number
  run: number
  accounted: number
  delivered: number
  expectedDeliveries: number
  violations: readonly RunRecord[]
  findings: readonly string[]
  records: readonly RunRecord[]
}>

/** Says what is wrong with a result, as oracle and sentence; undefined if nothing is. */
type Check = (seams: Seams) => Promise<Readonly<{ oracle: string; message: string; runs: number } | { runs: number }>>

type Definition = Readonly<{ id: string; summary: string; seams: (reached: Reached) => Seams; check: Check }>

const DEFINITIONS: readonly Definition[] = [
  {
    id: 'allocation-injector-never-fires',
    summary: 'the allocator’s injector refuses nothing',
    seams: (reached) => ({
      makeInjector: () => {
        reached()
        return REAL_SEAMS.makeInjector([])
      },
    }),
    check: (seams) => expectDelivery(seams, 'allocation'),
  },
  {
    id: 'buffer-injector-never-fires',
    summary: 'no buffer is refused to a program that has no allocator',
    seams: (reached) => ({
      makeInjector: () => {
        reached()
        return REAL_SEAMS.makeInjector([])
      },
    }),
    check: (seams) => expectDelivery(seams, 'allocation', bufferScenario()),
  },
  {
    id: 'io-injector-never-fires',
    summary: 'the file system’s injector decides nothing',
    seams: (reached) => ({
      decideWith: () => () => {
        reached()
        return undefined
      },
    }),
    check: (seams) => expectDelivery(seams, 'io'),
  },
  {
    id: 'oracle-on-faulted-medium',
    summary: 'the fault is not lifted before the store is judged',
    seams: (reached) => ({ lift: reached }),
    check: expectSilence,
  },
  {
    id: 'sweep-stops-early',
    summary: 'a sweep makes the first half of its runs and calls itself complete',
    seams: (reached) => ({
      sweep: (plans) => {
        reached()
        const all = [...plans]
        return all.slice(0, all.length >>> 1)
      },
    }),
    check: expectEveryPlan,
  },
  {
    id: 'identity-ignores-names',
    summary: 'the hash of a disk leaves the directory entries out',
    seams: (reached) => ({
      identity: (image) => {
        reached()
        return contentsOnly(image)
      },
    }),
    check: (seams) => expectApart(seams, 'a name more', withName, withoutName),
  },
  {
    id: 'identity-ignores-pending',
    summary: 'the hash of a disk leaves out what is pending',
    seams: (reached) => ({
      identity: (image) => {
        reached()
        return imageIdentity(everythingDurable(image))
      },
    }),
    check: (seams) => expectApart(seams, 'un-synced bytes', withPending, withoutPending),
  },
  {
    id: 'read-set-forgets-listings',
    summary: 'two crash states are one though a listing of a directory told them apart',
    seams: (reached) => forgetting('names', reached),
    check: (seams) => expectEqualPruning(seams, 'names'),
  },
  {
    id: 'read-set-forgets-sizes',
    summary: 'two crash states are one though the size of a file told them apart',
    seams: (reached) => forgetting('size', reached),
    check: (seams) => expectEqualPruning(seams, 'size'),
  },
  {
    id: 'kill-makes-durable',
    summary: 'a killed process’s pending bytes become durable',
    seams: (reached) => ({
      crashImage: (state) => {
        if (state.id.family !== 'kill') return state.make()
        reached()
        return everythingDurable(state.make())
      },
    }),
    check: expectLossAfterKill,
  },
  {
    id: 'difference-retried-away',
    summary: 'two counting runs that differ are taken for equal',
    seams: (reached) => ({
      difference: (first, second) => {
        if (first.digest() !== second.digest()) reached()
        return undefined
      },
    }),
    check: expectNondeterminism,
  },
  {
    id: 'replay-draws-anew',
    summary: 'a replay draws other random numbers than the run that it repeats',
    seams: (reached) => {
      let draws = 0
      return {
        draw: (seed, label) => {
          reached()
          draws += 1
          return stream(seed, `${label} ${draws}`)
        },
      }
    },
    check: expectEqualReplays,
  },
  ...NEWER_MUTANTS.map(({ id, summary, seams, finding }): Definition => ({
    id,
    summary,
    seams,
    check: (changed) => expectFinding(changed, finding()),
  })),
]

/** A known defect of a known store must be found, as it is by the real core. */
async function expectFinding(seams: Seams, { scenario, request, oracle, mode }: Finding): ReturnType<Check> {
  const parameters = scenario.name === 'log' ? SUBJECT.parameters : {}
  const subject = { ...SUBJECT, scenario: scenario.name, parameters }
  const { records, run } = await campaign(seams, { subject, ...request }, scenario)
  const found = records.some((record) => record.oracle === oracle && (mode === undefined || record.mode === mode))
  if (found) return { runs: run }
  return { oracle: 'known-defect', message: `the defect of '${scenario.name}' was not found`, runs: run }
}

/** The harness's own mutants, for `powercut selftest`. */
export const HARNESS_MUTANTS: readonly HarnessMutant[] = DEFINITIONS.map((definition) => ({
  id: definition.id,
  kind: 'harness',
  scenario: 'log',
  summary: definition.summary,
  run: () => judge(definition),
}))

/** Runs them all. */
export async function runHarnessMutants(): Promise<
  readonly Readonly<{
    id: string
    kind: 'harness'
    scenario: string
    verdict: Verdict
    oracle?: string
    runs: number
    activations: number
  }>[]
> {
  const rows = []
  for (const { id, scenario, run } of HARNESS_MUTANTS)
    rows.push({ id, kind: 'harness' as const, scenario, ...(await run()) })
  return rows
}

async function judge(definition: Definition): ReturnType<HarnessMutant['run']> {
  const clean = await definition.check({})
  if ('oracle' in clean)
    return {
      verdict: 'not-seen',
      runs: clean.runs,
      activations: 0,
      message: `the check complains of the real core: ${clean.message}`,
    }
  let count = 0
  const seams = definition.seams(() => {
    count += 1
  })
  const found = await definition.check(seams)
  const counts = { runs: clean.runs + found.runs, activations: count }
  if (!('oracle' in found)) return { verdict: count === 0 ? 'not-reached' : 'not-seen', ...counts }
  if (count > 0) return { verdict: 'caught', oracle: found.oracle, ...counts, message: found.message }
  return { verdict: 'not-reached', ...counts, message: `never executed, and yet: ${found.message}` }
}

async function expectDelivery<Store, Model>(
  seams: Seams,
  family: 'allocation' | 'io',
  scenario?: Scenario<Store, Model>,
): ReturnType<Check> {
  const { findings, run, delivered, expectedDeliveries } = await campaign(seams, { families: [family] }, scenario)
  if (expectedDeliveries === 0) return { oracle: 'planned', message: 'nothing was planned', runs: run }
  if (findings.some((oracle) => oracle === 'injector'))
    return { oracle: 'injector', message: 'the probe fault was not delivered', runs: run }
  if (delivered < expectedDeliveries)
    return { oracle: 'delivered', message: `${delivered} faults of ${expectedDeliveries} were delivered`, runs: run }
  return { runs: run }
}

async function expectSilence(seams: Seams): ReturnType<Check> {
  const { violations, run } = await campaign(seams, { families: ['io'], modes: ['from'] })
  const [first] = violations
  if (first === undefined) return { runs: run }
  return { oracle: first.oracle ?? 'none', message: `a sound store is accused: ${first.message ?? ''}`, runs: run }
}

async function expectEveryPlan(seams: Seams): ReturnType<Check> {
  const { planned, accounted, run } = await campaign(seams, { families: ['allocation'] })
  if (planned === accounted) return { runs: run }
  return { oracle: 'planned', message: `${planned} runs were planned, ${accounted} are accounted for`, runs: run }
}

function forgetting(kind: 'names' | 'size', reached: Reached): Seams {
  return {
    readSet: (questions) =>
      questions.filter((question) => {
        if (question.kind !== kind) return true
        reached()
        return false
      }),
  }
}

async function expectEqualPruning(seams: Seams, countIn: CountIn): ReturnType<Check> {
  const { message, runs } = await findsTheSame(seams, countIn)
  return message === undefined ? { runs } : { oracle: 'pruning', message, runs }
}

async function expectLossAfterKill(seams: Seams): ReturnType<Check> {
  const { violations, run } = await campaign(
    seams,
    { families: ['crash'] },
    logScenario({ defect: 'append-to-torn-tail' }),
  )
  if (violations.some(isSecondLoss)) return { runs: run }
  return {
    oracle: 'known-defect',
    message: 'a store that builds on un-synced names after a kill was not found',
    runs: run,
  }
}

async function expectNondeterminism(seams: Seams): ReturnType<Check> {
  const { findings, run } = await campaign(seams, { families: ['allocation'] }, unsteadyScenario())
  if (findings.includes('nondeterminism')) return { runs: run }
  return { oracle: 'nondeterminism', message: 'a scenario that is never twice the same was not refused', runs: run }
}

async function expectEqualReplays(seams: Seams): ReturnType<Check> {
  const { records, run } = await campaign(seams, { families: ['allocation'], modes: ['random'], probability: 0.2 })
  const core = coreOf(seams, logScenario())
  const description = await core.describe('log', SUBJECT.parameters)
  for (const record of records.slice(0, 12)) {
    const { record: again } = await core.replay(bindToken(decodeToken(record.token), description))
    if (again.traceHash !== record.traceHash)
      return { oracle: 'nondeterminism', message: `replaying ${record.token} gives another trace`, runs: run }
  }
  return { runs: run }
}

async function expectApart(
  seams: Seams,
  what: string,
  left: () => DiskImage,
  right: () => DiskImage,
): ReturnType<Check> {
  const { identity } = { ...REAL_SEAMS, ...seams }
  if (identity(left()) !== identity(right())) return { runs: 1 }
  return { oracle: 'identity', message: `two disks that differ in ${what} are taken for one`, runs: 1 }
}

/** What a verdict says of a commit that a power loss after a kill took. */
const SECOND_LOSS = 'second power loss'

function isSecondLoss({ mode, message }: RunRecord): boolean {
  return mode === 'kill' && message?.includes(SECOND_LOSS) === true
}

const SUBJECT: Subject = { scenario: 'log', parameters: { puts: 2 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 }

function coreOf<Store, Model>(seams: Seams, scenario: Scenario<Store, Model>): CampaignCore {
  // The harness knows neither store nor model of a scenario; the cast says so.
  const loadScenario = (): Promise<Scenario> => Promise.resolve(scenario as unknown as Scenario)
  return createCampaignCore({ loadScenario, seams })
}

async function campaign<Store, Model>(
  seams: Seams,
  changes: Partial<CampaignRequest>,
  scenario?: Scenario<Store, Model>,
): Promise<Result> {
  const core = scenario === undefined ? coreOf(seams, logScenario()) : coreOf(seams, scenario)
  const request: CampaignRequest = {
    subject: SUBJECT,
    families: ['allocation', 'io', 'crash'],
    modes: ['once', 'from'],
    forms: ['linear'],
    statesPerIntervalMax: 32,
    ...changes,
  }
  const { units, findings } = await core.prepare(request)
  const records: RunRecord[] = []
  let planned = 0
  let accounted = 0
  let delivered = 0
  for (const unit of units) {
    const result = await core.runUnit(request, unit.index, (record) => void records.push(record))
    planned += unit.planned
    accounted += result.run + result.merged + result.skipped
    delivered += result.delivered
  }
  return {
    planned,
    run: records.length,
    accounted,
    delivered,
    expectedDeliveries: planned,
    violations: records.filter(({ outcome }) => outcome !== 'passed'),
    findings: findings.map(({ oracle }) => oracle),
    records,
  }
}

/** The known scenario, but with texts that differ from run to run. */
function unsteadyScenario(): ReturnType<typeof logScenario> {
  const known = logScenario()
  let opened = 0
  return {
    ...known,
    open: (world, parameters) => {
      opened += 1
      for (let index = 0; index < opened; index += 1) world.clock.nowMs()
      return known.open(world, parameters)
    },
  }
}

function diskWith(write: (disk: SimulatedDisk) => void): DiskImage {
  const disk = new SimulatedDisk({ directories: ['/world'] })
  write(disk)
  return disk.checkpoint()
}

function withName(): DiskImage {
  return diskWith(({ fileSystem }) => {
    fileSystem.create('/world/a').close()
    fileSystem.syncDirectory('/world')
  })
}

function withoutName(): DiskImage {
  return diskWith(({ fileSystem }) => {
    fileSystem.create('/world/b').close()
    fileSystem.syncDirectory('/world')
  })
}

function withPending(): DiskImage {
  return diskWith(({ fileSystem }) => {
    const file = fileSystem.create('/world/a')
    file.append(Uint8Array.of(1, 2, 3), 0, 3)
    file.close()
    fileSystem.syncDirectory('/world')
  })
}

function withoutPending(): DiskImage {
  return everythingDurable(withPending())
}

/** The image with everything that is pending made durable. */
function everythingDurable(image: DiskImage): DiskImage {
  const disk = SimulatedDisk.from(image)
  const { fileSystem } = disk
  for (const { path, kind } of listImage(image)) {
    if (kind === 'directory') fileSystem.syncDirectory(path)
    else {
      const file = fileSystem.open(path, 'append')
      file.sync()
      file.close()
    }
  }
  fileSystem.syncDirectory('/')
  return disk.checkpoint()
}

/** What the files hold, whatever their names. */
function contentsOnly(image: DiskImage): string {
  return listImage(image)
    .filter(({ kind }) => kind === 'file')
    .map(({ path }) => String(readImageFile(image, path)))
    .join('|')
}
