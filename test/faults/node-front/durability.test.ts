import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  crashStates,
  imageIdentity,
  installNodeFront,
  PERSISTENCE_MODELS,
  SimulatedDisk,
  type DiskImage,
} from '../../../faults/index.ts'
import { makeMachine, type Machine } from './helpers.ts'

let uninstall = (): void => {}
beforeAll(() => {
  uninstall = installNodeFront()
})
afterAll(() => uninstall())

/** What `look` sees, as JSON, in each state that a power loss may leave. */
function survivors({ disk }: Machine, look: () => unknown): Set<string> {
  const options = { sectorBytes: 512 as const, seed: 1 }
  const seen = new Set<string>()
  for (const state of crashStates(disk.checkpoint(), PERSISTENCE_MODELS['posix-minimal'], options)) {
    if (state.id.family !== 'kill') seen.add(JSON.stringify(lookAt(state.make(), look)))
  }
  return seen
}

function lookAt(image: DiskImage, look: () => unknown): unknown {
  return makeMachine({ disk: SimulatedDisk.from(image) }).process.run(() => {
    try {
      return look()
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : String(error)
    }
  })
}

const textOfFile = (): string => fs.readFileSync('/world/a', 'utf8')
const textOfLink = (): string => fs.readFileSync('/world/l', 'utf8')
const modeOfFile = (): number => fs.statSync('/world/a').mode & 0o777

function syncDirectory(): void {
  const fd = fs.openSync('/world', 'r')
  fs.fsyncSync(fd)
  fs.closeSync(fd)
}

describe('what the front made durable', { tags: ['NFS-02'] }, () => {
  it('is a file of a program that syncs it and its directory, and neither before', () => {
    const machine = makeMachine()
    machine.process.run(() => {
      const fd = fs.openSync('/world/a', 'w')
      fs.writeSync(fd, 'text')
      expect([...survivors(machine, textOfFile)]).toEqual(expect.arrayContaining(['"ENOENT"', '""', '"text"']))
      fs.fsyncSync(fd)
      expect([...survivors(machine, textOfFile)].toSorted()).toEqual(['"ENOENT"', '"text"'])
      syncDirectory()
      expect([...survivors(machine, textOfFile)]).toEqual(['"text"'])
      fs.writeSync(fd, 'next', 0)
      expect([...survivors(machine, textOfFile)].toSorted()).toEqual(['"next"', '"text"'])
    })
  })

  it('is a link, hard or symbolic, only after a sync of its directory', () => {
    for (const make of [() => fs.linkSync('/world/a', '/world/l'), () => fs.symlinkSync('a', '/world/l')]) {
      const machine = makeMachine()
      machine.process.run(() => {
        fs.writeFileSync('/world/a', 'text', { flush: true })
        syncDirectory()
        make()
        expect([...survivors(machine, textOfLink)].toSorted()).toEqual(['"ENOENT"', '"text"'])
        syncDirectory()
        expect([...survivors(machine, textOfLink)]).toEqual(['"text"'])
      })
    }
  })

  it('is a mode only after a sync of the file, and tells two disks apart', () => {
    const machine = makeMachine()
    machine.process.run(() => {
      const fd = fs.openSync('/world/a', 'w', 0o600)
      fs.fsyncSync(fd)
      syncDirectory()
      const before = imageIdentity(machine.disk.checkpoint())
      fs.fchmodSync(fd, 0o640)
      expect(imageIdentity(machine.disk.checkpoint())).not.toBe(before)
      expect([...survivors(machine, modeOfFile)]).toEqual([String(0o600)])
      fs.fsyncSync(fd)
      expect([...survivors(machine, modeOfFile)]).toEqual([String(0o640)])
    })
  })
})
