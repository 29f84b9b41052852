// reports/fault-coverage/gather.ts: puts together which calls the sources have, which of them counting runs made, and what
// became of each fault there.
//
// Memory grows with call sites, contexts and fault points, not with runs.

import type { CoverageCount, CoveredSite, FaultCell, FaultCoverage, RunRecord, SiteContext } from '../format/index.ts'
import { FAULT_COVERAGE_VERSION } from '../format/index.ts'

/** A call in the sources. */
export type ListedSite = Pick<CoveredSite, 'id' | 'family' | 'call' | 'path' | 'line' | 'column'>

/** A fault point of a counting run. */
export type MetPoint = Readonly<{
  family: string
  form: string
  identity: number
  /** Tag of an allocation, kind of a file-system call. */
  kind: string
  /** Where the call stands; undefined if nobody can tell. `column` is absent where the sources were transpiled in memory. */
  place: Readonly<{ path: string; line: number; column?: number | undefined }> | undefined
  /** `function (path:line)`, innermost first. */
  callers: readonly string[]
}>

/** Why a call is not reached, or is reached and not failed. Bound to the call by its id. */
export type Reason = Readonly<{ id: string; reason: string }>

type Context = { callers: readonly string[]; scenarios: Set<string>; ordinals: number; failed: Set<string> }
type Row = { site: ListedSite; contexts: Map<string, Context>; cells: Map<string, FaultCell> }
type Met = Readonly<{ row: Row; context: Context }>

export class FaultCoverageGatherer {
  readonly #rows: readonly Row[]
  readonly #byPlace = new Map<string, Row>()
  readonly #byLine = new Map<string, Row[]>()
  readonly #met = new Map<string, Met>()
  readonly #unlisted = new Map<string, FaultCoverage['unlisted'][number]>()
  readonly #campaigns: { scenario: string; seed: number; runs: number }[] = []
  readonly #inSources: (path: string) => boolean

  /** `inSources`: whether a file is one of those that the sites were looked for in. */
  constructor(sites: readonly ListedSite[], inSources: (path: string) => boolean) {
    this.#inSources = inSources
    this.#rows = sites.map((site) => ({ site, contexts: new Map(), cells: new Map() }))
    for (const row of this.#rows) {
      const { path, line, column } = row.site
      this.#byPlace.set(`${path}:${line}:${column}`, row)
      const lineKey = `${path}:${line}`
      const there = this.#byLine.get(lineKey)
      if (there === undefined) this.#byLine.set(lineKey, [row])
      else there.push(row)
    }
  }

  /** The points of one scenario's counting runs, and the records of its runs. Gives the number of records that were used. */
  add(scenario: string, seed: number, points: Iterable<MetPoint>, records: Iterable<RunRecord>): number {
    for (const point of points) this.#addPoint(scenario, point)
    let runs = 0
    for (const record of records) if (this.#addRecord(scenario, record)) runs += 1
    this.#campaigns.push({ scenario, seed, runs })
    return runs
  }

  #addPoint(scenario: string, { family, form, identity, kind, place, callers }: MetPoint): void {
    const row = place === undefined ? undefined : this.#rowAt(place, kind)
    if (row === undefined) {
      const at = place === undefined ? 'unknown' : `${place.path}:${place.line}`
      if (place === undefined || this.#inSources(place.path))
        this.#unlisted.set(`${family} ${at}`, { family, kind, place: at })
      return
    }
    const key = callers.join('\n')
    let context = row.contexts.get(key)
    if (context === undefined) {
      context = { callers, scenarios: new Set(), ordinals: 0, failed: new Set() }
      row.contexts.set(key, context)
    }
    context.scenarios.add(scenario)
    const pointKey = keyOf(scenario, family, form, identity)
    if (this.#met.has(pointKey)) return
    context.ordinals += 1
    this.#met.set(pointKey, { row, context })
  }

  #rowAt({ path, line, column }: NonNullable<MetPoint['place']>, kind: string): Row | undefined {
    const exact = this.#byPlace.get(`${path}:${line}:${column ?? 0}`)
    if (exact !== undefined) return exact
    const there = this.#byLine.get(`${path}:${line}`) ?? []
    return there.length === 1 ? there[0] : there.find(({ site }) => site.call === kind)
  }

  #addRecord(scenario: string, record: RunRecord): boolean {
    const { family, form, identity, mode, outcome, oracle, retry, delivered } = record
    if (identity === undefined) return false
    const key = keyOf(scenario, family, form, identity)
    const met = this.#met.get(key)
    if (met === undefined || delivered === 0) return false
    met.context.failed.add(key)
    const fault = faultName(record)
    const became = outcome === 'passed' ? (retry ?? 'passed') : oracle === undefined ? outcome : `${outcome}: ${oracle}`
    const cellKey = `${fault}\n${mode}\n${became}`
    const cell = met.row.cells.get(cellKey)
    met.row.cells.set(cellKey, { fault, followUp: mode, outcome: became, runs: (cell?.runs ?? 0) + 1 })
    return true
  }

