// reports/junit/junit-cases.ts: a campaign as JUnit XML, the format that CI servers read.
//
// A suite is a scenario and a fault family; a test case is a phase (or step) in one form: every fault put there. It fails
// if an oracle complained in one of its runs, and is an error if a run ended without a verdict. What was found without a
// fault has a suite of its own, and so has completeness: incomplete is a skipped case, since the exit code says it.
//
// 1. Records come one at a time; memory depends on the number of phases, and on PROBLEMS_MAX problems in each.

import { NO_FAULT_FAMILY, type Campaign, type MinimisedCase, type RunRecord } from '../format/index.ts'
import { expectedSentence, minimisedSentence, plural, replayCommand } from '../text/index.ts'
import { xmlElement, type XmlElement } from './xml.ts'

/** Different problems that a case lists; the others are counted. */
const PROBLEMS_MAX = 20

/** Findings without a fault that have a case of their own. */
const FINDINGS_MAX = 1000

type Problem = {
  kind: 'failure' | 'error'
  fingerprint: string | undefined
  title: string
  token: string
  detail: string
  count: number
}
/** Smallest cases, by fingerprint. */
type Smallest = ReadonlyMap<string, MinimisedCase>
/** What is known of anomalies that are expected, by fingerprint. */
type Known = ReadonlyMap<string, string>
type Case = {
  scenario: string
  family: string
  form: string
  phase: string
  order: number
  runs: number
  durationMs: number
  problems: Map<string, Problem>
  unlisted: number
}

/** Collects records; `xml` gives the document. */
export class JunitCases {
  readonly #cases = new Map<string, Case>()

