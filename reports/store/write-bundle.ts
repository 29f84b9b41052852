// reports/store/write-bundle.ts: an evidence bundle, written whole or not at all.
//
// 1. It is made beside its place and put there in one step; what was there before is a bundle, or is left alone.
// 2. Of the same input the same bytes, but for the files that tell a time or a host: sci.json, provenance.json.
// 3. Durations of runs are left out of the chains: they differ between runs that are otherwise the same.
// 4. A bundle whose self-check failed is written too, and is void: that is a result.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  CRASH_FAMILIES,
  ChainWriter,
  EVIDENCE_PARTS,
  MANIFEST_FILE,
  PARTS,
  PROFILES,
  PROVENANCE_FILE,
  anomaliesCsv,
  anomaliesSarif,
  configurationIndex,
  documentHtml,
  documentPdf,
  evidenceDocument,
  factsOf,
  healthOf,
  judgeProfile,
  knownAnswersXml,
  makeManifest,
  manifestText,
  profileHtml,
  protocolMutants,
  provenance,
  sitesCsv,
  soupSheet,
  toolRequirements,
  toolTable,
  voidReasons,
  type EvidenceInput,
  type InputFile,
  type InputKind,
  type Manifest,
  type ManifestFile,
} from '../evidence/index.ts'
import { faultCoverageCsv } from '../fault-coverage/index.ts'
import { JunitCases } from '../junit/index.ts'
import { mcdcLcov } from '../mcdc/index.ts'
import { ReportError } from '../report-error.ts'
import { fileDigest } from './bundle-folder.ts'
import { CAMPAIGN_FILE } from './campaign-file.ts'
import { LineAppender, io } from './line-file.ts'
import { readOrderedRecords } from './ordered-records.ts'
import { readRecords } from './records.ts'

const OURS = 'powercut'

/** Where a given file stands in the bundle, and as which artefact. `coverage` and `tests` may be several. */
const PLACES: Readonly<Record<InputKind, Readonly<{ path: string; artefact: number }>>> = {
  tests: { path: 'junit/', artefact: 5 },
  coverage: { path: 'coverage/', artefact: 6 },
  mcdc: { path: 'mcdc.json', artefact: 7 },
  'mcdc-justifications': { path: 'coverage-justifications.json', artefact: 8 },
  'fault-coverage': { path: 'fault-coverage.json', artefact: 9 },
  matrix: { path: 'rtm.json', artefact: 4 },
  'matrix-table': { path: 'rtm.csv', artefact: 4 },
  'requirements-table': { path: 'requirements.csv', artefact: 3 },
  reqif: { path: 'requirements.reqif', artefact: 3 },
  needs: { path: 'needs.json', artefact: 3 },
  mutation: { path: 'mutants.json', artefact: 11 },
  selftest: { path: 'selftest.json', artefact: 11 },
  findings: { path: 'findings/', artefact: 13 },
  cyclonedx: { path: 'sbom.cdx.json', artefact: 14 },
  spdx: { path: 'sbom.spdx.json', artefact: 14 },
}

/** Writes the bundle to `directory` and gives its manifest. Throws ReportError 'folder-exists', 'damaged' or 'io'. */
export async function writeBundle(directory: string, input: EvidenceInput): Promise<Manifest> {
  if (existsSync(directory) && !existsSync(join(directory, MANIFEST_FILE)) && readdirSync(directory).length > 0)
    throw new ReportError('folder-exists', directory, `${directory} exists, is not empty and is no bundle`)
  const beside = join(dirname(directory), `.${basename(directory)}-${process.pid}.tmp`)
  rmSync(beside, { recursive: true, force: true })
  io(beside, 'made', () => mkdirSync(beside, { recursive: true }))
  try {
    const manifest = await fill(beside, input)
    io(directory, 'replaced', () => {
      rmSync(directory, { recursive: true, force: true })
      renameSync(beside, directory)
    })
    return manifest
  } catch (error) {
    rmSync(beside, { recursive: true, force: true })
    throw error
  }
}

