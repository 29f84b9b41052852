// harness/campaign/merge.ts: one result folder from the shards of a campaign.
//
// 1. The result is that of the same campaign without shards, but for times: it is made by the same totals, from the same
//    records and units. Nothing is run or counted again.
// 2. Shards of different plans, codes or versions are refused, and so are overlapping and missing ones: each by name.
// 3. Records are read twice, one at a time: checked first, and only then is a folder made.
// 4. A shard's smallest cases and evidence are kept for those violations of which it has the first run.

import {
  applyExpectations,
  CampaignTotals,
  checkFolder,
  createResultFolder,
  readCampaign,
  readRecords,
  readShard,
  RecordWriter,
  ReportError,
  resolveResultFolder,
  writeCampaign,
  type Campaign,
  type CampaignInput,
  type ExpectationEntry,
  type ShardFile,
  type Violation,
} from '../../reports/index.ts'

export type Merged = Readonly<{ campaign: Campaign; directory: string }>

type Part = Readonly<{ name: string; directory: string; shard: ShardFile; campaign: Campaign }>

/** Throws ReportError. `out` must not be there, or be empty. */
export function mergeShards(
  folders: readonly string[],
  out: string,
  expectations: readonly ExpectationEntry[] | undefined,
): Merged {
  const parts = folders
    .map((name): Part => {
      const directory = resolveResultFolder(name)
      return { name, directory, shard: readShard(directory), campaign: readCampaign(directory) }
    })
    .toSorted((left, right) => left.shard.index - right.shard.index)
  checkParts(parts)
  const totals = new CampaignTotals()
  for (const part of parts) checkRecords(part)
  const directory = createResultFolder(out, { name: 'campaign' })
  using writer = RecordWriter.create(directory)
  for (const part of parts) {
    for (const record of readRecords(part.directory)) {
      writer.append(record)
      totals.add(record)
    }
    for (const { result } of part.shard.units) if (result !== undefined) totals.addUnit(result)
  }
  writer.close()
  const whole = withCases(totals.result(inputOf(parts)), parts)
  const campaign = expectations === undefined ? whole : applyExpectations(whole, expectations)
  writeCampaign(directory, campaign)
  return { campaign, directory }
}

/** Refuses what is not all of one campaign. */
function checkParts(parts: readonly Part[]): void {
  const [first] = parts
  if (first === undefined) throw new ReportError('shards-missing', '.', 'no shard was named')
  const { count } = first.shard
  for (const { name, shard } of parts) {
    const differs = differenceOf(first.shard, shard)
    if (differs !== undefined) throw new ReportError('shards-differ', name, `${name} and ${first.name} ${differs}`)
  }
  const byIndex = new Map<number, string>()
  for (const { name, shard } of parts) {
    const other = byIndex.get(shard.index)
    if (other !== undefined)
      throw new ReportError('shards-overlap', name, `${other} and ${name} are both shard ${shard.index}/${count}`)
    byIndex.set(shard.index, name)
  }
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !byIndex.has(index))
  if (missing.length > 0) {
    const names = missing.map((index) => `${index}/${count}`).join(', ')
    throw new ReportError('shards-missing', '.', `shard ${names} is missing`)
  }
  checkUnits(parts)
}

/** Every unit has one shard, and nothing else has a result. */
function checkUnits(parts: readonly Part[]): void {
  const owner = new Map<number, string>()
  for (const { name, shard } of parts) {
    for (const { unit, own, result } of shard.units) {
      if (result !== undefined && !own)
        throw new ReportError('damaged', name, `${name} has a result of unit ${unit}, which another shard runs`)
      if (!own) continue
      const other = owner.get(unit)
      if (other !== undefined)
        throw new ReportError('shards-overlap', name, `${other} and ${name} both run unit ${unit}`)
      owner.set(unit, name)
    }
  }
  const lost = parts[0]?.shard.units.find(({ unit }) => !owner.has(unit))
  if (lost !== undefined) throw new ReportError('shards-missing', '.', `no shard runs unit ${lost.unit}`)
}

function versionOf({ input }: ShardFile): string {
  return `powercut ${input.tool.powercut}`
}

function differenceOf(one: ShardFile, other: ShardFile): string | undefined {
  if (versionOf(one) !== versionOf(other)) return `are of different versions: ${versionOf(other)} and ${versionOf(one)}`
  if (one.codeHash !== other.codeHash) return `ran different code: ${other.codeHash} and ${one.codeHash}`
  if (one.count !== other.count) return `are parts of different splits: of ${other.count} and of ${one.count}`
  if (one.plan !== other.plan)
    return `have different plans: '${other.input.commandLine}' and '${one.input.commandLine}', ${other.plan.slice(0, 12)} and ${one.plan.slice(0, 12)}`
  return undefined
}

/** A shard's records must be those that its result counted: what was edited or torn is not made whole by merging. */
function checkRecords({ name, directory, campaign }: Part): void {
  const [problem] = checkFolder(campaign, directory)
  if (problem !== undefined)
    throw new ReportError('inconsistent', name, `${name} cannot be merged: ${problem.replace(/\.$/, '')}`)
}

function inputOf(parts: readonly Part[]): CampaignInput {
  const [first] = parts
  if (first === undefined) throw new TypeError('a merge has shards')
  const inputs = parts.map(({ shard }) => shard.input)
  const { shard: _, ...selection } = first.shard.input.selection
  return {
    ...first.shard.input,
    selection,
    startedAt: inputs.map(({ startedAt }) => startedAt).toSorted()[0] ?? '',
    endedAt:
      inputs
        .map(({ endedAt }) => endedAt)
        .toSorted()
        .at(-1) ?? '',
    // Shards run side by side: the longest is how long it took.
    durationMs: Math.max(...inputs.map(({ durationMs }) => durationMs)),
    workers: inputs.reduce((sum, { workers }) => sum + workers, 0),
    scenarios: first.shard.input.scenarios.map((scenario, at) => ({
      ...scenario,
      findings: uniqueFindings(inputs.flatMap(({ scenarios }) => scenarios[at]?.findings ?? [])),
    })),
    incomplete: parts.flatMap(({ shard }) =>
      shard.input.incomplete.map((reason) => `Shard ${shard.index}/${shard.count}: ${reason}`),
    ),
  }
}

type Findings = CampaignInput['scenarios'][number]['findings']

/** Every shard finds what the counting runs show. */
function uniqueFindings(findings: Findings): Findings {
  const byText = new Map(findings.map((finding) => [JSON.stringify(finding), finding]))
  return [...byText.values()]
}

function withCases(campaign: Campaign, parts: readonly Part[]): Campaign {
  const known = new Map<string, Violation>()
  for (const { campaign: own } of parts) {
    for (const row of own.violations) {
      const key = `${row.fingerprint} ${row.token}`
      if (!known.has(key)) known.set(key, row)
    }
  }
  const violations = campaign.violations.map((row) => {
    const { minimised, evidence } = known.get(`${row.fingerprint} ${row.token}`) ?? {}
    return {
      ...row,
      ...(minimised === undefined ? {} : { minimised }),
      ...(evidence === undefined ? {} : { evidence }),
    }
  })
  return { ...campaign, violations }
}
