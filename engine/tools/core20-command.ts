// engine/tools/core20-command.ts: `packdb core20`: the core20 example on a real directory.
//
// 1. `Inserted: N` is printed only after row N is durable.
// 2. An interrupted run finishes the iteration in hand and closes the database.

import { resolve } from 'node:path'
import { CORE20_NAME, core20Schema, insertNext, readLast, type Core20Schema } from '../examples/core20/index.ts'
import { openOnDisk, type Database } from '../index.ts'
import type { Scheduler } from '../ports/index.ts'
import {
  EXIT,
  UsageError,
  textOf,
  wholeNumber,
  type Command,
  type ExitCode,
  type OptionValues,
  type ToolContext,
} from './command.ts'
import { EventLines } from './event-lines.ts'

const HELP = `usage: packdb core20 [OPTION]...
Inserts rows one after the other, each durable before the next, and reads the last one.
Short options can be combined into one string that starts with a single '-'.

  -h, --help             show this
      --docroot DIR      document root (default: $RDM_DOCROOT, then the working directory)
  -i, --iterations N     run N iterations, 0 = for ever (default: 0)
  -m, --sleep-ms N       sleep N milliseconds between iterations (default: 0)
      --sleep-millisecs N  the same
  -r, --reader-only      only read rows
  -w, --writer-only      only write rows
  -n, --no-fln-output    print no file and line numbers

example: packdb core20 --docroot ./data --iterations 20 -n`

type Plan = Readonly<{
  root: string
  iterations: number
  sleepMs: number
  reads: boolean
  writes: boolean
  withPlace: boolean
}>

export const core20Command: Command = {
  name: 'core20',
  summary: 'the core20 example: insert rows one by one and read the last',
  help: HELP,
  options: {
    help: { type: 'boolean', short: 'h' },
    docroot: { type: 'string' },
    iterations: { type: 'string', short: 'i' },
    'sleep-ms': { type: 'string', short: 'm' },
    'sleep-millisecs': { type: 'string' },
    'reader-only': { type: 'boolean', short: 'r' },
    'writer-only': { type: 'boolean', short: 'w' },
    'no-fln-output': { type: 'boolean', short: 'n' },
  },
  positionals: { least: 0, most: 0, name: '' },
  run: (values, _positionals, context) => runCore20(planOf(values, context), context),
}

function planOf(values: OptionValues, context: ToolContext): Plan {
  const readerOnly = values['reader-only'] === true
  const writerOnly = values['writer-only'] === true
  if (readerOnly && writerOnly)
    throw new UsageError('--reader-only and --writer-only exclude each other: give one or none')
  const docroot = textOf(values, 'docroot') ?? context.environment['RDM_DOCROOT'] ?? ''
  return {
    root: resolve(context.directory, docroot),
    iterations: wholeNumber(values, 'iterations') ?? 0,
    sleepMs: wholeNumber(values, 'sleep-ms') ?? wholeNumber(values, 'sleep-millisecs') ?? 0,
    reads: !writerOnly,
    writes: !readerOnly,
    withPlace: values['no-fln-output'] !== true,
  }
}

async function runCore20(plan: Plan, context: ToolContext): Promise<ExitCode> {
  const mode = plan.writes ? 'open-or-create' : 'open'
  const database = openOnDisk({ root: plan.root, name: CORE20_NAME, schema: core20Schema, mode })
  const lines = new EventLines(context, plan.withPlace)
  try {
    for (let done = 0; plan.iterations === 0 || done < plan.iterations; done += 1) {
      if (done > 0) await pause(context.scheduler, plan.sleepMs, context.interruption)
      if (context.interruption.aborted) break
      iterate(database, plan, lines)
    }
  } finally {
    lines.close()
    database.close()
  }
  return EXIT.sound
}

function iterate(database: Database<Core20Schema>, { reads, writes }: Plan, lines: EventLines): void {
  if (writes) lines.print('Inserted', insertNext(database))
  if (reads) lines.print('Read', readLast(database).last ?? 'no row yet')
}

/** Lets the event loop turn, so that an interruption is heard, and waits at least `delayMs` unless there is one. */
function pause(scheduler: Scheduler, delayMs: number, interruption: AbortSignal): Promise<void> {
  return new Promise((finish) => {
    if (delayMs === 0) {
      scheduler.soon(finish)
      return
    }
    const cancel = scheduler.after(delayMs, () => {
      interruption.removeEventListener('abort', onAbort)
      finish()
    })
    const onAbort = (): void => {
      cancel()
      finish()
    }
    interruption.addEventListener('abort', onAbort, { once: true })
  })
}
