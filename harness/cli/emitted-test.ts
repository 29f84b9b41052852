// harness/cli/emitted-test.ts: a run as a test file for the user's own suite. Pure: text from what was seen.

import { dirname, relative, resolve, sep } from 'node:path'
import { minimisedSentence, type MinimisedCase } from '../../reports/index.ts'
import type { RunRecord } from '../plan/index.ts'

/** Lines of a message that the comment has; a diff of a large store is in the test's own output. */
const MESSAGE_LINES_MAX = 12
const WIDTH = 110

/** The test passes once the run does. `path`: where it will be, from the working directory. */
export function emittedTest(record: RunRecord, minimised: MinimisedCase | undefined, path: string): string {
  const { scenario, fault, phase, oracle, message = '', site, token } = record
  const said = message.split('\n').slice(0, MESSAGE_LINES_MAX)
  const comment = [
    `Found by Powercut in the scenario '${scenario}': ${oracle ?? record.outcome}.`,
    '',
    ...said,
    '',
    `The fault: ${fault}, in ${phase}.`,
    ...(site === undefined ? [] : [`Where: ${site}`]),
    ...(minimised === undefined ? [] : [`The ${minimisedSentence(minimised)}.`]),
    '',
    'The token is the whole case. This replays it with every event:',
  ]
  // The scenario's path in the token is relative to where the command was given.
  const up = relative(dirname(resolve(path)), resolve('.'))
    .split(sep)
    .join('/')
  const name = `${scenario} keeps its promise '${oracle ?? 'to end'}' after ${fault}`
  return `${comment.flatMap(commentLines).join('\n')}
//   npx powercut replay ${token} --trace
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { replay } from 'powercut'

const directory = fileURLToPath(new URL(${quoted(`${up === '' ? '.' : up}/`)}, import.meta.url))

test(${quoted(name)}, { timeout: 120_000 }, async () => {
  const { outcome, message, delivered } = await replay(${quoted(token)}, { directory })
  expect(message).toBeUndefined()
  expect(outcome).toBe('passed')
${record.delivered > 0 ? '  // Without the fault there is nothing to pass: the call is not made any more, or by other code.\n  expect(delivered).toBeGreaterThan(0)' : '  expect(delivered).toBe(0)'}
})
`
}

function commentLines(text: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.trimEnd().split(/(?<= )(?=\S)/)) {
    if (line !== '' && line.length + word.length > WIDTH) {
      lines.push(line)
      line = ''
    }
    line += word
  }
  return [...lines, line].map((each) => `// ${each}`.trimEnd())
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)
  return `'${escaped}'`
}
