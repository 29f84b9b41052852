// harness/host/real/real-world.ts: the world of one process on a real directory.
//
// 1. A scenario over `world.fileSystem` gets the directory by its own name, and this machine's clock and scheduler.
// 2. One that uses `node:fs` itself gets the directory under the name that it has in every simulated world, and that world's
//    clock, chance and scheduler: its calls come in the same order there and here.
// 3. A process is named as in the simulation, so that what a store writes of it has the same bytes. Whether it runs, the
//    operating system says.

import type { FileSystem, ProcessIdentity, Processes, RandomSource } from '../../../engine/ports/index.ts'
import {
  FailingFileSystem,
  NodeProcess,
  RealDirectory,
  randomSource,
  SimulatedClock,
  SimulatedProcesses,
  SimulatedScheduler,
  type FileSystemCallInfo,
  type FileSystemCallResult,
} from '../../../faults/index.ts'
import type { RealPorts, TransactionNote, World } from '../../../scenarios/index.ts'
import { FIRST_PID, PROCESS_MS, settle, WORLD_DIRECTORY, type LoadedScenario, type Pump } from '../../run/index.ts'
import { MountedFileSystem } from './mounted-file-system.ts'

export type Watch = Readonly<{
  before?: (call: FileSystemCallInfo) => void
  after?: (call: FileSystemCallInfo, result: FileSystemCallResult) => void
}>

export type RealWorldOptions = Readonly<{
  directory: string
  seed: number
  /** Number of the process that the world is, from 1. */
  number: number
  watch: Watch
  /** Who the processes before it are to the operating system, by number. */
  before: ReadonlyMap<number, ProcessIdentity>
  ports: RealPorts
}>

export class RealWorld implements World, Pump {
  readonly directory: string
  readonly fileSystem: FailingFileSystem
  readonly clock: World['clock']
  readonly scheduler: World['scheduler']
  readonly processes: Processes
  private readonly options: RealWorldOptions
  private readonly simulated: SimulatedScheduler | undefined
  private readonly node: NodeProcess | undefined
  private readonly uses = new Map<string, number>()

  constructor(loaded: LoadedScenario, options: RealWorldOptions) {
    const { directory, number, watch, before, ports } = options
    this.options = options
    this.processes = new NamedProcesses(number, before, ports.processes)
    if (!loaded.usesNodeFs) {
      this.directory = directory
      this.clock = ports.clock
      this.scheduler = ports.scheduler
      this.fileSystem = watched(ports.fileSystem, directory, watch)
      return
    }
    const clock = new SimulatedClock(number * PROCESS_MS)
    const scheduler = new SimulatedScheduler(clock)
    this.directory = WORLD_DIRECTORY
    this.clock = clock
    this.scheduler = scheduler
    this.simulated = scheduler
    this.fileSystem = watched(
      new MountedFileSystem(ports.fileSystem, WORLD_DIRECTORY, directory),
      WORLD_DIRECTORY,
      watch,
    )
    this.node = new NodeProcess({
      files: this.fileSystem,
      disk: new RealDirectory(directory),
      clock,
      scheduler,
      mount: WORLD_DIRECTORY,
      pid: FIRST_PID + number,
      random: (label) => this.random(label),
    })
  }

  /** Runs code of the scenario as this process, to its end. Throws what it throws, and what the front has no model of. */
  async perform<T>(code: () => T | PromiseLike<T>): Promise<T> {
    const { node } = this
    if (node === undefined) return code()
    const value = await settle(node.run(code), this)
    const refused = node.takeRefusal()
    if (refused !== undefined) throw refused
    return value
  }

  random(label: string): RandomSource {
    const use = (this.uses.get(label) ?? 0) + 1
    this.uses.set(label, use)
    return randomSource(this.options.seed, `world 1 ${this.options.number} ${label} ${use}`)
  }

  wrapAllocator: World['wrapAllocator'] = (inner) => inner

  loadModule(specifier: string, from: string): unknown {
    if (this.node === undefined) throw new TypeError('loadModule is for a scenario that says usesNodeFs')
    return this.node.loadModule(specifier, from)
  }

  beginTransaction(): TransactionNote {
    return { committed: () => {}, aborted: () => {}, unknown: () => {} }
  }

  count(): void {}

  next(): boolean {
    return this.simulated?.runNext() ?? false
  }

  get events(): number {
    return this.fileSystem.calls
  }

  /** What the program still holds, in words. */
  held(): readonly string[] {
    const open = this.fileSystem.openHandles().map(({ path }) => `a handle of '${path}'`)
    return [...open, ...(this.node?.held() ?? [])]
  }
}

function watched(fileSystem: FileSystem, root: string, { before, after }: Watch): FailingFileSystem {
  return new FailingFileSystem(fileSystem, {
    root,
    onCall: (call) => before?.(call),
    onEvent: (call, result) => after?.(call, result),
  })
}

class NamedProcesses implements Processes {
  private readonly names: SimulatedProcesses
  private readonly real = new Map<string, ProcessIdentity>()
  private readonly system: Processes

  constructor(number: number, before: ReadonlyMap<number, ProcessIdentity>, system: Processes) {
    this.system = system
    this.names = namesOf(number)
    for (const [earlier, identity] of before) this.real.set(keyOf(namesOf(earlier).self()), identity)
    this.real.set(keyOf(this.self()), system.self())
  }

  self(): ProcessIdentity {
    return this.names.self()
  }

  isRunning(identity: ProcessIdentity): 'yes' | 'no' | 'unknown' {
    const real = this.real.get(keyOf(identity))
    return real === undefined ? this.names.isRunning(identity) : this.system.isRunning(real)
  }
}

function namesOf(number: number): SimulatedProcesses {
  const names = new SimulatedProcesses()
  names.restore({ boot: 1, process: number - 1, running: [] })
  names.spawn()
  return names
}

function keyOf({ host, boot, process, start }: ProcessIdentity): string {
  return `${host} ${boot} ${process} ${start}`
}
