// harness/cli/context.ts: what every command is given, so that a test can give it something else.

import type { CampaignHost, ExitCode } from '../campaign/index.ts'
import type { Terminal } from './terminal.ts'

export type CommandContext = Readonly<{
  terminal: Terminal
  host: CampaignHost
  /** URL of the module that makes the core; `replay` imports it in this thread. */
  coreModule: string
}>

/** A command's end. */
export type CommandResult = Promise<ExitCode>
