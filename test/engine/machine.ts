// test/engine/machine.ts: a simulated machine that databases are opened on, and that dies in the ways that machines die.

import {
  createAllocator,
  openDatabase,
  singleChunk,
  verifyDatabase,
  type Allocator,
  type AllocatorAlgorithm,
  type Database,
  type FileSystem,
  type OpenOptions,
  type Schema,
  type VerifyResult,
} from '../../engine/index.ts'
import {
  PERSISTENCE_MODELS,
  SimulatedDisk,
  SimulatedProcesses,
  countStates,
  crashStates,
  listImage,
  randomSource,
  readImageFile,
  stateAt,
  type CrashState,
  type DiskImage,
  type PersistenceModel,
} from '../../faults/index.ts'

export const ROOT = '/docs'
export const NAME = 'data'
export const DIRECTORY = `${ROOT}/${NAME}.rdm`

/** The weakest device that a database with that alignment is made for. */
export function deviceFor(commitAlignBytes: 0 | 512 | 4096): PersistenceModel {
  return commitAlignBytes === 0 ? PERSISTENCE_MODELS['posix-minimal'] : PERSISTENCE_MODELS['posix-fragile-sectors']
}

const STATE_OPTIONS = { sectorBytes: 512, seed: 1 } as const
const CHUNK_BYTES = 1024 * 1024

/** An allocator over a chunk of its own. */
export function smallAllocator(algorithm: AllocatorAlgorithm = 'segregated-fit'): Allocator {
  return createAllocator({ algorithm, memory: singleChunk(new Uint8Array(CHUNK_BYTES)) })
}

// No two machines run the same process.
let machines = 0

/** What the caller decides; the machine gives the rest. */
export type MachineOptions<S extends Schema> = Omit<
  OpenOptions<S>,
  'root' | 'name' | 'fileSystem' | 'allocator' | 'random' | 'processes'
> &
  Partial<Pick<OpenOptions<S>, 'root' | 'name' | 'fileSystem' | 'allocator' | 'random' | 'processes'>>

export class Machine {
  disk: SimulatedDisk
  readonly processes: SimulatedProcesses

  /** A new machine, or one that comes up with what an image holds: no process of before runs. */
  constructor(image?: DiskImage) {
    this.disk = image === undefined ? new SimulatedDisk({ directories: [ROOT] }) : SimulatedDisk.from(image)
    this.processes = new SimulatedProcesses()
    machines += 1
    this.processes.restore({ boot: machines, process: machines * 1000, running: [] })
    this.processes.spawn()
  }

  get fileSystem(): FileSystem {
    return this.disk.fileSystem
  }

  open<S extends Schema>(options: MachineOptions<S>): Database<S> {
    return openDatabase<S>({
      root: ROOT,
      name: NAME,
      fileSystem: this.disk.fileSystem,
      allocator: smallAllocator(),
      random: randomSource(1, 'engine'),
      processes: this.processes,
      ...options,
    })
  }

  /** As `packdb verify`. */
  verify(): VerifyResult {
    return verifyDatabase({
      root: ROOT,
      name: NAME,
      fileSystem: this.disk.fileSystem,
      allocator: smallAllocator(),
      random: randomSource(1, 'engine'),
      processes: this.processes,
    })
  }

  image(): DiskImage {
    return this.disk.checkpoint()
  }

  /** The process dies; the page cache stays. */
  kill(): void {
    this.disk.kill()
    this.processes.kill()
  }

  /** The machine comes up again with what that state left. */
  restart(state: CrashState | DiskImage): void {
    this.disk = SimulatedDisk.from('make' in state ? state.make() : state)
    this.processes.reboot()
  }

  /** The power goes; `pick` in [0, 1) chooses among the states that the device allows. */
  powerCut(pick: number, device?: PersistenceModel): void {
    this.restart(pickState(this.image(), pick, device))
  }
}

/** One of all states that a power loss may leave, by a number in [0, 1). */
export function pickState(
  image: DiskImage,
  pick: number,
  model: PersistenceModel = PERSISTENCE_MODELS['posix-minimal'],
): CrashState {
  const { byFamily } = countStates(image, model, STATE_OPTIONS)
  const families = [...byFamily].filter(([family, count]) => family !== 'kill' && count > 0)
  const scaled = pick * families.length
  const [family, count] = families[Math.floor(scaled)] ?? ['none', 1]
  const index = Math.floor((scaled % 1) * count)
  return stateAt(image, model, { family, index }, STATE_OPTIONS)
}

/** Every power-loss state of the image, or `statesMax` spread evenly. */
export function* powerLossStates(
  image: DiskImage,
  statesMax = Infinity,
  model: PersistenceModel = PERSISTENCE_MODELS['posix-minimal'],
): Generator<CrashState, void> {
  for (const state of crashStates(image, model, { ...STATE_OPTIONS, statesMax }))
    if (state.id.family !== 'kill') yield state
}

/** Files under the document root whose content an open may not change: all but locks and claims. */
export function packsOf(image: DiskImage): ReadonlyMap<string, Uint8Array> {
  const packs = new Map<string, Uint8Array>()
  for (const { path, kind } of listImage(image)) {
    if (kind === 'file' && path.endsWith('.pack')) packs.set(path, readImageFile(image, path) ?? new Uint8Array(0))
  }
  return packs
}

/** A disk on which one file has other bytes. All of it is durable. */
export function withFile(image: DiskImage, path: string, bytes: Uint8Array): DiskImage {
  const disk = SimulatedDisk.from(image)
  const { fileSystem } = disk
  fileSystem.unlink(path)
  const handle = fileSystem.create(path)
  handle.append(bytes, 0, bytes.length)
  handle.sync()
  handle.close()
  fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')))
  return disk.checkpoint()
}

export function errorOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
