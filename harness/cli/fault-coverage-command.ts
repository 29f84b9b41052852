// harness/cli/fault-coverage-command.ts: `powercut fault-coverage`, which calls of the code under test were made to fail.
//
// The calls come from the sources, the contexts from counting runs made again with their stacks, what became of each fault
// from the records of the campaigns.

import {
  FaultCoverageGatherer,
  faultCoverageText,
  openSites,
  readCampaign,
  readRecords,
  resolveResultFolder,
  writeFaultCoverage,
  type MetPoint,
  type RunRecord,
} from '../../reports/index.ts'
import { findCallSites, readReasons, watchedCalls } from '../call-sites/index.ts'
import { bindPlan, EXIT, RUN_LIMIT_MS, UsageError, type CampaignHost, type Crew } from '../campaign/index.ts'
import { loadParser, readSources, readTextFile } from '../host/index.ts'
import type { CampaignRequest, Form, PointProfile } from '../plan/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { printJson } from './terminal.ts'

export type FaultCoverageFlags = Readonly<{
  sources?: string[]
  exclude?: string[]
  calls?: string[]
  reasons?: string
  out?: string
  gate?: boolean
  json?: boolean
}>

const FAMILIES = ['allocation', 'io'] as const
/** Frames of a context that are kept. */
const CALLERS_MAX = 24

/** Exits 1 with `--gate` if a call was not failed from everywhere it is made, and has no written reason. */
export async function faultCoverageCommand(
  folders: readonly string[],
  flags: FaultCoverageFlags,
  { terminal, host }: CommandContext,
): CommandResult {
  const places = words(flags.sources)
  if (places.length === 0) throw new UsageError('--sources is missing: name the folders of the code under test.')
  const excluded = words(flags.exclude)
  const files = readSources(places, excluded)
  const sites = findCallSites(
    await loadParser(),
    files,
    watchedCalls(flags.calls === undefined ? ['ports'] : words(flags.calls)),
  )
  if (sites.length === 0)
    throw new UsageError(`No call in ${places.join(', ')} can be failed: there is nothing that could be covered.`)
  const paths = new Set(files.map(({ path }) => path))
  const gatherer = new FaultCoverageGatherer(sites, (path) => paths.has(path))
  let runs = 0
  for (const folder of folders) {
    const directory = resolveResultFolder(folder)
    const { seed, selection } = readCampaign(directory)
    await using crew = host.makeCrew({ workers: 1, mutant: selection.mutant, runLimitMs: RUN_LIMIT_MS })
    for (const [scenario, records] of firstRecords(directory)) {
      if (flags.json !== true) terminal.error(`${scenario}: counting again\n`)
      const profile = await profileOf(crew, records)
      runs += gatherer.add(scenario, seed, pointsIn(profile, host, paths), recordsOf(directory, scenario))
    }
  }
  if (runs === 0)
    throw new UsageError('No record is of a failed allocation or a failed call: there is nothing to tell.')
  const reasons = flags.reasons === undefined ? [] : readReasons(readTextFile(flags.reasons), flags.reasons)
  const coverage = gatherer.result([...places, ...excluded.map((place) => `without ${place}`)], reasons)
  const written = flags.out === undefined ? [] : writeFaultCoverage(flags.out, coverage)
  if (flags.json === true) printJson(terminal, coverage)
  else terminal.out(faultCoverageText(coverage) + written.map((path) => `${path}\n`).join(''))
  const isOpen = openSites(coverage).length + coverage.unlisted.length + coverage.unused.length > 0
  return flags.gate === true && isOpen ? EXIT.violations : EXIT.passed
}

/** What was given once or more, each a list. */
function words(given: readonly string[] = []): readonly string[] {
  return given.flatMap((text) => text.split(',')).filter((word) => word !== '')
}

/** By scenario, the first record of each form of each family. */
function firstRecords(directory: string): ReadonlyMap<string, readonly RunRecord[]> {
  const found = new Map<string, Map<string, RunRecord>>()
  for (const record of readRecords(directory)) {
    const { scenario, family, form } = record
    if (!FAMILIES.some((name) => name === family)) continue
    let forms = found.get(scenario)
    if (forms === undefined) found.set(scenario, (forms = new Map()))
    if (!forms.has(`${family} ${form}`)) forms.set(`${family} ${form}`, record)
  }
  return new Map([...found].map(([scenario, forms]) => [scenario, [...forms.values()]]))
}

async function profileOf(crew: Crew, records: readonly RunRecord[]): Promise<PointProfile> {
  const [first] = records
  if (first === undefined) return { stacks: [], points: [] }
  const { subject } = await bindPlan(crew, first.token)
  const forms = [...new Set(records.map(({ form }) => form as Form))]
  const request: CampaignRequest = {
    subject,
    families: FAMILIES.filter((family) => records.some((record) => record.family === family)),
    modes: ['once'],
    forms,
    statesPerIntervalMax: 1,
  }
  const end = await crew.profile(request)
  if (end.kind === 'done') return end.result
  const reason = end.kind === 'died' ? end.message : `it did not end within ${end.limitMs / 1000} s`
  throw new UsageError(`'${first.scenario}' could not be counted again: ${reason}`)
}

/** A call that goes through a file system of the scenario's own is that of the first frame in the sources. */
function* pointsIn(
  { stacks, points }: PointProfile,
  host: CampaignHost,
  sources: ReadonlySet<string>,
): Generator<MetPoint, void> {
  const places = stacks.map((stack) => host.sourcePositions(stack).slice(0, CALLERS_MAX))
  for (const { family, form, identity, kind, stack } of points) {
    const frames = places[stack] ?? []
    const first = frames.find(({ file }) => sources.has(file)) ?? frames[0]
    yield {
      family,
      form,
      identity,
      kind,
      place: first === undefined ? undefined : { path: first.file, line: first.line, column: first.column },
      callers: frames.map(({ function: name, file, line }) => `${name} (${file}:${line})`),
    }
  }
}

function* recordsOf(directory: string, scenario: string): Generator<RunRecord, void> {
  for (const record of readRecords(directory)) if (record.scenario === scenario) yield record
}
