#!/usr/bin/env node
// engine/tools/packdb.ts: the command `packdb`: run-packdb.ts in this process.
//
// The first interrupt, or a reader of the output that goes away, ends the work in order; a second interrupt ends the process.

import { systemScheduler } from '../adapters/index.ts'
import { runPackdb } from './run-packdb.ts'

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  interruption.abort()
})

process.exitCode = await runPackdb(process.argv.slice(2), {
  writeOut: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  environment: process.env,
  directory: process.cwd(),
  scheduler: systemScheduler(),
  interruption: interruption.signal,
})