  result(sources: readonly string[], reasons: readonly Reason[] = []): FaultCoverage {
    const byId = new Map(reasons.map(({ id, reason }) => [id, reason]))
    const used = new Set<string>()
    const sites = this.#rows.map((row): CoveredSite => {
      const contexts = [...row.contexts.values()].map(contextOf)
      const failed = sum(contexts, (context) => context.failed)
      const reason = byId.get(row.site.id)
      const isOpen = failed === 0 || contexts.some((context) => context.failed === 0)
      if (reason !== undefined && isOpen) used.add(row.site.id)
      return {
        ...row.site,
        ordinals: sum(contexts, ({ ordinals }) => ordinals),
        failed,
        contexts,
        cells: [...row.cells.values()].toSorted((left, right) => compare(nameOf(left), nameOf(right))),
        ...(reason !== undefined && isOpen ? { reason } : {}),
      }
    })
    const families = [...new Set(sites.map(({ family }) => family))]
    return {
      formatVersion: FAULT_COVERAGE_VERSION,
      sources: [...sources],
      campaigns: this.#campaigns,
      totals: countOf(sites),
      families: Object.fromEntries(
        families.map((family) => [family, countOf(sites.filter((site) => site.family === family))]),
      ),
      sites,
      unlisted: [...this.#unlisted.values()],
      unused: reasons.filter(({ id }) => !used.has(id)).map(({ id }) => id),
    }
  }
}

/** Sites that are neither failed in every context nor explained. */
export function openSites({ sites }: FaultCoverage): readonly CoveredSite[] {
  return sites.filter(
    ({ reason, contexts }) =>
      reason === undefined && (contexts.length === 0 || contexts.some(({ failed }) => failed === 0)),
  )
}

function keyOf(scenario: string, family: string, form: string, identity: number): string {
  return `${scenario} ${family} ${form} ${identity}`
}

/** The fault without what is of one point alone: sizes, and that it lasts, which is the follow-up. */
function faultName({ family, fault }: RunRecord): string {
  if (family === 'allocation') return 'allocation refused'
  return fault
    .replace(/, and all later (?:calls|ones)$/, '')
    .replace(/'[^']*'/g, '…')
    .replace(/of only \d+ bytes?/, 'of fewer bytes')
    .replace(/\d[\d,]*/g, 'n')
}

function contextOf({ callers, scenarios, ordinals, failed }: Context): SiteContext {
  return { callers: [...callers], scenarios: [...scenarios], ordinals, failed: failed.size }
}

function countOf(sites: readonly CoveredSite[]): CoverageCount {
  const contexts = sites.flatMap((site) => site.contexts)
  return {
    sites: sites.length,
    reached: sites.filter((site) => site.contexts.length > 0).length,
    failed: sites.filter(({ failed }) => failed > 0).length,
    justified: sites.filter(({ reason }) => reason !== undefined).length,
    contexts: contexts.length,
    contextsFailed: contexts.filter(({ failed }) => failed > 0).length,
    ordinals: sum(contexts, ({ ordinals }) => ordinals),
    ordinalsFailed: sum(contexts, ({ failed }) => failed),
  }
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

function nameOf({ fault, followUp, outcome }: FaultCell): string {
  return `${fault} ${followUp} ${outcome}`
}

function compare(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
