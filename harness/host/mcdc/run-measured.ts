// harness/host/mcdc/run-measured.ts: runs a command with everything that it starts under measurement.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mcdc } from '../../../reports/index.ts'
import { UsageError } from '../../campaign/index.ts'
import { packageVersion } from '../machine.ts'
import { collectSession } from './collect.ts'
import { createSession, SESSION_VARIABLE, type Session } from './session.ts'

export type MeasureOptions = Readonly<{
  command: readonly string[]
  root: string
  include: readonly string[]
  exclude: readonly string[]
  /** What the command prints goes to standard error: standard output is for the result. */
  quiet: boolean
}>

/** Exit codes above this are those of a signal, as shells count them. */
const SIGNAL_BASE = 128

/** Throws UsageError if the command can't be started. */
export async function runMeasured(options: MeasureOptions): Promise<Mcdc> {
  const directory = mkdtempSync(join(tmpdir(), 'powercut-mcdc-'))
  try {
    const { root, include, exclude } = options
    const session = createSession({ directory, root, include, exclude })
    const exitCode = await run(options, session)
    return collectSession(session, { command: options.command, exitCode }, packageVersion())
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function ignoreSignal(): void {}

async function run({ command: [name = '', ...words], quiet }: MeasureOptions, session: Session): Promise<number> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const loader = `--import=${new URL(`./register${extension}`, import.meta.url).href}`
  const before = process.env['NODE_OPTIONS']
  const child = spawn(name, words, {
    stdio: ['inherit', quiet ? 2 : 'inherit', 'inherit'],
    env: {
      ...process.env,
      // First, so that hooks which the command registers itself come above it.
      NODE_OPTIONS: before === undefined || before === '' ? loader : `${loader} ${before}`,
      [SESSION_VARIABLE]: JSON.stringify(session),
    },
  })
  // Ctrl-C and kill are the command's to answer; what it counted until then is still told.
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  process.on('SIGINT', ignoreSignal)
  process.on('SIGTERM', pass)
  try {
    return await new Promise((done, failed) => {
      child.on('error', (cause) => {
        failed(new UsageError(`The command '${name}' can't be started: ${cause.message}. Name one that can be run.`))
      })
      child.on('close', (code, signal) => {
        done(code ?? SIGNAL_BASE + (signal === null ? 0 : constants.signals[signal]))
      })
    })
  } finally {
    process.removeListener('SIGINT', ignoreSignal)
    process.removeListener('SIGTERM', pass)
  }
}
