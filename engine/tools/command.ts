// engine/tools/command.ts: what a packdb command is, how its arguments are read, and what its exit codes mean.

import { parseArgs, type ParseArgsConfig } from 'node:util'
import { EngineError, type EngineErrorCode } from '../errors.ts'
import type { Scheduler } from '../ports/index.ts'

/** 0 sound or done, 1 damage found, 2 wrong use, 3 could not be done (in use, I/O, no memory). */
export const EXIT = { sound: 0, damaged: 1, usage: 2, failed: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Where a command runs. Nothing else of the process is looked at. */
export type ToolContext = Readonly<{
  /** Returns when the text has been handed to the system. */
  writeOut(text: string): void
  writeError(text: string): void
  /** Standard output is a terminal. */
  isTerminal: boolean
  environment: Readonly<Record<string, string | undefined>>
  /** The working directory, absolute. */
  directory: string
  scheduler: Scheduler
  /** Aborted when the command should come to an end. */
  interruption: AbortSignal
}>

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

export type Command = Readonly<{
  name: string
  summary: string
  /** Lines of help: usage, options, an example. */
  help: string
  options: Readonly<Record<string, Readonly<{ type: 'string' | 'boolean'; short?: string }>>>
  /** How many arguments besides options. */
  positionals: Readonly<{ least: number; most: number; name: string }>
  run(values: OptionValues, positionals: readonly string[], context: ToolContext): ExitCode | Promise<ExitCode>
}>

/** The command was used wrongly; the message is one sentence that says what was wrong and what is valid. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export type Arguments = Readonly<{ values: OptionValues; positionals: readonly string[] }>

/** Reads a command's arguments; short options combine. Throws UsageError. */
export function readArguments(command: Command, words: readonly string[]): Arguments {
  const config = { args: [...words], options: { ...command.options }, allowPositionals: true } satisfies ParseArgsConfig
  const { tokens, values, positionals } = parseArgs({ ...config, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(command.options, token.name) ? command.options[token.name] : undefined
    if (option === undefined)
      throw new UsageError(`unknown option '${token.rawName}'; valid are ${optionNames(command)}`)
    if (option.type === 'string' && token.value === undefined)
      throw new UsageError(`option '${token.rawName}' needs a value`)
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`option '${token.rawName}' takes no value`)
  }
  const { least, most, name } = command.positionals
  if (positionals.length < least) throw new UsageError(`${name} is missing`)
  const extra = positionals[most]
  if (extra !== undefined) throw new UsageError(`'${extra}' is one argument too many`)
  return { values: onlyScalars(values), positionals }
}

function onlyScalars(values: Readonly<Record<string, unknown>>): OptionValues {
  const scalars: Record<string, string | boolean> = {}
  for (const [name, value] of Object.entries(values))
    if (typeof value === 'string' || typeof value === 'boolean') scalars[name] = value
  return scalars
}

function optionNames(command: Command): string {
  return Object.entries(command.options)
    .map(([name, { short }]) => (short === undefined ? `--${name}` : `-${short}/--${name}`))
    .join(', ')
}

/** A whole number from 0 that an option gives. Throws UsageError. */
export function wholeNumber(values: OptionValues, name: string): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  const value = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) throw new UsageError(`--${name} needs a whole number from 0, not '${String(text)}'`)
  return value
}

/** The text of an option, undefined if it was not given. */
export function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

const EXIT_BY_CODE: Partial<Record<EngineErrorCode, ExitCode>> = {
  E_USAGE: EXIT.usage,
  E_NOT_FOUND: EXIT.usage,
  E_NO_DATABASE: EXIT.usage,
  E_SCHEMA: EXIT.usage,
  E_CORRUPT: EXIT.damaged,
}

/** What an error of the engine means for the exit code. */
export function exitCodeOf(error: EngineError): ExitCode {
  return EXIT_BY_CODE[error.code] ?? EXIT.failed
}
