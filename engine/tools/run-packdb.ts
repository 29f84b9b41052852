// engine/tools/run-packdb.ts: finds the command that the arguments name, runs it, and turns what it throws into one
// sentence on standard error and an exit code.

import { EngineError } from '../errors.ts'
import { IoError } from '../ports/index.ts'
import {
  EXIT,
  UsageError,
  exitCodeOf,
  readArguments,
  type Command,
  type ExitCode,
  type ToolContext,
} from './command.ts'
import { core20Command } from './core20-command.ts'
import { salvageCommand } from './salvage-command.ts'
import { statCommand } from './stat-command.ts'
import { verifyCommand } from './verify-command.ts'

const COMMANDS: readonly Command[] = [core20Command, verifyCommand, statCommand, salvageCommand]

const HELP = [
  'usage: packdb COMMAND [OPTION]...',
  'The tools of the database engine. `packdb COMMAND --help` says more, with an example.',
  '',
  ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`),
  '',
  'exit codes: 0 sound or done, 1 damage found, 2 wrong use, 3 could not be done',
].join('\n')

/** Runs packdb with these arguments. Never throws for what a user can cause; a bug of the engine passes. */
export async function runPackdb(words: readonly string[], context: ToolContext): Promise<ExitCode> {
  const [name, ...rest] = words
  if (name === '--help' || name === '-h' || name === 'help') {
    context.writeOut(`${HELP}\n`)
    return EXIT.sound
  }
  const command = COMMANDS.find((one) => one.name === name)
  if (command === undefined) {
    const what = name === undefined ? 'a command is missing' : `unknown command '${name}'`
    context.writeError(`packdb: ${what}; valid are ${COMMANDS.map((one) => one.name).join(', ')}\n`)
    return EXIT.usage
  }
  try {
    return await runCommand(command, rest, context)
  } catch (error) {
    if (error instanceof UsageError) {
      context.writeError(`packdb ${command.name}: ${error.message}\n`)
      return EXIT.usage
    }
    if (error instanceof EngineError) {
      context.writeError(`packdb ${command.name}: ${error.message}; ${error.remedy}\n`)
      return exitCodeOf(error)
    }
    if (error instanceof IoError) {
      context.writeError(`packdb ${command.name}: ${error.message}\n`)
      return EXIT.failed
    }
    throw error
  }
}

async function runCommand(command: Command, words: readonly string[], context: ToolContext): Promise<ExitCode> {
  if (words.includes('--help') || words.includes('-h')) {
    context.writeOut(`${command.help}\n`)
    return EXIT.sound
  }
  const { values, positionals } = readArguments(command, words)
  if (values['help'] === true) {
    context.writeOut(`${command.help}\n`)
    return EXIT.sound
  }
  return command.run(values, positionals, context)
}
