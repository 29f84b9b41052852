// harness/run/world.ts: the world of one process on one disk: everything it is given is simulated, traced and can fail.
//
// 1. One world is one process. A crash ends it; what goes on is another world on the disk that is left.
// 2. Allocations are numbered over all of the process's allocators, file-system calls over all of its handles.
// 3. Faults count from `armedFrom` on and until `lift`; deliveries are counted where they are made, never derived.
// 4. What the program holds is known from its own calls: blocks not freed, handles not closed.

import {
  AllocationInjector,
  CountingAllocator,
  FailingFileSystem,
  NodeProcess,
  SimulatedClock,
  SimulatedDisk,
  SimulatedProcesses,
  SimulatedScheduler,
  randomSource,
  type AllocationEvent,
  type AllocationFault,
  type BufferInjector,
  type CallDecision,
  type DiskCalls,
  type DiskImage,
  type FileSystemCallInfo,
  type FileSystemCallResult,
  type ReadSet,
} from '../../faults/index.ts'
import type { Allocator, FileSystem, RandomSource } from '../../engine/ports/index.ts'
import type { SoundFiles, TransactionNote, World } from '../../scenarios/index.ts'
import { TransactionHistory, type RecordedTransaction } from '../oracles/index.ts'
import { captureSite, captureStack } from './call-site.ts'
import { FaultyClock, type ClockFault } from './faulty-clock.ts'
import type { Pump } from './settle.ts'
import type { SoundFilesMemory } from './sound-files.ts'
import type { Trace } from './trace.ts'
import { Unwinding } from './unwinding.ts'

/** The store's directory in every world. */
export const WORLD_DIRECTORY = '/world'

/** A later process of a disk finds a later time. */
export const PROCESS_MS = 3_600_000

/** `process.pid` of a world's first process, less one. */
export const FIRST_PID = 100

/** Which process of which boot a world is. Every process that writes to a disk has another number. */
export type ProcessNumber = Readonly<{ process: number; boot: number }>

/** A fault that was delivered. */
export type Delivery = Readonly<{
  phase: string
  site: string
  stack: string | undefined
  event: number
  /** What the disk held then, where the trace is kept. */
  disk: DiskImage | undefined
  allocation: Readonly<{ index: number; byteLength: number; tag: string }> | undefined
  call: FileSystemCallInfo | undefined
}>

/** Faults put into a world: what fails, from which allocation or call on. */
export type ArmedFaults = Readonly<{
  /** First allocation that `allocations` may fail. */
  armedFrom: number
  allocations: readonly AllocationFault[]
  decide: ((call: FileSystemCallInfo) => CallDecision | undefined) | undefined
  /** From the choice number `from` on, the scheduler takes these, each modulo what is ready; then the first again. */
  schedule?: Readonly<{ from: number; choices: readonly number[] }>
  /** From the reading number `from` on, the clock is wrong. */
  clock?: ClockFault
}>

export interface WorldObserver {
  allocation?(event: AllocationEvent, liveBytes: number, site: string): void
  /** The scheduler took one of `ready` tasks; `choice` counts from 1 in the run. */
  choice?(choice: number, ready: number): void
  /** The clock was read; `reading` counts from 1 in the run. */
  reading?(reading: number, site: string): void
  /** Before the call is made. */
  beforeCall?(call: FileSystemCallInfo): void
  afterCall?(call: FileSystemCallInfo, result: FileSystemCallResult, bytes: Uint8Array | undefined, site: string): void
}

/** A mutant of the kit: what stands between the store and its file system. Its calls are traced and failed below it. */
export type Wraps = Readonly<{
  wrapFileSystem?: (fileSystem: FileSystem) => FileSystem
  /** The same for code over `node:fs`. */
  wrapDisk?: (calls: DiskCalls) => DiskCalls
}>

export type RunWorldOptions = Wraps &
  Readonly<{
    image: DiskImage
    number: ProcessNumber
    seed: number
    trace: Trace
    faults?: ArmedFaults
    /** Call sites of every event are wanted, not only of the failing one. */
    sites?: boolean
    /** Where the first fault will be met, if the counting run has told: spares the stack. */
    expectedSite?: string
    /** A `debugger` statement at each delivery. */
    inspect?: boolean
    observers?: readonly WorldObserver[]
    /** Notes what the process looks at on its disk. */
    readSet?: ReadSet
    /** What earlier checks found sound. Default: nothing is known. */
    soundFiles?: SoundFilesMemory
    /** Makes the injector; another one only where the harness itself is tested. */
    makeInjector?: (faults: readonly AllocationFault[]) => AllocationInjector
  }>

