#!/usr/bin/env node
// harness/cli/powercut.ts: the command `powercut`.

import { CORE_MODULE, Machine } from '../host/index.ts'
import { main } from './program.ts'
import { processTerminal } from './terminal.ts'

process.exitCode = await main(process.argv.slice(2), {
  terminal: processTerminal,
  host: new Machine(CORE_MODULE),
  coreModule: CORE_MODULE,
})
