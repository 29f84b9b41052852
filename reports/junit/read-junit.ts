// reports/junit/read-junit.ts: test results from JUnit XML, as vitest, pytest, Maven, GoogleTest and others write it.
//
// 1. A case is passed, failed (`failure` or `error`) or skipped, and nothing else.
// 2. A suite that says another number of cases than it holds is damaged: a file that lost some must not pass for whole.
// 3. Properties of a case, and of the suites around it, are kept by name; a value may stand in the attribute or as text.

import { ReportError } from '../report-error.ts'
import { XmlError, elementsOf, parseXml, textOf, type XmlNode } from './xml-reader.ts'

export const TEST_OUTCOMES = ['passed', 'failed', 'skipped'] as const
export type TestOutcome = (typeof TEST_OUTCOMES)[number]

export type Property = Readonly<{ name: string; value: string }>

/** One case. `line` is its place in the file of results. */
export type TestCase = Readonly<{
  /** The class, module or file that it belongs to, as the runner says it. */
  group: string
  name: string
  outcome: TestOutcome
  /** Of a failure its message, of a skipped case the reason; '' if there is none. */
  message: string
  properties: readonly Property[]
  line: number
}>

export type JunitResults = Readonly<{
  cases: readonly TestCase[]
  /** The latest time that a suite names, as it stands there; undefined if none does. */
  timestamp: string | undefined
}>

const NOT_RUN: readonly string[] = ['notrun', 'disabled', 'skipped', 'ignored']

/** Reads one file. Throws ReportError 'damaged' with path and line. */
export function readJunit(path: string, text: string): JunitResults {
  const root = rootOf(path, text)
  if (root.name !== 'testsuites' && root.name !== 'testsuite')
    throw new ReportError('damaged', path, `${path}:${root.line} is no JUnit XML: it begins with <${root.name}>`, {
      line: root.line,
    })
  const cases: TestCase[] = []
  const timestamps: string[] = []
  collect(path, root, { name: '', properties: [] }, cases, timestamps)
  return { cases, timestamp: timestamps.toSorted().at(-1) }
}

function rootOf(path: string, text: string): XmlNode {
  try {
    return parseXml(text)
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    const { line, message } = error
    throw new ReportError('damaged', path, `${path}:${line} ${message}`, { line, cause: error })
  }
}

type Around = Readonly<{ name: string; properties: readonly Property[] }>

function collect(path: string, node: XmlNode, around: Around, cases: TestCase[], timestamps: string[]): void {
  const before = cases.length
  const { attributes, line } = node
  const timestamp = attributes.get('timestamp')
  if (timestamp !== undefined) timestamps.push(timestamp)
  const inside: Around = {
    name: attributes.get('name') ?? around.name,
    properties: [...around.properties, ...propertiesOf(node)],
  }
  for (const child of node.children) {
    if (typeof child === 'string') continue
    if (child.name === 'testsuite') collect(path, child, inside, cases, timestamps)
    else if (child.name === 'testcase') cases.push(caseOf(child, inside))
  }
  const told = attributes.get('tests')
  const found = cases.length - before
  if (told !== undefined && Number(told) !== found)
    throw new ReportError('damaged', path, `${path}:${line} says that it holds ${told} tests and holds ${found}`, {
      line,
    })
}

function caseOf(node: XmlNode, around: Around): TestCase {
  const problem = [...elementsOf(node, 'failure'), ...elementsOf(node, 'error')][0]
  const skipped = elementsOf(node, 'skipped')[0]
  const isNotRun = NOT_RUN.includes((node.attributes.get('status') ?? '').toLowerCase())
  const outcome = problem !== undefined ? 'failed' : skipped !== undefined || isNotRun ? 'skipped' : 'passed'
  const told = problem ?? skipped
  return {
    group: node.attributes.get('classname') ?? around.name,
    name: node.attributes.get('name') ?? '',
    outcome,
    message: told === undefined ? '' : (told.attributes.get('message') ?? textOf(told)).trim(),
    properties: [...around.properties, ...propertiesOf(node)],
    line: node.line,
  }
}

function propertiesOf(node: XmlNode): Property[] {
  return elementsOf(node, 'properties')
    .flatMap((list) => elementsOf(list, 'property'))
    .map((property) => ({
      name: property.attributes.get('name') ?? '',
      value: (property.attributes.get('value') ?? textOf(property)).trim(),
    }))
}
