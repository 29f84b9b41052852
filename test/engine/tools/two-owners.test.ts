import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const OWNER = fileURLToPath(new URL('./fixtures/owner-process.ts', import.meta.url))
const ROUNDS = 100

async function answer(child: ChildProcess): Promise<unknown> {
  const [message]: unknown[] = await once(child, 'message')
  return message
}

it(
  'of two processes that open a document root at once, exactly one gets it, 100 times',
  { tags: ['LCK-01'] },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'powercut-owners-'))
    const owners = [0, 1].map(() => fork(OWNER, { execArgv: ['--import', import.meta.resolve('tsx')] }))
    const tell = (messageOf: () => string): Promise<unknown[]> => {
      const answers = Promise.all(owners.map(answer))
      for (const owner of owners) owner.send(messageOf())
      return answers
    }
    try {
      await Promise.all(owners.map(answer))
      const outcomes: unknown[] = []
      let root = directory
      for (let round = 0; round < ROUNDS; round += 1) {
        // Every other round the database is there already, else it is to be made.
        if (round % 2 === 0) root = mkdtempSync(join(directory, 'root-'))
        outcomes.push((await tell(() => root)).toSorted())
        expect(await tell(() => 'close')).toEqual(['closed', 'closed'])
      }
      expect(outcomes).toEqual(outcomes.map(() => ['E_LOCKED', 'won']))
    } finally {
      for (const owner of owners) owner.kill('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    }
  },
)
