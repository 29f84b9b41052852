#!/usr/bin/env node
// harness/cli/powercut.ts: the command `powercut`.

import { CORE_MODULE, Machine } from '../host/index.ts'
import { runCommandProcess } from './command-process.ts'
import { processTerminal } from './terminal.ts'

await runCommandProcess({
  terminal: processTerminal,
  host: new Machine(CORE_MODULE),
  coreModule: CORE_MODULE,
})
