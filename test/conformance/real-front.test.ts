// The two kernels of the front: the simulated disk, and a real directory in its place. A program gets the same answers from
// both, by the same numbered calls with the same outcomes, and leaves the same names and bytes. A simulated kernel that is
// wrong is seen.

import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installNodeFront, SimulatedDisk, type SimulatedDiskOptions } from '../../faults/index.ts'
import { treeDifference, treeOfDirectory, treeOfImage } from '../../harness/host/real/tree.ts'
import { makeMachine, type Machine } from '../faults/node-front/helpers.ts'
import { command, isDeep, perform, performLater, type Command, type Side } from './front-commands.ts'

let uninstall = (): void => {}
let umask = 0
beforeAll(() => {
  uninstall = installNodeFront()
  umask = process.umask(0o022)
})
afterAll(() => {
  process.umask(umask)
  uninstall()
})

const MOUNT = '/mount/world'
/** A link out of the store's directory still leads into the mount. */
const ROOT = `${MOUNT}/w`

type Pair = Readonly<{ simulated: Side; real: Side; machines: readonly [Machine, Machine]; directory: string }>

async function withPair<T>(use: (pair: Pair) => T | Promise<T>, disk?: SimulatedDisk): Promise<T> {
  const directory = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'real-front-'))
  fs.mkdirSync(join(directory, 'w'))
  fs.chmodSync(join(directory, 'w'), 0o755)
  const machines = [
    makeMachine({ mount: MOUNT, directories: [ROOT], ...(disk === undefined ? {} : { disk }) }),
    makeMachine({ mount: MOUNT, directory }),
  ] as const
  const sideOf = ({ process: own }: Machine): Side => ({ root: ROOT, slots: [], run: (code) => own.run(code) })
  try {
    return await use({ simulated: sideOf(machines[0]), real: sideOf(machines[1]), machines, directory })
  } finally {
    machines[1].process.run(() => {
      for (let fd = 1_000_000; fd < 1_000_010; fd += 1) closeQuietly(fd)
    })
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd)
  } catch {
    // Not open.
  }
}

/** Where the two differ after what was done, in words. */
function difference({ machines: [simulated, real], directory }: Pair): string | undefined {
  const at = simulated.whole.findIndex((call, index) => call !== real.whole[index])
  if (at !== -1) return `${real.whole[at]} | ${simulated.whole[at]}`
  if (simulated.whole.length !== real.whole.length) return `${real.whole.length} calls | ${simulated.whole.length}`
  return treeDifference(treeOfDirectory(directory), treeOfImage(simulated.disk.checkpoint(), MOUNT))
}

/** All commands at once: in which order they end the scheduler says. */
function performAll(given: readonly Command[], side: Side, machine: Machine): Promise<unknown> {
  return machine.wait(() => Promise.all(given.map((each) => performLater(side, each, undefined))))
}

describe('the front over a real directory', { tags: ['KIL-01', 'NFS-01'] }, () => {
  it('answers synchronous calls as over the simulated disk, by the same numbered calls, and leaves the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), (commands) =>
        withPair((pair) => {
          for (const each of commands)
            expect([each, perform(pair.simulated, each)]).toEqual([each, perform(pair.real, each)])
          expect(difference(pair)).toBeUndefined()
        }),
      ),
      { numRuns: 250 },
    )
  })

  it('answers promised calls so, in the order of the scheduler', async () => {
    const commands = fc.array(
      command.filter((each) => each.slot === undefined && !isDeep(each)),
      { minLength: 1, maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(commands, (given) =>
        withPair(async (pair) => {
          const expected = await performAll(given, pair.simulated, pair.machines[0])
          expect(await performAll(given, pair.real, pair.machines[1])).toEqual(expected)
          expect(difference(pair)).toBeUndefined()
        }),
      ),
      { numRuns: 80 },
    )
  })

  it('has the time of the world, whatever the clock of the machine says', async () => {
    await withPair(({ machines }) => {
      const [simulated, real] = machines.map(({ process: own }) =>
        own.run(() => {
          fs.writeFileSync(`${MOUNT}/a`, 'text')
          const { mtimeMs, atimeMs, ctimeMs, birthtimeMs } = fs.statSync(`${MOUNT}/a`)
          return [Date.now(), mtimeMs, atimeMs, ctimeMs, birthtimeMs]
        }),
      )
      expect(real).toEqual(simulated)
    })
  })
})

/** A kernel that appends where it should overwrite. */
class AppendingDisk extends SimulatedDisk {
  override writeAt(inode: number, source: Uint8Array, offset: number, lengthBytes: number): number {
    return super.writeAt(inode, source, offset, lengthBytes, this.fileAt(inode).cache.sizeBytes)
  }
}

/** A disk whose rename loses the target. */
function losingDisk(options: SimulatedDiskOptions): SimulatedDisk {
  const disk = new SimulatedDisk(options)
  const { fileSystem } = disk
  Object.assign(fileSystem, { rename: (source: string) => fileSystem.unlink(source) })
  return disk
}

const DIRECTORIES = ['/mount', MOUNT, ROOT]
const WRONG: readonly (readonly [string, SimulatedDisk, RegExp])[] = [
  ['appends where it should overwrite', new AppendingDisk({ directories: DIRECTORIES }), /'w\/a' is a file of 4 bytes/],
  ['loses the target of a rename', losingDisk({ directories: DIRECTORIES }), /'w\/b' is a file of 4 bytes/],
]

describe('a simulated kernel that is wrong', { tags: ['KIL-01'] }, () => {
  it.each(WRONG)('is seen: it %s', async (_, disk, seen) => {
    await withPair((pair) => {
      for (const { process: own } of pair.machines)
        own.run(() => {
          const fd = fs.openSync(`${ROOT}/a`, 'w')
          fs.writeSync(fd, 'text', 0)
          fs.writeSync(fd, 'next', 0)
          fs.closeSync(fd)
          fs.writeFileSync(`${ROOT}/c`, 'kept')
          fs.renameSync(`${ROOT}/c`, `${ROOT}/b`)
        })
      expect(difference(pair)).toMatch(seen)
    }, disk)
  })
})
