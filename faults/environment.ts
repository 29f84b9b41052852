// faults/environment.ts: a clock, a table of processes and a scheduler that do what a run tells them, and nothing else.

import type { Clock, ProcessIdentity, Processes, Scheduler } from '../engine/ports/index.ts'

/** A clock that stands still until it is moved; it may be moved back. */
export class SimulatedClock implements Clock {
  private time: number
  private readonly onRead: ((timeMs: number) => number | void) | undefined

  /** `onRead` is told what a reading would give, and may give another time: a clock that is wrong. */
  constructor(startMs = 0, onRead?: (timeMs: number) => number | void) {
    this.time = startMs
    this.onRead = onRead
  }

  nowMs(): number {
    return this.onRead?.(this.time) ?? this.time
  }

  /** The time, unseen by `onRead`: for what the world itself stamps. */
  peekMs(): number {
    return this.time
  }

  /** Moves the clock, forward or back, unseen by `onRead`. */
  advance(durationMs: number): void {
    this.time += durationMs
  }

  set(timeMs: number): void {
    this.time = timeMs
  }
}

/** The processes of one simulated host, one of which is the running one. */
export class SimulatedProcesses implements Processes {
  private readonly host: string
  private bootNumber = 1
  private processNumber = 1
  private readonly running = new Set<string>()

  constructor(host = 'host') {
    this.host = host
    this.running.add(keyOf(this.self()))
  }

  self(): ProcessIdentity {
    const start = `s${this.processNumber}`
    return { host: this.host, boot: `boot${this.bootNumber}`, process: `p${100 + this.processNumber}`, start }
  }

  isRunning(identity: ProcessIdentity): 'yes' | 'no' | 'unknown' {
    if (identity.host !== this.host) return 'unknown'
    return this.running.has(keyOf(identity)) ? 'yes' : 'no'
  }

  /** The running process dies and another one takes its place. */
  kill(): void {
    this.running.delete(keyOf(this.self()))
    this.spawn()
  }

  /** The machine goes down and comes up: no process of before runs, and the boot is another one. */
  reboot(): void {
    this.running.clear()
    this.bootNumber += 1
    this.spawn()
  }

  /** Another process starts and becomes the running one; the one before goes on. */
  spawn(): void {
    this.processNumber += 1
    this.running.add(keyOf(this.self()))
  }

  /** Number of the running process and of the boot: enough to go on from, with `restore`. */
  checkpoint(): Readonly<{ boot: number; process: number; running: readonly string[] }> {
    return { boot: this.bootNumber, process: this.processNumber, running: [...this.running] }
  }

  restore(saved: ReturnType<SimulatedProcesses['checkpoint']>): void {
    this.bootNumber = saved.boot
    this.processNumber = saved.process
    this.running.clear()
    for (const key of saved.running) this.running.add(key)
  }
}

function keyOf({ host, boot, process, start }: ProcessIdentity): string {
  return `${host} ${boot} ${process} ${start}`
}

type Task = { readonly run: () => void; readonly dueMs: number; readonly order: number }

/**
 * A queue that the harness runs. Tasks that are due run in the order in which they were given, unless `choose` picks
 * another where there are several; when none is due the clock moves to the next one's time.
 */
export class SimulatedScheduler implements Scheduler {
  private readonly clock: SimulatedClock
  private readonly choose: ((count: number) => number) | undefined
  private tasks: Task[] = []
  private order = 0
  private timeMs = 0

  /** `choose(n)` picks among n ≥ 2 due tasks, 0 … n − 1. */
  constructor(clock: SimulatedClock = new SimulatedClock(), choose?: (count: number) => number) {
    this.clock = clock
    this.choose = choose
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.tasks.length
  }

  soon(task: () => void): void {
    this.add(task, 0)
  }

  after(delayMs: number, task: () => void): () => void {
    const added = this.add(task, Math.max(0, delayMs))
    return () => {
      this.tasks = this.tasks.filter((waiting) => waiting !== added)
    }
  }

  /** Time passes in which the process can do nothing: its clock moves, and tasks become due. */
  elapse(durationMs: number): void {
    this.clock.advance(durationMs)
    this.timeMs += durationMs
  }

  /** Runs one task; false if there is none. */
  runNext(): boolean {
    const first = this.tasks.reduce<Task | undefined>(earlier, undefined)
    if (first === undefined) return false
    if (first.dueMs > this.timeMs) {
      this.clock.advance(first.dueMs - this.timeMs)
      this.timeMs = first.dueMs
    }
    const due = this.tasks.filter((task) => task.dueMs <= this.timeMs).toSorted(byOrder)
    const picked = due[this.choose === undefined || due.length < 2 ? 0 : this.choose(due.length)] ?? first
    this.tasks = this.tasks.filter((task) => task !== picked)
    picked.run()
    return true
  }

  /** Runs tasks until none waits or `tasksMax` ran; returns how many. */
  runAll(tasksMax = 1_000_000): number {
    let count = 0
    while (count < tasksMax && this.runNext()) count += 1
    return count
  }

  /** The process died: what waited never runs. */
  clear(): void {
    this.tasks = []
  }

  private add(run: () => void, delayMs: number): Task {
    this.order += 1
    const task = { run, dueMs: this.timeMs + delayMs, order: this.order }
    this.tasks.push(task)
    return task
  }
}

function byOrder(left: Task, right: Task): number {
  return left.order - right.order
}

function earlier(best: Task | undefined, task: Task): Task {
  return best === undefined || task.dueMs < best.dueMs ? task : best
}
