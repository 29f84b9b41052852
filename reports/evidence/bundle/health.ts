// reports/evidence/bundle/health.ts: how far each kind of evidence goes: whole, partial with what is wrong, or missing with why.
//
// 1. `whole` needs content that says so. A file that is there and says that something failed is partial.
// 2. Nothing is assumed from absence: what was not given is missing, with the command that makes it.

import { openSites } from '../../fault-coverage/index.ts'
import type { Campaign } from '../../format/index.ts'
import { factsOf, type EvidenceInput } from '../inputs/index.ts'

export const EVIDENCE_PARTS = {
  requirements: { artefact: 3, title: 'requirements' },
  trace: { artefact: 4, title: 'traceability' },
  tests: { artefact: 5, title: 'test results' },
  coverage: { artefact: 6, title: 'structural coverage' },
  mcdc: { artefact: 7, title: 'MC/DC' },
  justifications: { artefact: 8, title: 'reasons for coverage gaps' },
  faults: { artefact: 9, title: 'fault injection' },
  crash: { artefact: 10, title: 'crash consistency' },
  mutation: { artefact: 11, title: 'mutation and sensitivity' },
  qualification: { artefact: 12, title: 'self-check of the harness' },
  anomalies: { artefact: 13, title: 'open anomalies' },
  configuration: { artefact: 14, title: 'configuration index and bill of materials' },
} as const
export type EvidencePart = keyof typeof EVIDENCE_PARTS
export const PARTS = Object.keys(EVIDENCE_PARTS) as readonly EvidencePart[]
export type Health = Readonly<{ state: 'whole' | 'partial' | 'missing'; why: readonly string[] }>
export type HealthTable = Readonly<Record<EvidencePart, Health>>

const missing = (why: string): Health => ({ state: 'missing', why: [why] })
const judged = (why: readonly string[]): Health => ({ state: why.length === 0 ? 'whole' : 'partial', why })
const said = (count: number, what: string): string[] => (count > 0 ? [`${count} ${what}`] : [])
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** Families whose records belong to the chain of crashes; all others are faults. */
export const CRASH_FAMILIES: readonly string[] = ['crash', 'recovery', 'corruption']

const isCrash = (family: string): boolean => CRASH_FAMILIES.includes(family)
const time = (date: string): number => new Date(date).getTime()

export function healthOf(input: EvidenceInput): HealthTable {
  const { files } = input
  const kinds = new Set(files.map(({ content }) => content.kind))
  const answers = input.knownAnswers
  return {
    requirements:
      kinds.has('reqif') || kinds.has('requirements-table') || kinds.has('matrix')
        ? judged([])
        : missing('give requirements.reqif, requirements.csv and needs.json of powercut trace --out'),
    trace: traceHealth(input),
    tests: testHealth(input),
    coverage: kinds.has('coverage')
      ? judged(coverageGaps(input))
      : missing('give LCOV, Cobertura or coverage-final.json of a coverage run'),
    mcdc: mcdcHealth(input),
    justifications: kinds.has('mcdc-justifications')
      ? judged([])
      : missing('give the file of justifications, if there are gaps'),
    faults: faultHealth(input, (family) => !isCrash(family)),
    crash: campaignHealth(input, isCrash, []),
    mutation: mutationHealth(input),
    qualification:
      answers.length === 0
        ? missing('no self-check was made')
        : judged(said(answers.filter(({ passed }) => !passed).length, 'known answers were wrong')),
    anomalies: judged(
      input.campaigns.every(({ campaign }) => campaign.complete)
        ? []
        : ['a campaign is not complete: there may be more anomalies'],
    ),
    configuration: judged([
      ...(input.project.changed === true ? ['files of the working tree differ from the commit'] : []),
      ...input.project.unknown,
      ...input.sboms.unknown,
    ]),
  }
}

/** Why the bundle must not be used; empty if it may. */
export function voidReasons({ knownAnswers }: EvidenceInput): readonly string[] {
  if (knownAnswers.length === 0) return ['no known answer was asked for: the self-check was not made']
  return knownAnswers.filter(({ passed }) => !passed).map(({ id, title, detail }) => `${id} (${title}): ${detail}`)
}

/** Dates that go backward, a sentence each. */
export function clockProblems({ campaigns, producedAt }: EvidenceInput): readonly string[] {
  return campaigns.flatMap(({ campaign: { scenario, startedAt, endedAt } }) => [
    ...(time(endedAt) < time(startedAt)
      ? [`the campaign of ${scenario} ended at ${endedAt}, before it began at ${startedAt}`]
      : []),
    ...(time(endedAt) > time(producedAt)
      ? [`the campaign of ${scenario} ended at ${endedAt}, and the bundle was made at ${producedAt}`]
      : []),
  ])
}

