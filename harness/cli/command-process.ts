// harness/cli/command-process.ts: a command in a process of its own: its exit code, whatever ends it.
//
// 1. A reader of the output that goes away (`powercut list | head`) ends nothing: what a campaign finds is in its folder,
//    and its exit code stands.
// 2. Any other error that nothing catches, of the output too (a full disk), is the harness's: exit code 3, and never
//    Node's own 1, which would say that there are violations. One of a store under test is that store's.

import { currentScope } from '../../faults/index.ts'
import { EXIT } from '../campaign/index.ts'
import type { CommandContext } from './context.ts'
import { failureText, main } from './program.ts'

/** Runs the process's command, and sets its exit code. */
export async function runCommandProcess(context: CommandContext): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  process.on('uncaughtException', (error: unknown) => {
    if (currentScope() !== undefined) return
    context.terminal.error(failureText(error))
    process.exit(EXIT.incomplete)
  })
  process.exitCode = await main(process.argv.slice(2), context)
}
