// test/coverage/mcdc.ts: `npm run mcdc`: MC/DC of the engine, from its tests and from small campaigns of its scenarios.
//
// 1. Each part is measured by itself and kept in coverage/mcdc/; `-- --merge` only adds up and judges what is there.
// 2. The gate: in files of commit, recovery, abort and roll-over every condition and every outcome of a value path was
//    seen to decide, or has a reason in engine/evidence/mcdc-justifications.json that still is about that text.
// 3. Never with V8's coverage at the same time: it would count what was written in.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { criticalFiles } from './critical.ts'
import { campaignCommand, POWERCUT, PROJECT, run } from './run.ts'
import { CAMPAIGNS, TESTS } from './workload.ts'

const OUT = 'coverage/mcdc'
const JUSTIFICATIONS = 'engine/evidence/mcdc-justifications.json'
const INCLUDE = 'engine/**'

const onlyMerge = process.argv.includes('--merge')
const startMs = performance.now()
if (process.env['NODE_V8_COVERAGE'] !== undefined) throw new Error('V8 measures coverage too: one at a time')
if (!onlyMerge) measure()
judge()

function measured(name: string, command: readonly string[]): void {
  const words = ['mcdc', '--include', INCLUDE, '--out', join(OUT, name), '--gaps', '0']
  run({ name, command: [process.execPath, POWERCUT, ...words, '--', ...command] })
}

function measure(): void {
  rmSync(join(PROJECT, OUT), { recursive: true, force: true })
  mkdirSync(join(PROJECT, OUT), { recursive: true })
  measured('tests', ['npx', 'vitest', 'run', ...TESTS])
  for (const campaign of CAMPAIGNS) {
    const results = join(OUT, 'results', campaign.name)
    measured(campaign.name, campaignCommand(campaign, results))
  }
}

function judge(): void {
  const whole = join(OUT, 'all')
  rmSync(join(PROJECT, whole), { recursive: true, force: true })
  const parts = readdirSync(join(PROJECT, OUT))
    .filter((name) => existsSync(join(PROJECT, OUT, name, 'mcdc.json')))
    .map((name) => join(OUT, name))
  const options = [
    '--out',
    whole,
    '--format',
    'json,lcov',
    '--gaps',
    '0',
    '--justifications',
    JUSTIFICATIONS,
    ...criticalFiles().flatMap((file) => ['--critical', file]),
  ]
  run({
    name: 'added up and judged',
    command: [process.execPath, POWERCUT, 'mcdc', 'merge', ...parts, ...options],
    isShown: true,
  })
  process.stdout.write(`${((performance.now() - startMs) / 60_000).toFixed(1)} minutes\n`)
}