export class RunWorld implements World, Pump {
  readonly directory = WORLD_DIRECTORY
  readonly fileSystem: FileSystem
  readonly clock: SimulatedClock
  readonly scheduler: SimulatedScheduler
  readonly processes = new SimulatedProcesses()
  readonly disk: SimulatedDisk
  readonly soundFiles: SoundFiles | undefined
  readonly trace: Trace
  readonly milestones = new Map<string, number>()
  /** Whether buffers that the program asks for count now: while a step or an open of a scenario that `failsBuffers` runs. */
  countsBuffers = false
  /** Allocations so far, refused ones too. */
  allocations = 0
  /** With `sites` alone: whether anyone looks at the sites of events just now. A stack costs more than its event. */
  sitesNoted = true
  /** The first fault delivered. */
  firstDelivery: Delivery | undefined
  private readonly unwinding: Unwinding
  private choices = 0
  private readings = 0
  private lifted = false
  /** Schedules and clocks that were delivered: a task other than the first, a reading other than the true one. */
  private deliveredTimings = 0
  private readonly history = new TransactionHistory(() => this.trace.count)
  private readonly options: RunWorldOptions
  private readonly failing: FailingFileSystem
  private readonly faultyClock: FaultyClock
  private readonly injector: AllocationInjector
  private readonly allocators: CountingAllocator[] = []
  /** Site of the allocation that is being told of. */
  private siteNow: string | undefined
  /** Where the piece of work that runs now was asked for; work that runs later has no stack of its caller. */
  private askedAt: string | undefined
  private askedFrom: string | undefined
  private node: NodeProcess | undefined
  private readonly buffers: BufferInjector
  private readonly randomUses = new Map<string, number>()

  constructor(options: RunWorldOptions) {
    const { trace, image, number, faults } = options
    this.options = options
    this.trace = trace
    this.unwinding = new Unwinding(trace)
    this.faultyClock = new FaultyClock(faults?.clock)
    this.clock = new SimulatedClock(number.process * PROCESS_MS, (timeMs) => this.readClock(timeMs))
    this.scheduler = new SimulatedScheduler(this.clock, (ready) => this.choose(ready))
    this.processes.restore({ boot: number.boot, process: number.process - 1, running: [] })
    this.processes.spawn()
    const { readSet } = options
    this.disk = SimulatedDisk.from(image, {
      scheduler: this.scheduler,
      ...(readSet === undefined ? {} : { readSet }),
    })
    this.soundFiles = options.soundFiles?.of(this.disk)
    const makeInjector = options.makeInjector ?? ((list) => new AllocationInjector(list))
    this.injector = makeInjector(faults?.allocations ?? [])
    const decide = faults?.decide
    this.failing = new FailingFileSystem(this.disk.fileSystem, {
      root: WORLD_DIRECTORY,
      sink: this.disk.sink,
      ...(decide === undefined ? {} : { decide }),
      delay: (ms) => {
        this.trace.note('clock', 'slow call', ms)
        this.scheduler.elapse(ms)
      },
      onDisturbed: (call) => this.deliver(this.wantsSite(true, false) ? this.site() : '', undefined, call),
      onCall: (call) => this.beforeCall(call),
      onEvent: (call, result, bytes) => this.afterCall(call, result, bytes),
      ...(options.sites === true
        ? { site: () => (this.sitesNoted ? this.site() : undefined), aside: (piece) => this.askedHere(piece) }
        : {}),
    })
    const counts = (): boolean => this.countsBuffers
    this.buffers = {
      get isCounting() {
        return counts()
      },
      refuses: (byteLength, tag) => this.refusesBuffer(byteLength, tag),
    }
    this.fileSystem = options.wrapFileSystem?.(this.failing) ?? this.failing
  }

  random(label: string): RandomSource {
    const use = (this.randomUses.get(label) ?? 0) + 1
    this.randomUses.set(label, use)
    const { number, seed } = this.options
    const source = randomSource(seed, `world ${number.boot} ${number.process} ${label} ${use}`)
    return {
      fill: (target, offset, length) => {
        this.trace.note('random', label, length)
        source.fill(target, offset, length)
      },
    }
  }

  wrapAllocator(inner: Allocator): Allocator {
    const allocator = new CountingAllocator(inner, {
      firstIndex: this.allocations + 1,
      injector: new WorldInjector(this, this.injector, this.options.faults?.armedFrom ?? Infinity),
      onEvent: (event) => this.onAllocation(event),
      ...(this.options.sites === true ? { site: () => (this.sitesNoted ? captureSite() : undefined) } : {}),
    })
    this.allocators.push(allocator)
    return allocator
  }

