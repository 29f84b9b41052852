// test/coverage/run.ts: runs one command after another and says how long each took. The first that fails ends everything.

import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Campaign } from './workload.ts'

export const PROJECT = resolve(import.meta.dirname, '../..')
export const POWERCUT = 'dist/harness/cli/powercut.js'

export type Step = Readonly<{
  name: string
  command: readonly string[]
  environment?: Readonly<Record<string, string>>
  /** What it prints is shown; otherwise only if it fails. */
  isShown?: boolean
}>

/** Returns the standard output. Throws if the command fails. */
export function run({ name, command: [program = '', ...words], environment = {}, isShown = false }: Step): string {
  const startMs = performance.now()
  const { status, signal, stdout, stderr, error } = spawnSync(program, words, {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  const isFailed = status !== 0
  process.stdout.write(`${seconds.padStart(7)} s  ${name}\n`)
  if (isShown || isFailed) process.stdout.write(stdout ?? '')
  if (!isFailed) return stdout
  process.stderr.write(stderr ?? '')
  throw new Error(`${name} ended with ${error?.message ?? signal ?? `exit code ${status}`}`)
}

export function campaignCommand({ scenario, parameters, options }: Campaign, out: string): readonly string[] {
  return [process.execPath, POWERCUT, 'run', scenario, ...parameters, ...options, '--out', out]
}
