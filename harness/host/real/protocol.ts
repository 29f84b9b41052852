// harness/host/real/protocol.ts: what goes between the campaign and the processes that run a scenario on a real directory.
//
// Tasks and replies are messages. What a process has begun and acknowledged it writes to PROGRESS_FD before it goes on, by
// a synchronous write: a kill takes nothing of it back.

import type { Parameters } from '../../../scenarios/index.ts'

/** File descriptor of the pipe for progress: a line `started N` or `acknowledged N` for each step. */
export const PROGRESS_FD = 3

/** The moment of a kill: right before a file-system call is made, or right after it has returned. */
export type KillMoment = Readonly<{ call: number; when: 'before' | 'after' }>

/** Sent once to a process that has loaded its scenario and waits. */
export type RealTask = Readonly<{ parameters: Parameters; seed: number; directory: string }> &
  (
    | Readonly<{ kind: 'count' }>
    | Readonly<{ kind: 'kill'; at: KillMoment }>
    /** The store holds the model after `low` to `high` whole steps. */
    | Readonly<{ kind: 'recover'; low: number; high: number }>
  )

/** A file-system call, as the counting run made it. */
export type RealCall = Readonly<{ index: number; kind: string; path: string }>

export type RealReply =
  | Readonly<{ kind: 'ready' }>
  /** The scenario can't be loaded or run. */
  | Readonly<{ kind: 'failed'; message: string }>
  /** There is no real run of such a scenario. */
  | Readonly<{ kind: 'unsupported'; message: string }>
  | Readonly<{ kind: 'counted'; calls: readonly RealCall[] }>
  /** The run came to its end: its kill was never reached. */
  | Readonly<{ kind: 'ended' }>
  | Readonly<{ kind: 'recovered'; violation?: Readonly<{ oracle: string; message: string }> }>