  beginTransaction(client: string): TransactionNote {
    return this.history.begin(client)
  }

  /** The transactions that the program told of. */
  get transactions(): readonly RecordedTransaction[] {
    return this.history.transactions
  }

  /** The process that code which uses `node:fs` itself belongs to. */
  get nodeProcess(): NodeProcess {
    const { options, disk, clock, scheduler, failing } = this
    const wantsSites = options.sites === true || (options.faults !== undefined && options.expectedSite === undefined)
    this.node ??= new NodeProcess({
      files: failing,
      disk,
      ...(options.wrapDisk === undefined ? {} : { wrapDisk: options.wrapDisk }),
      clock,
      scheduler,
      mount: WORLD_DIRECTORY,
      pid: FIRST_PID + options.number.process,
      random: (label) => this.random(label),
      buffers: this.buffers,
      ...(wantsSites ? { aside: (task) => this.askedHere(task) } : {}),
    })
    return this.node
  }

  loadModule(specifier: string, from: string): unknown {
    return this.nodeProcess.loadModule(specifier, from)
  }

  count(name: string): void {
    this.milestones.set(name, (this.milestones.get(name) ?? 0) + 1)
    this.trace.note('note', name)
  }

  /** Work of the scheduler that is due, for a promise that waits. */
  next(): boolean {
    this.unwinding.nextTurn()
    return this.scheduler.runNext()
  }

  get events(): number {
    return this.trace.count
  }

  /** File-system calls so far. */
  get calls(): number {
    return this.failing.calls
  }

  /** Faults delivered so far, counted by the injectors. */
  get delivered(): number {
    return this.injector.delivered + this.failing.delivered + this.deliveredTimings
  }

  lift(): void {
    this.lifted = true
    this.injector.lift()
    this.failing.lift()
  }

  /** Bytes live in all allocators. */
  liveBytes(): number {
    let bytes = 0
    for (const allocator of this.allocators) bytes += allocator.liveBytes
    return bytes
  }

  /** Allocations asked for after the first (or the last) delivered failure and before its operation returned. */
  allocationsAfter(which: 'first' | 'last'): number {
    return this.unwinding.allocationsAfter(which)
  }

  /** What the program still holds of what it was given, in words; undefined if nothing. */
  held(): string | undefined {
    const parts: string[] = []
    for (const allocator of this.allocators)
      for (const { tag, byteLength, site } of allocator.liveBlocks())
        parts.push(`${byteLength} bytes '${tag}'${site === undefined ? '' : ` of ${site}`}`)
    for (const { path, site } of this.failing.openHandles())
      parts.push(`a handle of '${path}'${site === undefined ? '' : ` of ${site}`}`)
    parts.push(...(this.node?.held() ?? []))
    return parts.length === 0 ? undefined : listed(parts)
  }

  /** Blocks freed twice, or freed that came from elsewhere. */
  get misuses(): number {
    let count = 0
    for (const allocator of this.allocators) count += allocator.misuses
    return count
  }

  private choose(ready: number): number {
    this.choices += 1
    const schedule = this.lifted ? undefined : this.options.faults?.schedule
    const wanted = schedule?.choices[this.choices - schedule.from] ?? 0
    const taken = wanted % ready
    this.trace.note('schedule', 'of', ready * 1000 + taken)
    if (this.options.observers !== undefined)
      for (const observer of this.options.observers) observer.choice?.(this.choices, ready)
    if (taken !== 0) this.deliverTiming('')
    return taken
  }

  private readClock(timeMs: number): number {
    this.readings += 1
    const shown = this.lifted ? timeMs : this.faultyClock.shown(this.readings, timeMs)
    this.trace.note('clock', 'now', shown)
    const site = this.options.sites === true && this.sitesNoted ? captureSite() : ''
    if (this.options.observers !== undefined)
      for (const observer of this.options.observers) observer.reading?.(this.readings, site)
    if (shown !== timeMs) this.deliverTiming(site)
    return shown
  }

  private deliverTiming(site: string): void {
    this.deliveredTimings += 1
    this.deliver(site, undefined, undefined)
  }

  /**
   * Numbers a buffer like any allocation. Nobody tells when one is given back, so none is held, and a budget is the most that
   * a single one may have.
   */
  private refusesBuffer(byteLength: number, tag: string): boolean {
    this.allocations += 1
    const index = this.allocations
    const isArmed = index >= (this.options.faults?.armedFrom ?? Infinity)
    const refused = isArmed && this.injector.refuses(index, byteLength, tag, 0)
    // The program's own frames are on the stack, whoever asked for the work that runs now.
    if (this.wantsSite(refused, false)) this.siteNow = captureSite()
    this.onAllocation(
      { kind: 'allocate', index, byteLength, tag, failed: refused, injected: refused },
      refused ? 0 : byteLength,
    )
    return refused
  }

