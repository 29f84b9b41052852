// reports/evidence/bundle/generated.ts: the files of a bundle that follow from campaigns and self-check: anomalies, call sites,
// planted defects, configuration, provenance.

import { xmlElement } from '../../junit/index.ts'
import { csvText } from '../../requirements/index.ts'
import { sarifLog } from '../../sarif/index.ts'
import { factsOf, type EvidenceInput, type PlantedRow } from '../inputs/index.ts'
import { STATEMENT_TYPE } from '../integrity/index.ts'

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

const ANOMALY_COLUMNS =
  'fingerprint,state,scenario,version,oracle,trigger,effect,runs,token,reason,owner,work-around,safety relevance'
const SITE_COLUMNS =
  'scenario,model,family,site,points,runs,delivered,passed,violation,not-reached,scenario-failure,harness-failure'

export function anomaliesSarif({ campaigns }: EvidenceInput): string {
  const logs = campaigns.map(({ campaign }) => sarifLog(campaign))
  return json({ ...logs[0], runs: logs.flatMap(({ runs }) => runs) })
}

/** Safety relevance and work-around are left blank: they are the integrator's. */
export function anomaliesCsv({ campaigns, project }: EvidenceInput): string {
  const rows = campaigns.flatMap(({ campaign }) => [
    ...campaign.violations.map((one) => {
      const state = one.expected === undefined ? 'open' : 'open, known'
      const head = [one.fingerprint, state, one.scenario, project.version, one.oracle, `${one.family}: ${one.fault}`]
      return [...head, one.message, one.count, one.token, one.expected?.reason, one.expected?.owner, '', '']
    }),
    ...(campaign.expectations ?? [])
      .filter(({ state }) => state === 'not-found')
      .map(({ fingerprint, scenario, reason, owner }) => {
        const head = [fingerprint, 'not found any more', scenario, project.version, '', '']
        return [...head, '', 0, '', reason, owner, '', '']
      }),
  ])
  return csvText([ANOMALY_COLUMNS.split(','), ...rows])
}

/** What campaigns failed, by call site. Its denominator is what was reached, not what there is. */
export function sitesCsv({ campaigns }: EvidenceInput): string {
  const rows = campaigns.flatMap(({ campaign }) =>
    campaign.scenarios.flatMap(({ name, model = campaign.model, callSites }) =>
      callSites.map(({ family, site, points, run, delivered, outcomes }) => {
        const ended = [outcomes.passed, outcomes.violation, outcomes['not-reached']]
        const without = [outcomes['scenario-failure'], outcomes['harness-failure']]
        return [name, model, family, site, points, run, delivered, ...ended, ...without]
      }),
    ),
  )
  return csvText([SITE_COLUMNS.split(','), ...rows])
}

/** Every planted defect of the self-check and of a selftest that was given; the latter where both have one. */
export function plantedRows(input: EvidenceInput): readonly PlantedRow[] {
  const given = factsOf(input.files, 'selftest').flatMap(({ content }) => content.facts.mutants)
  const rows = new Map([...input.planted, ...given].map((row) => [row.id, row]))
  return [...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

const MUTANT_STATUS: Readonly<Record<string, string>> = {
  caught: 'Killed',
  'not-seen': 'Survived',
  'not-applicable': 'Ignored',
}

/** Planted defects in the mutation-testing schema, for viewers of it. They stand in no file: all are at line 1 of none. */
export function protocolMutants(input: EvidenceInput): string {
  const place = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } }
  const mutants = plantedRows(input).map(({ id, kind, summary, verdict, oracle, scenario }) => ({
    id,
    mutatorName: kind,
    description: `${summary} (${scenario})`,
    location: place,
    status: MUTANT_STATUS[verdict] ?? 'NoCoverage',
    ...(oracle === undefined ? {} : { killedBy: [oracle] }),
  }))
  const files = { 'planted-defects': { language: 'text', source: '\n', mutants } }
  return json({ schemaVersion: '2', thresholds: { high: 100, low: 100 }, files })
}

/** The known answers as JUnit XML, each with the requirement on the tool that it shows. */
export function knownAnswersXml({ knownAnswers }: EvidenceInput): string {
  const failures = knownAnswers.filter(({ passed }) => !passed).length
  const cases = knownAnswers.map(({ id, requirement, title, passed, detail }) => {
    const property = { name: 'property', attributes: { name: 'requirement', value: requirement } }
    return {
      name: 'testcase',
      attributes: { name: `${id} ${title}`, classname: 'self-check' },
      children: [
        { name: 'properties', attributes: {}, children: [property] },
        ...(passed ? [] : [{ name: 'failure', attributes: { message: detail } }]),
      ],
    }
  })
  const attributes = { name: 'self-check', tests: knownAnswers.length, failures }
  const suite = { name: 'testsuite', attributes, children: cases }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement({ name: 'testsuites', attributes, children: [suite] })}`
}

/** What exactly was tested, and with what. Tells the host, so it is not reproducible elsewhere. */
export function configurationIndex({ project, host, powercut, campaigns }: EvidenceInput): string {
  return json({
    subject: project,
    tool: { name: 'powercut', version: powercut },
    bundleHost: host,
    campaigns: campaigns.map(({ campaign }) => {
      const { scenario, tool, seed, model, sectorBytes, traceHash, commandLine } = campaign
      return { scenario, tool, seed, model, sectorBytes, traceHash, commandLine }
    }),
  })
}

/** An in-toto statement with SLSA provenance. Tells when and where the bundle was made. */
export function provenance(input: EvidenceInput, files: readonly Readonly<{ path: string; sha256: string }>[]): string {
  const { project, host, powercut, campaigns, startedAt, producedAt } = input
  const commit = project.commit === undefined ? [] : [{ name: project.name, digest: { gitCommit: project.commit } }]
  const lock =
    project.lockFileSha256 === undefined
      ? []
      : [{ name: 'package-lock.json', digest: { sha256: project.lockFileSha256 } }]
  return json({
    _type: STATEMENT_TYPE,
    subject: files.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:powercut:evidence-bundle:v1',
        externalParameters: {
          campaigns: campaigns.map(({ campaign }) => campaign.commandLine),
          inputs: input.files.map(({ path }) => path),
          independence: input.independence,
        },
        internalParameters: { host },
        resolvedDependencies: [...commit, ...lock],
      },
      runDetails: {
        builder: { id: 'urn:powercut:cli', version: { powercut, node: host.node } },
        metadata: { startedOn: startedAt, finishedOn: producedAt },
      },
    },
  })
}
