// harness/cli/init-command.ts: `powercut init`, a scenario and a workflow in the user's project, and what to do with them.

import { EXIT } from '../campaign/index.ts'
import { isInstalledHere, writeNewFiles } from '../host/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { CI_SYSTEMS, SAMPLE, SAMPLE_COMMAND, SAMPLE_FILE, workflowFor } from './init-templates.ts'
import { parseOneOf } from './parse.ts'
import { printJson } from './terminal.ts'

export async function initCommand(
  flags: Readonly<{ ci?: string; json?: boolean }>,
  { terminal }: CommandContext,
): CommandResult {
  const workflow = workflowFor(parseOneOf('--ci', flags.ci ?? 'github', CI_SYSTEMS))
  const files = [{ path: SAMPLE_FILE, text: SAMPLE }, ...(workflow === undefined ? [] : [workflow])]
  writeNewFiles(files)
  const next = [
    ...(isInstalledHere() ? [] : [{ command: 'npm install --save-dev powercut', why: 'the sample imports it' }]),
    { command: SAMPLE_COMMAND, why: 'passes: every power cut, at every call' },
    { command: SAMPLE_COMMAND, why: `fails, once the line with 'try it' is taken out of ${SAMPLE_FILE}` },
    { command: 'npx powercut replay latest --trace', why: 'the same failure again, event by event' },
  ]
  if (flags.json === true) {
    printJson(terminal, { files: files.map(({ path }) => path), next })
    return EXIT.passed
  }
  const lines = [
    ...files.map(({ path }) => `Wrote ${path}`),
    '',
    'Next:',
    ...next.flatMap(({ command, why }) => [`  ${command}`, `      ${why}`]),
  ]
  terminal.out(`${lines.join('\n')}\n`)
  return EXIT.passed
}