  add(record: RunRecord): void {
    const { scenario, family, form, phase, order } = record
    const key = JSON.stringify([scenario, family, form, phase])
    const found = this.#cases.get(key) ?? {
      scenario,
      family,
      form,
      phase,
      order,
      runs: 0,
      durationMs: 0,
      problems: new Map<string, Problem>(),
      unlisted: 0,
    }
    this.#cases.set(key, found)
    found.order = Math.min(found.order, order)
    found.runs += 1
    found.durationMs += record.durationMs
    if (record.outcome !== 'passed') addProblem(found, record)
  }

  /** The document, with the properties of `campaign`. */
  xml(campaign: Campaign): string {
    const cases = [...this.#cases.values()].toSorted((a, b) => a.order - b.order)
    const smallest: Smallest = new Map(
      campaign.violations.flatMap(({ fingerprint, minimised }) =>
        minimised === undefined ? [] : [[fingerprint, minimised] as const],
      ),
    )
    const known: Known = new Map(
      [...campaign.violations, ...campaign.failures].flatMap((row) => {
        const text = expectedSentence(row)
        return text === undefined ? [] : [[row.fingerprint, text] as const]
      }),
    )
    const suites = new Map<string, Case[]>()
    for (const entry of cases) {
      const name = `${entry.scenario}.${entry.family}`
      const suite = suites.get(name)
      if (suite === undefined) suites.set(name, [entry])
      else suite.push(entry)
    }
    const elements = [
      campaignSuite(campaign),
      ...[...suites].map(([name, entries]) =>
        suiteElement(
          name,
          entries.map((entry) => caseElement(entry, smallest, known)),
          propertiesOf(campaign),
        ),
      ),
    ]
    const root: XmlElement = {
      name: 'testsuites',
      attributes: { name: `powercut ${campaign.scenario}`, ...sumOf(elements) },
      children: elements,
    }
    return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement(root)}`
  }
}

function addProblem(into: Case, record: RunRecord): void {
  const kind = record.outcome === 'violation' ? 'failure' : 'error'
  const key = `${record.outcome} ${record.fingerprint ?? record.oracle ?? record.message ?? ''}`
  const known = into.problems.get(key)
  if (known !== undefined) known.count += 1
  else if (into.problems.size >= PROBLEMS_MAX) into.unlisted += 1
  else
    into.problems.set(key, {
      kind,
      fingerprint: record.fingerprint,
      title: `${record.oracle ?? record.outcome}: ${record.message ?? 'no message'}`,
      token: record.token,
      detail: [record.fault, record.site].filter((part) => part !== undefined).join(' at '),
      count: 1,
    })
}

function caseElement(entry: Case, smallest: Smallest, known: Known): XmlElement {
  const problems = [...entry.problems.values()]
  const isOpen = ({ fingerprint }: Problem) => fingerprint === undefined || !known.has(fingerprint)
  const open = problems.filter(isOpen)
  const first = open.find(({ kind }) => kind === 'failure') ?? open[0] ?? (entry.unlisted > 0 ? problems[0] : undefined)
  const more = entry.unlisted > 0 ? [`and ${plural(entry.unlisted, 'run')} with other problems`] : []
  return {
    name: 'testcase',
    attributes: {
      name: entry.phase === '' ? '(no phase)' : entry.phase,
      classname: `${entry.scenario}.${entry.family}.${entry.form}`,
      assertions: entry.runs,
      time: seconds(entry.durationMs),
    },
    children:
      first === undefined
        ? knownElements(problems, known)
        : [
            {
              name: first.kind,
              attributes: { message: first.title, type: first.kind === 'failure' ? 'violation' : 'no-verdict' },
              children: [[...problems.map((problem) => problemText(problem, smallest)), ...more].join('\n\n')],
            },
          ],
  }
}

/** A case whose every problem is known and expected is skipped, with the reasons: it fails nothing, and it did not pass. */
function knownElements(problems: readonly Problem[], known: Known): XmlElement[] {
  if (problems.length === 0) return []
  const texts = problems.map(({ title, fingerprint }) => `${title} (${known.get(fingerprint ?? '') ?? ''})`)
  return [{ name: 'skipped', attributes: { message: texts.join('; ') } }]
}

function problemText({ title, token, detail, count, fingerprint }: Problem, smallest: Smallest): string {
  const minimised = fingerprint === undefined ? undefined : smallest.get(fingerprint)
  const least = minimised === undefined ? [] : [minimisedSentence(minimised), replayCommand(minimised.token)]
  return [
    title,
    ...[detail, `in ${plural(count, 'run')}`, ...least, replayCommand(token)].map((line) => `  ${line}`),
  ].join('\n')
}

/** What concerns the campaign as a whole: completeness, and what was found without a fault. */
function campaignSuite(campaign: Campaign): XmlElement {
  const complete: XmlElement = {
    name: 'testcase',
    attributes: { name: 'complete', classname: `powercut.${campaign.scenario}`, time: 0 },
    children: campaign.complete ? [] : [{ name: 'skipped', attributes: { message: campaign.incomplete.join(' ') } }],
  }
  const found = campaign.violations
    .filter(({ family }) => family === NO_FAULT_FAMILY)
    .slice(0, FINDINGS_MAX)
    .map(({ scenario, oracle, message, token, phase, fingerprint, expected }): XmlElement => ({
      name: 'testcase',
      attributes: { name: `${oracle} ${fingerprint}`, classname: `${scenario}.${NO_FAULT_FAMILY}`, time: 0 },
      children: [
        expected === undefined
          ? {
              name: 'failure',
              attributes: { message: `${oracle}: ${message}`, type: 'violation' },
              children: [`${oracle}: ${message}\n  ${phase}\n  ${replayCommand(token)}`],
            }
          : { name: 'skipped', attributes: { message: `${oracle}: ${message} (known: ${expected.reason})` } },
      ],
    }))
  return suiteElement('campaign', [complete, ...found], propertiesOf(campaign))
}

function suiteElement(
  name: string,
  cases: readonly XmlElement[],
  properties: Readonly<Record<string, string>>,
): XmlElement {
  const count = (kind: string): number =>
    cases.filter(({ children = [] }) => children.some((child) => typeof child !== 'string' && child.name === kind))
      .length
  const time = cases.reduce((sum, { attributes }) => sum + Number(attributes['time'] ?? 0), 0)
  return {
    name: 'testsuite',
    attributes: {
      name,
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: time.toFixed(3),
    },
    children: [
      {
        name: 'properties',
        attributes: {},
        children: Object.entries(properties).map(([key, value]) => ({
          name: 'property',
          attributes: { name: key, value },
        })),
      },
      ...cases,
    ],
  }
}

function propertiesOf(campaign: Campaign): Record<string, string> {
  return {
    powercut: campaign.tool.powercut,
    node: campaign.tool.node,
    platform: campaign.tool.platform,
    command: campaign.commandLine,
    seed: String(campaign.seed),
    model: campaign.model,
    sectorBytes: String(campaign.sectorBytes),
    traceHash: campaign.traceHash,
    startedAt: campaign.startedAt,
  }
}

function sumOf(suites: readonly XmlElement[]): Record<string, string | number> {
  const sum = (name: string): number =>
    suites.reduce((total, { attributes }) => total + Number(attributes[name] ?? 0), 0)
  return {
    tests: sum('tests'),
    failures: sum('failures'),
    errors: sum('errors'),
    skipped: sum('skipped'),
    time: sum('time').toFixed(3),
  }
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3)
}
