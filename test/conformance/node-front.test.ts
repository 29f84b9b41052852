// The front against the real file system: the same calls on the same paths, the same results and the same errors. memfs is
// no witness here: it has another's opinion of what Node does.

import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installNodeFront } from '../../faults/index.ts'
import { makeMachine, type Machine } from '../faults/node-front/helpers.ts'
import { command, isDeep, perform, performLater, type Side } from './front-commands.ts'

let uninstall = (): void => {}
beforeAll(() => {
  uninstall = installNodeFront()
})
afterAll(() => uninstall())

function withSides<T>(use: (real: Side, front: Side, machine: Machine) => T): T {
  const base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'front-'))
  const root = `${base}/w`
  fs.mkdirSync(root)
  fs.chmodSync(root, 0o755)
  const machine = makeMachine({ mount: base, directories: [root] })
  const real: Side = { root, slots: [], run: (code) => code() }
  const front: Side = { root, slots: [], run: (code) => machine.process.run(code) }
  const clean = (): void => {
    for (const fd of real.slots) if (fd !== undefined) fs.closeSync(fd)
    fs.rmSync(base, { recursive: true, force: true })
  }
  let result: T
  try {
    result = use(real, front, machine)
  } catch (error) {
    clean()
    throw error
  }
  if (result instanceof Promise) void result.then(clean, clean)
  else clean()
  return result
}

describe('the front for node:fs', { tags: ['NFS-01'] }, () => {
  it('answers every sequence of synchronous calls as the real file system does', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 25 }), (commands) => {
        withSides((real, front) => {
          for (const each of commands) expect([each, perform(front, each)]).toEqual([each, perform(real, each)])
        })
      }),
      { numRuns: 400 },
    )
  })

  it('answers every sequence of promised calls as the real file system does', async () => {
    const pathCommand = command.filter((each) => each.slot === undefined && !isDeep(each))
    await fc.assert(
      fc.asyncProperty(fc.array(pathCommand, { minLength: 1, maxLength: 20 }), (commands) =>
        withSides(async (real, front, { wait }) => {
          for (const each of commands)
            expect([each, await performLater(front, each, wait)]).toEqual([
              each,
              await performLater(real, each, undefined),
            ])
        }),
      ),
      { numRuns: 100 },
    )
  })
})