  private onAllocation(event: AllocationEvent, liveBytes = this.liveBytes()): void {
    const { options, trace } = this
    const { kind, byteLength, tag, failed, injected } = event
    if (kind === 'allocate' && !injected) this.unwinding.allocated()
    const site = this.siteNow ?? (this.wantsSite(injected, kind === 'free') ? this.site() : '')
    this.siteNow = undefined
    this.tellPosition()
    trace.allocation(kind, byteLength, tag, failed, site)
    if (options.observers !== undefined)
      for (const observer of options.observers) observer.allocation?.(event, liveBytes, site)
    if (injected) this.deliver(site, { index: event.index, byteLength, tag }, undefined)
  }

  private beforeCall(call: FileSystemCallInfo): void {
    if (this.options.observers === undefined) return
    for (const observer of this.options.observers) observer.beforeCall?.(call)
  }

  private afterCall(call: FileSystemCallInfo, result: FileSystemCallResult, bytes: Uint8Array | undefined): void {
    const { options } = this
    const site = this.wantsSite(result.injected, false) ? this.site() : ''
    this.tellPosition()
    this.trace.call(call, result, call.kind === 'read' ? undefined : bytes, site)
    if (options.observers !== undefined)
      for (const observer of options.observers) observer.afterCall?.(call, result, bytes, site)
    if (result.injected) this.deliver(site, undefined, call)
  }

  private site(): string {
    return this.askedAt ?? captureSite()
  }

  private tellPosition(): void {
    if (this.trace.positions) this.trace.standsAt(this.askedFrom ?? captureStack())
  }

  /** The task, for later, as one whose calls were made here. */
  private askedHere(task: () => void): () => void {
    const site = this.site()
    const stack = this.trace.positions ? (this.askedFrom ?? captureStack()) : undefined
    return () => {
      const [siteBefore, stackBefore] = [this.askedAt, this.askedFrom]
      this.askedAt = site
      this.askedFrom = stack
      try {
        task()
      } finally {
        this.askedAt = siteBefore
        this.askedFrom = stackBefore
      }
    }
  }

  /** A stack costs more than the rest of an event: only where all are wanted, and for the first failure. */
  private wantsSite(injected: boolean, free: boolean): boolean {
    return this.options.sites === true
      ? !free && this.sitesNoted
      : injected && this.firstDelivery === undefined && this.options.expectedSite === undefined
  }

  private deliver(site: string, allocation: Delivery['allocation'], call: FileSystemCallInfo | undefined): void {
    if (allocation !== undefined) this.unwinding.allocated()
    this.unwinding.failed()
    if (this.firstDelivery === undefined) {
      const stack = this.options.inspect === true || this.trace.keep ? stackOf() : undefined
      const { phase, count } = this.trace
      this.firstDelivery = {
        phase,
        site: site || (this.options.expectedSite ?? ''),
        stack,
        event: count - 1,
        disk: this.trace.keep ? this.disk.checkpoint() : undefined,
        allocation,
        call,
      }
    }
    if (this.options.inspect === true) {
      // The stack above this frame is the program's call that is about to fail.
      // oxlint-disable-next-line no-debugger
      debugger
    }
  }
}

/** Numbers allocations over all allocators of a world, and is armed from one of them on. */
class WorldInjector extends AllocationInjector {
  private readonly world: RunWorld
  private readonly inner: AllocationInjector
  private readonly armedFrom: number

  constructor(world: RunWorld, inner: AllocationInjector, armedFrom: number) {
    super([])
    this.world = world
    this.inner = inner
    this.armedFrom = armedFrom
  }

  override refuses(_index: number, byteLength: number, tag: string): boolean {
    this.world.allocations += 1
    const { allocations } = this.world
    return allocations >= this.armedFrom && this.inner.refuses(allocations, byteLength, tag, this.world.liveBytes())
  }
}

function stackOf(): string {
  const holder: { stack?: string } = {}
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 40
  Error.captureStackTrace(holder, stackOf)
  Error.stackTraceLimit = stackTraceLimit
  return holder.stack ?? ''
}

function listed(parts: readonly string[]): string {
  const shown = parts.slice(0, 4).join(', ')
  return parts.length > 4 ? `${shown} and ${parts.length - 4} more` : shown
}
