// test/bench/disk.ts: what one crash state costs on the simulated disk: made, made and hashed, opened and read; against
// making the same files again in memfs and on a real disk.
//
// The image is that of a store in the middle of its work: FILES packs of DURABLE_BYTES, and appends that no sync covers.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Volume } from 'memfs'
import {
  crashStates,
  imageIdentity,
  PERSISTENCE_MODELS,
  SimulatedDisk,
  type CrashState,
  type DiskImage,
} from '../../faults/index.ts'
import type { Bench } from './bench.ts'
import { measure, measuredRows, type Case } from './measure.ts'

const FILES = 8
const DURABLE_BYTES = 64 * 1024
const PENDING_APPENDS = 8
const APPEND_BYTES = 700
const SECTOR_BYTES = 512
const STATES_MAX = 512
const DIRECTORY = '/store'

function pathOf(i: number): string {
  return `${DIRECTORY}/pack${i}`
}

/** All files durable, the last with appends pending. */
function makeImage(): DiskImage {
  const disk = new SimulatedDisk({ directories: [DIRECTORY] })
  const { fileSystem } = disk
  const bytes = new Uint8Array(DURABLE_BYTES).map((_, i) => i * 31)
  for (let i = 0; i < FILES; i += 1) {
    const file = fileSystem.create(pathOf(i))
    file.append(bytes, 0, bytes.length)
    file.sync()
    if (i === FILES - 1) for (let k = 0; k < PENDING_APPENDS; k += 1) file.append(bytes, k, APPEND_BYTES)
    file.close()
  }
  fileSystem.syncDirectory(DIRECTORY)
  disk.kill()
  return disk.checkpoint()
}

/** Reads the file that was being written when the power went, as a recovery does. */
function readNewest(image: DiskImage, target: Uint8Array): void {
  const { fileSystem } = SimulatedDisk.from(image)
  const names = fileSystem.list(DIRECTORY)
  const file = fileSystem.open(`${DIRECTORY}/${names.at(-1) ?? ''}`, 'read')
  const sizeBytes = file.sizeBytes()
  file.read(target, 0, Math.min(target.length, sizeBytes), 0)
  file.close()
}

function onSimulatedDisk(image: DiskImage): readonly Case[] {
  const states: CrashState[] = [
    ...crashStates(image, PERSISTENCE_MODELS['posix-minimal'], {
      sectorBytes: SECTOR_BYTES,
      seed: 1,
      statesMax: STATES_MAX,
    }),
  ]
  const target = new Uint8Array(DURABLE_BYTES * 2)
  const each = (name: string, use: (made: DiskImage) => void): Case => ({
    name,
    operations: states.length,
    run: () => states.forEach((state) => use(state.make())),
  })
  return [
    each('simulated disk: made', () => {}),
    each('simulated disk: made, hashed', (made) => void imageIdentity(made)),
    each('simulated disk: made, opened, read', (made) => readNewest(made, target)),
  ]
}

/** The same files again in a memfs volume of their own. */
function onMemfs(): Case {
  const original = new Volume()
  original.mkdirSync(DIRECTORY)
  for (let i = 0; i < FILES; i += 1) original.writeFileSync(pathOf(i), Buffer.alloc(DURABLE_BYTES, i))
  return {
    name: 'memfs: copied, opened, read',
    run() {
      const copy = new Volume()
      copy.mkdirSync(DIRECTORY)
      for (let i = 0; i < FILES; i += 1) copy.writeFileSync(pathOf(i), original.readFileSync(pathOf(i)))
      copy.readFileSync(pathOf(FILES - 1))
    },
  }
}

function onRealDisk(directory: string): Case {
  const original = join(directory, 'original')
  const copy = join(directory, 'copy')
  mkdirSync(original)
  for (let i = 0; i < FILES; i += 1) writeFileSync(join(original, `pack${i}`), Buffer.alloc(DURABLE_BYTES, i))
  return {
    name: 'real files: copied, opened, read',
    run() {
      cpSync(original, copy, { recursive: true })
      readFileSync(join(copy, readdirSync(copy).at(-1) ?? ''))
      rmSync(copy, { recursive: true })
    },
  }
}

export const disk: Bench = {
  name: 'disk',
  summary: 'crash states of the simulated disk made, hashed and opened, against copies in memfs and of real files',
  async run({ directory }) {
    const measured = await measure([...onSimulatedDisk(makeImage()), onMemfs(), onRealDisk(directory)])
    const cost = (name: string) => measured.find((row) => row.name.startsWith(name))?.cpuNs ?? Number.NaN
    const state = cost('simulated disk: made, opened')
    return {
      tables: [
        {
          title: `${FILES} files of ${DURABLE_BYTES / 1024} KiB, ${PENDING_APPENDS} appends pending; one crash state each`,
          rows: measuredRows(measured),
        },
      ],
      figures: [
        { name: 'states made', value: 1e9 / cost('simulated disk: made'), unit: '/cpu s' },
        { name: 'states made and hashed', value: 1e9 / cost('simulated disk: made, hashed'), unit: '/cpu s' },
        { name: 'states made, opened and read', value: 1e9 / state, unit: '/cpu s' },
        { name: 'memfs copy / state', value: cost('memfs') / state, unit: 'x' },
        { name: 'real copy / state', value: cost('real files') / state, unit: 'x' },
      ],
    }
  },
}
