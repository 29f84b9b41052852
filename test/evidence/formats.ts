// test/evidence/formats.ts: what a result folder holds for other tools, judged by those tools' own schemas and readers, with
// totals that must be those of the records.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { readCampaign, readRecords } from '../../reports/index.ts'
import { RESULTS_MAX, type SarifLog } from '../../reports/sarif/index.ts'

const require = createRequire(import.meta.url)
const SARIF_SCHEMA = join(
  require.resolve('@microsoft/jest-sarif/package.json'),
  '../lib/schemas/sarif-2.1.0-rtm.5.json',
)

type JunitCase = Readonly<{ assertions?: number; failure?: readonly unknown[]; error?: readonly unknown[] }>
type Junit = Readonly<{
  tests: number
  failures: number
  errors: number
  testsuite?: readonly Readonly<{ testcase?: readonly JunitCase[] }>[]
}>

/** Sentences about what was compared. Throws an Error that says what does not fit. */
export async function checkFormats(directory: string): Promise<readonly string[]> {
  const { violations, failures } = readCampaign(directory)
  const runs = Array.from(readRecords(directory), ({ order }) => order).length
  const found = new Set([...violations, ...failures].map(({ fingerprint }) => fingerprint))
  // What ended without a verdict is an error of the tool in SARIF, not a result.
  const judged = [...violations, ...failures.filter(({ outcome }) => outcome === 'scenario-failure')]
  return [sarif(directory, judged.length), await junit(directory, runs), codeQuality(directory, found)]
}

function sarif(directory: string, defects: number): string {
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(SARIF_SCHEMA, 'utf8')) as Record<string, unknown>
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false })
  const log = JSON.parse(readFileSync(join(directory, 'results.sarif'), 'utf8')) as SarifLog
  if (!ajv.validate(schema, log)) throw new Error(`results.sarif is not SARIF 2.1.0: ${ajv.errorsText()}`)
  const results = log.runs.flatMap(({ results: all }) => all)
  if (results.length !== Math.min(defects, RESULTS_MAX))
    throw new Error(`results.sarif has ${results.length} results for ${defects} defects`)
  return `results.sarif: valid SARIF 2.1.0, ${results.length} results for ${defects} defects`
}

async function junit(directory: string, runs: number): Promise<string> {
  const { parse } = (await import(require.resolve('junit2json'))) as { parse: (xml: string) => Promise<unknown> }
  const read = (await parse(readFileSync(join(directory, 'junit.xml'), 'utf8'))) as Junit
  const cases = (read.testsuite ?? []).flatMap(({ testcase = [] }) => testcase)
  const counted = {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: cases.filter(({ error }) => error !== undefined).length,
    runs: cases.reduce((sum, { assertions = 0 }) => sum + assertions, 0),
  }
  const { tests, failures, errors } = read
  const told = { tests, failures, errors, runs }
  if (JSON.stringify(counted) !== JSON.stringify(told))
    throw new Error(`junit.xml: read ${JSON.stringify(counted)}, told ${JSON.stringify(told)}`)
  return `junit.xml: ${tests} cases, ${failures} failures, ${errors} errors, ${runs} runs, as another reader counts them`
}

function codeQuality(directory: string, found: ReadonlySet<string>): string {
  const issues = JSON.parse(readFileSync(join(directory, 'codequality.json'), 'utf8')) as readonly unknown[]
  if (issues.length !== found.size)
    throw new Error(`codequality.json has ${issues.length} issues for ${found.size} defects`)
  return `codequality.json: ${issues.length} issues`
}
