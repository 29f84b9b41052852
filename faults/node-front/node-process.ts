// faults/node-front/node-process.ts: one simulated Node process: its file system, clock, timers, chance and modules.
//
// 1. Code belongs to it as process-scope.ts says.
// 2. Nothing happens by itself: what is asked for asynchronously waits in the scheduler until the harness runs it.
// 3. An error that nothing catches, in a task or in a tick of Node's own streams, is kept: it would end a real one.
// 4. What the front does not model is kept in `refusal`, so that a program which swallows the error hides nothing.

import { Module, createRequire } from 'node:module'
import type { RandomSource } from '../../engine/ports/index.ts'
import type { SimulatedDisk } from '../disk/index.ts'
import type { SimulatedClock, SimulatedScheduler } from '../environment.ts'
import { FailingDisk, type DiskCalls, type FailingFileSystem } from '../wrappers/index.ts'
import type { BufferInjector } from './buffers.ts'
import { NotModelledError } from './errors.ts'
import { makeFace, type Face } from './face.ts'
import { FileCalls } from './file-calls.ts'
import { Kernel } from './kernel.ts'
import { NameCalls } from './name-calls.ts'
import { makeOperations } from './operations.ts'
import { currentScope, ProcessScope } from './process-scope.ts'
import { randomFunctions, type RandomFunctions } from './random-functions.ts'
import { RealFiles } from './real-files.ts'
import { RealDirectory, RealKernel } from './real-kernel.ts'
import { RealNames } from './real-names.ts'
import type { FileSystemCalls, NameSystemCalls, ProcessKernel } from './system-calls.ts'
import { FrontTimers } from './timers.ts'
import { WholeFiles } from './whole-files.ts'

export type NodeProcessOptions = Readonly<{
  /** Numbers, fails and tells of every call. */
  files: FailingFileSystem
  /** Where its files are. A real directory gets the same numbered calls, made by the operating system. */
  disk: SimulatedDisk | RealDirectory
  /** What stands between the process and its simulated disk: a mutant of the kit. Its calls are numbered and failed below it. */
  wrapDisk?: (calls: DiskCalls) => DiskCalls
  clock: SimulatedClock
  scheduler: SimulatedScheduler
  /** A stream of random bytes for each use. */
  random: (label: string) => RandomSource
  /** The directory below which the disk is. */
  mount: string
  /** What `process.pid` says. */
  pid: number
  /** Told of the buffers that the process asks for, where `installBufferFaults` is in force. */
  buffers?: BufferInjector
  /** Makes of a piece of a call one that runs later and is known to come from here. */
  aside?: (piece: () => void) => () => void
}>

/** What `Date.now()` says when a world begins: 2026-01-01. A clock at zero is one that programs take for none. */
const EPOCH_MS = 1_767_225_600_000
const LETTERS = 62

/** The process that the running code belongs to, if it has a file system, timers and chance of its own. */
export function currentProcess(): NodeProcess | undefined {
  const scope = currentScope()
  return scope instanceof NodeProcess ? scope : undefined
}

export class NodeProcess extends ProcessScope {
  readonly mount: string
  readonly pid: number
  readonly face: Face
  readonly timers: FrontTimers
  readonly random: RandomFunctions
  readonly buffers: BufferInjector | undefined
  /** What graceful-fs means to try again in this process. */
  readonly gracefulQueue: unknown[] = []
  private readonly kernel: ProcessKernel
  private readonly clock: SimulatedClock
  private readonly scheduler: SimulatedScheduler
  private readonly modules: Record<string, unknown> = {}
  private refused: NotModelledError | undefined

  constructor(options: NodeProcessOptions) {
    super()
    const { clock, scheduler, mount, pid } = options
    this.mount = mount
    this.buffers = options.buffers
    this.pid = pid
    this.clock = clock
    this.scheduler = scheduler
    const later = (task: () => void): void => this.later(task)
    const { aside } = options
    const after = (delayMs: number, task: () => void): (() => void) => this.after(delayMs, task)
    const nowMs = (): number => EPOCH_MS + clock.peekMs()
    const { kernel, calls, names } = systemOf(options, nowMs)
    const letters = lazily(() => options.random('node mkdtemp'))
    const letter = (): number => {
      const drawn = Buffer.alloc(2)
      const { fill } = letters()
      fill(drawn, 0, 2)
      return drawn.readUInt16BE() % LETTERS
    }
    const whole = new WholeFiles(calls, names, letter)
    const operations = makeOperations({ kernel, files: calls, names, whole, later })
    this.kernel = kernel
    this.face = makeFace({
      kernel,
      operations,
      later,
      after,
      ...(aside === undefined ? {} : { aside }),
      refused: (error) => this.refuse(error),
    })
    this.timers = new FrontTimers({ after })
    const bytes = lazily(() => options.random('node crypto'))
    this.random = randomFunctions({ fill: (target, offset, length) => bytes().fill(target, offset, length) }, later)
  }

  later(task: () => void): void {
    this.scheduler.soon(() => this.alone(task))
  }

  after(delayMs: number, task: () => void): () => void {
    return this.scheduler.after(delayMs, () => this.alone(task))
  }

  /** Runs a task that nobody called: what it throws, nobody catches. */
  private alone(task: () => void): void {
    try {
      this.run(task)
    } catch (error) {
      this.noteUncaught(error)
    }
  }

  /** `Date.now()`; a read of the clock. */
  nowMs(): number {
    return Math.floor(EPOCH_MS + this.clock.nowMs())
  }

  /** `performance.now()`; a read of the clock. */
  elapsedMs(): number {
    return this.clock.nowMs()
  }

  /**
   * A CommonJS module as this process loads it: a fresh instance of it, and of what it loads, with the module's own state
   * (queues, counters) as a new process has it. Compiled code is shared. `from` is the file that asks.
   */
  loadModule(specifier: string, from: string): unknown {
    const shared: unknown = Reflect.get(Module, '_cache')
    Reflect.set(Module, '_cache', this.modules)
    try {
      return this.run(() => createRequire(from)(specifier))
    } finally {
      Reflect.set(Module, '_cache', shared)
    }
  }

  refuse(error: NotModelledError): void {
    this.refused ??= error
  }

  /** The first thing that was asked for and is not modelled, once. */
  takeRefusal(): NotModelledError | undefined {
    const { refused } = this
    this.refused = undefined
    return refused
  }

  /** What keeps the process alive besides its open files, in words. */
  held(): readonly string[] {
    const { watchers, pollers } = this.kernel
    const watching = watchers.size + pollers.size
    return [...this.timers.active(), ...(watching === 0 ? [] : [`${watching} file watchers`])]
  }
}

type System = Readonly<{ kernel: ProcessKernel; calls: FileSystemCalls; names: NameSystemCalls }>

function systemOf({ files, disk, mount, wrapDisk }: NodeProcessOptions, nowMs: () => number): System {
  if (disk instanceof RealDirectory) {
    const kernel = new RealKernel(files, mount, disk, nowMs)
    return { kernel, calls: new RealFiles(kernel), names: new RealNames(kernel) }
  }
  const calls = new FailingDisk(files, disk)
  const kernel = new Kernel(wrapDisk?.(calls) ?? calls, nowMs)
  return { kernel, calls: new FileCalls(kernel), names: new NameCalls(kernel) }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
