// test/coverage/critical.ts: the files of commit, recovery, abort and roll-over, by name.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { PROJECT } from './run.ts'

const paths = z.array(z.string()).nonempty()
const schema = z.strictObject({
  formatVersion: z.literal(1),
  commit: paths,
  recovery: paths,
  abort: paths,
  rollOver: paths,
})

/** From the root, sorted, each once. */
export function criticalFiles(): readonly string[] {
  const text = readFileSync(join(PROJECT, 'engine/evidence/critical-paths.json'), 'utf8')
  const { commit, recovery, abort, rollOver } = schema.parse(JSON.parse(text))
  return [...new Set([...commit, ...recovery, ...abort, ...rollOver])].toSorted()
}