function traceHealth({ files }: EvidenceInput): Health {
  const matrix = factsOf(files, 'matrix')[0]?.content.facts
  if (matrix === undefined) return missing('give rtm.json and rtm.csv of powercut trace --out')
  return judged(said(matrix.findings.length, 'findings of the trace'))
}

function testHealth({ files }: EvidenceInput): Health {
  const tests = factsOf(files, 'tests').map(({ content }) => content.facts)
  if (tests.length === 0) return missing('give JUnit XML of the test runner')
  const silent = tests.flatMap(({ skipped }) => skipped.filter(({ reason }) => reason === ''))
  return judged([
    ...said(sum(tests.map(({ failed }) => failed)), 'tests failed'),
    ...said(silent.length, 'tests were skipped without a reason'),
  ])
}

function mcdcHealth({ files }: EvidenceInput): Health {
  const mcdc = factsOf(files, 'mcdc')[0]?.content.facts
  if (mcdc === undefined) return missing('give mcdc.json of powercut mcdc')
  const { conditions, conditionsCovered, conditionsJustified } = mcdc.totals
  return judged([
    ...(mcdc.complete ? [] : ['the measurement of MC/DC is not complete']),
    ...said(conditions - conditionsCovered - conditionsJustified, 'conditions are neither covered nor justified'),
  ])
}

function faultHealth(input: EvidenceInput, isOfPart: (family: string) => boolean): Health {
  const coverage = factsOf(input.files, 'fault-coverage')[0]?.content.facts
  return campaignHealth(
    input,
    isOfPart,
    coverage === undefined
      ? ['the list of all call sites is missing: give fault-coverage.json of powercut fault-coverage']
      : said(openSites(coverage).length, 'call sites were not failed from everywhere and have no reason'),
  )
}

function mutationHealth({ files }: EvidenceInput): Health {
  const mutation = factsOf(files, 'mutation')[0]?.content.facts
  const selftest = factsOf(files, 'selftest')[0]?.content.facts
  if (mutation === undefined && selftest === undefined)
    return missing('give the output of powercut selftest --json, and a mutation report')
  return judged([
    ...(mutation === undefined
      ? ['no mutation report of the code was given']
      : said(mutation.survivors.filter(({ reason }) => reason === '').length, 'surviving mutants have no reason')),
    ...(selftest === undefined
      ? ['no result of powercut selftest was given: the self-check alone stands for sensitivity']
      : [
          ...said(selftest.mutants.filter(({ verdict }) => verdict !== 'caught').length, 'planted defects not caught'),
          ...said(sum(selftest.clean.map(({ violations }) => violations)), 'false alarms on clean code'),
        ]),
  ])
}

function campaignHealth(
  { campaigns }: EvidenceInput,
  isOfPart: (family: string) => boolean,
  more: readonly string[],
): Health {
  const runs = sum(
    campaigns.flatMap(({ campaign }) =>
      Object.entries(campaign.families).map(([name, { run }]) => (isOfPart(name) ? run : 0)),
    ),
  )
  if (runs === 0) return missing('no campaign here ran a family of this kind')
  return judged([...campaigns.flatMap(({ campaign }) => problemsOf(campaign, isOfPart)), ...more])
}

function problemsOf(
  { scenario, families, violations, failures, complete }: Campaign,
  isOfPart: (family: string) => boolean,
): string[] {
  const open = violations.filter(({ family, expected }) => isOfPart(family) && expected === undefined)
  return [
    ...said(open.length, `violations in ${scenario} that are not known anomalies`),
    ...said(failures.filter(({ family }) => isOfPart(family)).length, `kinds of runs of ${scenario} without a verdict`),
    ...(complete ? [] : [`the campaign of ${scenario} is not complete`]),
    ...Object.entries(families).flatMap(([name, { exhaustive }]) =>
      isOfPart(name) && !exhaustive ? [`not every point of the family ${name} was run in ${scenario}`] : [],
    ),
  ]
}

function coverageGaps({ files }: EvidenceInput): readonly string[] {
  return factsOf(files, 'coverage').flatMap(({ path, content }) =>
    Object.entries(content.facts.counts).flatMap(([name, { covered, all }]) =>
      covered < all ? [`${all - covered} of ${all} ${name} not covered (${path})`] : [],
    ),
  )
}
