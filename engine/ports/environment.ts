// engine/ports/environment.ts: time, chance, order and identity, as the engine is given them.

export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back in a real adapter, may do anything under test. */
  nowMs(): number
}

export interface RandomSource {
  /** Fills `length` bytes of `target` from `offset`. */
  fill(target: Uint8Array, offset: number, length: number): void
}

/** What continues later goes through here, so that a test decides when. */
export interface Scheduler {
  /** Runs `task` later, after the current call has returned. */
  soon(task: () => void): void
  /** Runs `task` after `delayMs` on the clock of this scheduler; the function returned cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** Who holds a lock. All fields are printable without blanks, '/' or '.'. */
export type ProcessIdentity = Readonly<{ host: string; boot: string; process: string; start: string }>

export interface Processes {
  /** The running process. */
  self(): ProcessIdentity
  /** Whether that process runs: `unknown` if it can't be told (another host), which counts as running. */
  isRunning(identity: ProcessIdentity): 'yes' | 'no' | 'unknown'
}
