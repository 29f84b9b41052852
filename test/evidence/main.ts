// test/evidence/main.ts: `npm run evidence`: the evidence bundle of the engine, from what other commands have measured.
//
// 1. A small campaign over the engine's scenarios is run, unless `--campaign DIR` names others. Its formats for other tools
//    are judged by those tools' schemas and readers.
// 2. What other commands left in coverage/ is taken. What is not there is named, with the command that makes it, and is
//    named as missing in the bundle.
// 3. `--sample` puts a reduced bundle into reports/sample-evidence, which is kept with the sources: without the forms of
//    the requirements that are for import alone.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { checkCoverageFormats, hasCoverageFormats } from './coverage-formats.ts'
import { checkFormats } from './formats.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const OUT = 'coverage/evidence'
const SAMPLE = 'reports/sample-evidence'
const COVERAGE = ['coverage/c8/tests', 'coverage/c8/all']
const POWERCUT = 'dist/harness/cli/powercut.js'
/**
 * Small enough to be kept and read: every point of every family of the default campaign. It is too short for the scenario's
 * milestones, and says so.
 */
const CAMPAIGN = 'bank --set transfers=1 --set accounts=2 --faults allocation,io,crash --mode once --allow-incomplete'

type Input = Readonly<{ what: string; made: string; paths: readonly string[]; leftOutOfSample?: true }>
/** The first path of each that is there. */
const INPUTS: readonly Input[] = [
  { what: 'test results', made: 'npm run trace', paths: ['coverage/trace/junit.xml'] },
  { what: 'the matrix of requirements', made: 'npm run trace', paths: ['coverage/trace/rtm.json'] },
  { what: 'the matrix as a table', made: 'npm run trace', paths: ['coverage/trace/rtm.csv'], leftOutOfSample: true },
  { what: 'requirements as a table', made: 'npm run trace', paths: ['coverage/trace/requirements.csv'] },
  {
    what: 'requirements in ReqIF',
    made: 'npm run trace',
    paths: ['coverage/trace/requirements.reqif'],
    leftOutOfSample: true,
  },
  { what: 'needs.json', made: 'npm run trace', paths: ['coverage/trace/needs.json'], leftOutOfSample: true },
  {
    what: 'coverage by requirements-based tests',
    made: 'npm run coverage',
    paths: ['coverage/c8/tests/lcov.info', 'coverage/c8/tests/cobertura-coverage.xml'],
  },
  {
    what: 'coverage by tests and campaigns',
    made: 'npm run coverage',
    paths: ['coverage/c8/all/lcov.info', 'coverage/c8/all/cobertura-coverage.xml'],
  },
  { what: 'MC/DC', made: 'npm run mcdc', paths: ['coverage/mcdc/all/mcdc.json', 'coverage/mcdc/mcdc.json'] },
  {
    what: 'reasons for gaps of MC/DC',
    made: 'an editor',
    paths: [
      'engine/evidence/mcdc-justifications.json',
      'engine/evidence/justifications.json',
      'evidence/justifications.json',
    ],
  },
  {
    what: 'fault coverage',
    made: 'npm run fault-coverage',
    paths: ['coverage/faults/fault-coverage.json'],
  },
  { what: 'mutants of the code', made: 'npm run mutation', paths: ['coverage/mutation/mutants.json'] },
  {
    what: 'planted defects',
    made: 'npx powercut selftest --json > coverage/selftest.json',
    paths: ['coverage/selftest.json'],
  },
]

await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<void> {
  const isSample = words.includes('--sample')
  const unknown = words.find(
    (word, at) => word !== '--sample' && word !== '--campaign' && words[at - 1] !== '--campaign',
  )
  if (unknown !== undefined || words.at(-1) === '--campaign') {
    process.stderr.write(
      `npm run evidence takes --sample and --campaign DIR, not '${unknown ?? 'a --campaign without a folder'}'.\n`,
    )
    process.exitCode = 2
    return
  }
  const begun = Date.now()
  const given = words.flatMap((word, at) => (words[at - 1] === '--campaign' ? [word] : []))
  const folders = given.length > 0 ? given : [smallCampaign()]
  for (const folder of folders)
    for (const sentence of await checkFormats(join(PROJECT, folder))) say(`${folder}/${sentence}`)
  for (const part of COVERAGE.filter((folder) => hasCoverageFormats(join(PROJECT, folder))))
    for (const sentence of await checkCoverageFormats(join(PROJECT, part))) say(`${part}/${sentence}`)
  const files = INPUTS.flatMap((input) => found(input, isSample))
  const out = isSample ? SAMPLE : join(OUT, 'bundle')
  step(`the bundle in ${out}`, [
    'report',
    ...folders,
    '--format',
    'evidence',
    '--out',
    out,
    ...files.flatMap((path) => ['--with', path]),
  ])
  step('its check', ['verify-evidence', out])
  say(
    `${(sizeOf(join(PROJECT, out)) / 1e6).toFixed(1)} MB in ${out}, made in ${((Date.now() - begun) / 1000).toFixed(0)} s`,
  )
}

function smallCampaign(): string {
  const folder = join(OUT, 'campaign')
  rmSync(join(PROJECT, folder), { recursive: true, force: true })
  step('the campaign', ['run', ...CAMPAIGN.split(' '), '--out', folder])
  return folder
}

function found({ what, made, paths, leftOutOfSample }: Input, isSample: boolean): readonly string[] {
  const path = paths.find((one) => existsSync(join(PROJECT, one)))
  if (path === undefined) {
    say(`MISSING: ${what}: ${made} makes ${paths[0] ?? ''}`)
    return []
  }
  const isLeftOut = isSample && leftOutOfSample === true
  say(`${isLeftOut ? 'left out of the sample' : 'taken'}: ${what}, ${path}`)
  return isLeftOut ? [] : [path]
}

/** Runs the command, shows what it says, and how long it took. Ends the process where it fails. */
function step(name: string, words: readonly string[]): void {
  const begun = Date.now()
  const ended = spawnSync(process.execPath, [POWERCUT, ...words], {
    cwd: PROJECT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  const lines = `${ended.stdout}${ended.stderr}`.trimEnd().split('\n')
  if (ended.status !== 0) {
    process.stderr.write(`${lines.join('\n')}\n${name} ended with ${ended.status ?? ended.signal ?? 'nothing'}\n`)
    process.exit(1)
  }
  for (const line of lines.slice(-12)) say(`  ${line}`)
  say(`${name}: ${seconds} s`)
}

function sizeOf(path: string): number {
  const stat = statSync(path)
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