async function fill(directory: string, input: EvidenceInput): Promise<Manifest> {
  const files: ManifestFile[] = []
  const put = (
    artefact: number,
    path: string,
    content: string | Uint8Array,
    producer = OURS,
    reproducible = true,
  ): void => {
    const full = join(directory, path)
    io(full, 'written', () => {
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, content, { flag: 'wx' })
    })
    files.push({ path, ...fileDigest(full), artefact, producer, reproducible })
  }
  const taken = new Map<string, number>()
  for (const file of input.files) {
    const { artefact, path } = PLACES[file.content.kind]
    put(artefact, path.endsWith('/') ? `${path}${uniqueName(file, taken)}` : path, file.text, file.path)
  }
  const has = (path: string): boolean => files.some((file) => file.path === path)

  input.campaigns.forEach(({ directory: folder, campaign }, at) => {
    const name = `${at + 1}-${safeName(campaign.scenario)}`
    const junit = new JunitCases()
    for (const record of readRecords(folder)) junit.add(record)
    put(5, `junit/campaign-${name}.xml`, junit.xml(campaign))
    put(5, `campaigns/${name}/${CAMPAIGN_FILE}`, `${JSON.stringify(campaign, undefined, 2)}\n`)
  })
  for (const [artefact, kind] of [
    [9, 'faults'],
    [10, 'crash'],
  ] as const) {
    const chain = writeChain(directory, kind, input)
    files.push({
      path: `${kind}.jsonl`,
      ...fileDigest(join(directory, `${kind}.jsonl`)),
      artefact,
      producer: OURS,
      reproducible: true,
      chain,
    })
  }
  const faults = factsOf(input.files, 'fault-coverage')[0]?.content.facts
  put(9, 'fault-coverage.csv', faults === undefined ? sitesCsv(input) : faultCoverageCsv(faults))
  const mcdc = factsOf(input.files, 'mcdc')[0]?.content.facts
  if (mcdc !== undefined) put(7, 'mcdc.info', mcdcLcov(mcdc))
  put(11, 'protocol-mutants.json', protocolMutants(input))
  put(12, 'tool-qualification/requirements.md', toolRequirements(input))
  put(12, 'tool-qualification/known-answers.xml', knownAnswersXml(input))
  put(12, 'tool-qualification/tools.md', toolTable(input), OURS, false)
  put(13, 'anomalies.sarif', anomaliesSarif(input))
  put(13, 'anomalies.csv', anomaliesCsv(input))
  const { cyclonedx, spdx } = input.sboms
  if (cyclonedx !== undefined && !has('sbom.cdx.json')) put(14, 'sbom.cdx.json', cyclonedx, 'npm sbom')
  if (spdx !== undefined && !has('sbom.spdx.json')) put(14, 'sbom.spdx.json', spdx, 'npm sbom')
  put(15, 'soup.md', soupSheet(input))
  const health = healthOf(input)
  const reasons = voidReasons(input)
  for (const profile of PROFILES)
    put(
      16,
      `profiles/${profile.id}.html`,
      profileHtml(profile, judgeProfile(profile, health, reasons.length > 0), reasons),
    )

  const reproducible = files.filter((file) => file.reproducible).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const document = evidenceDocument(input, reproducible)
  put(1, 'evidence.html', documentHtml(document))
  put(1, 'evidence.pdf', await documentPdf(document))
  put(14, 'sci.json', configurationIndex(input), OURS, false)
  put(17, PROVENANCE_FILE, provenance(input, files), OURS, false)

  const dates = input.campaigns.flatMap(({ campaign }) => [campaign.startedAt, campaign.endedAt])
  const { name, version, commit } = input.project
  const manifest = makeManifest({
    subject: { name, version, ...(commit === undefined ? {} : { commit }) },
    void: [...reasons],
    independence: input.independence,
    dates: {
      earliest: input.campaigns.map(({ campaign }) => campaign.startedAt).toSorted()[0] ?? dates[0] ?? input.producedAt,
      latest:
        input.campaigns
          .map(({ campaign }) => campaign.endedAt)
          .toSorted()
          .at(-1) ?? input.producedAt,
    },
    missing: PARTS.flatMap((part) =>
      health[part].state === 'missing'
        ? [
            {
              artefact: EVIDENCE_PARTS[part].artefact,
              what: EVIDENCE_PARTS[part].title,
              why: health[part].why.join('; '),
            },
          ]
        : [],
    ),
    files,
  })
  io(directory, 'written', () => writeFileSync(join(directory, MANIFEST_FILE), manifestText(manifest)))
  return manifest
}

function writeChain(
  directory: string,
  kind: 'faults' | 'crash',
  input: EvidenceInput,
): NonNullable<ManifestFile['chain']> {
  using lines = new LineAppender(join(directory, `${kind}.jsonl`), { sizeBytes: 0 })
  const chain = new ChainWriter(kind, (line) => lines.append(line))
  input.campaigns.forEach(({ directory: folder, campaign: { scenario } }, at) => {
    for (const { durationMs: _durationMs, ...record } of readOrderedRecords(folder))
      if (CRASH_FAMILIES.includes(record.family) === (kind === 'crash'))
        chain.next({ campaign: at + 1, of: scenario, ...record })
  })
  const end = chain.end()
  lines.close()
  return { kind, ...end }
}

/** The file's own name, with its number before it where the name was taken. */
function uniqueName({ path }: InputFile, taken: Map<string, number>): string {
  const name = safeName(path.split('/').at(-1) ?? path)
  const count = (taken.get(name) ?? 0) + 1
  taken.set(name, count)
  return count === 1 ? name : `${count}-${name}`
}

function safeName(text: string): string {
  const safe = text.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[.-]+|-+$/g, '')
  return safe === '' ? 'unnamed' : safe.slice(0, 80)
}
