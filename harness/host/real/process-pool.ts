// harness/host/real/process-pool.ts: processes that have loaded the scenario and wait, so that a run does not wait for them.
//
// 1. A process does one task. Another one is started in its place at once.
// 2. One that does not end within the limit is killed, and its task fails with a HangError.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ProcessIdentity } from '../../../engine/ports/index.ts'
import { PROGRESS_FD, type RealReply, type RealTask } from './protocol.ts'

const CHILD = fileURLToPath(new URL(`./child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))

/** How a process ended, and what it had said by then. */
export type RealEnd = Readonly<{
  /** Undefined if it said nothing: it was killed. */
  reply: RealReply | undefined
  signal: NodeJS.Signals | null
  started: number
  acknowledged: number
  /** Who it was; undefined if it was ended before its task. */
  identity: ProcessIdentity | undefined
}>

/** A process that did not end in time. */
export class ProcessHangError extends Error {
  override readonly name = 'ProcessHangError'
}

export class ProcessPool {
  readonly #scenario: string
  readonly #limitMs: number
  readonly #waiting: Waiting[] = []
  readonly #all = new Set<ChildProcess>()
  #closed = false

  constructor(options: Readonly<{ scenario: string; size: number; limitMs: number }>) {
    this.#scenario = options.scenario
    this.#limitMs = options.limitMs
    for (let count = 0; count < options.size; count += 1) this.#start()
  }

  /** Does one task in a process of its own. Throws ProcessHangError, or Error if the scenario can't be loaded there. */
  async run(task: RealTask): Promise<RealEnd> {
    const waiting = this.#waiting.shift() ?? this.#make()
    if (!this.#closed) this.#start()
    return waiting.run(task, this.#limitMs)
  }

  /** Ends every process; idempotent. */
  close(): void {
    this.#closed = true
    for (const child of this.#all) child.kill('SIGKILL')
  }

  #start(): void {
    this.#waiting.push(this.#make())
  }

  #make(): Waiting {
    const waiting = new Waiting(this.#scenario)
    this.#all.add(waiting.child)
    waiting.child.once('close', () => this.#all.delete(waiting.child))
    return waiting
  }
}

class Waiting {
  readonly child: ChildProcess
  readonly #ready: Promise<void>
  #reply: RealReply | undefined
  #progress = ''

  constructor(scenario: string) {
    // What a scenario prints goes to standard error: standard output is the command's own.
    this.child = fork(CHILD, [scenario], { stdio: ['ignore', 2, 2, 'pipe', 'ipc'] })
    const { child } = this
    const pipe = child.stdio[PROGRESS_FD] as Readable
    pipe.on('data', (bytes: Buffer) => (this.#progress += bytes.toString()))
    this.#ready = new Promise((resolve, reject) => {
      child.on('message', (message: RealReply) => {
        if (message.kind === 'ready') resolve()
        else this.#reply = message
      })
      child.once('close', () => {
        const reason = this.#reply?.kind === 'failed' ? this.#reply.message : 'its process ended'
        reject(new Error(`the scenario can't be loaded in a process of its own: ${reason}`))
      })
    })
    // It is awaited when a task comes; until then a failure waits.
    this.#ready.catch(() => {})
  }

  async run(task: RealTask, limitMs: number): Promise<RealEnd> {
    const { child } = this
    let hung = false
    const timer = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, limitMs)
    try {
      await this.#ready
      const closed = once(child, 'close')
      child.send(task)
      const [, signal] = (await closed) as [number | null, NodeJS.Signals | null]
      if (hung) throw new ProcessHangError(`a process did not end within ${limitMs / 1000} s`)
      const identity = this.#last('identity')
      return {
        reply: this.#reply,
        signal,
        started: Number(this.#last('started') ?? 0),
        acknowledged: Number(this.#last('acknowledged') ?? 0),
        // The child wrote it, whole or not at all.
        identity: identity === undefined ? undefined : (JSON.parse(identity) as ProcessIdentity),
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** What the last line of that kind says; a line that was cut off is none. */
  #last(kind: string): string | undefined {
    const lines = this.#progress.split('\n').slice(0, -1)
    const last = lines.findLast((line) => line.startsWith(`${kind} `))
    return last?.slice(kind.length + 1)
  }
}
