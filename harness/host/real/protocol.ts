// harness/host/real/protocol.ts: what goes between the campaign and the processes that run a scenario on a real directory.
//
// Tasks and replies are messages. What a process has begun and acknowledged it writes to PROGRESS_FD before it goes on, by
// a synchronous write: a kill takes nothing of it back.

import type { ProcessIdentity } from '../../../engine/ports/index.ts'
import type { Parameters } from '../../../scenarios/index.ts'

/** File descriptor of the pipe for progress: a line `identity JSON` at first, then `started N` or `acknowledged N` for each step. */
export const PROGRESS_FD = 3

/** The moment of a kill: right before a file-system call is made, or right after it has returned. */
export type KillMoment = Readonly<{ call: number; when: 'before' | 'after' }>

/** Sent once to a process that has loaded its scenario and waits. */
export type RealTask = Readonly<{ parameters: Parameters; seed: number; directory: string }> &
  (
    | Readonly<{ kind: 'count' }>
    /** The same run on the simulated disk: `directory` is not touched. */
    | Readonly<{ kind: 'simulate' }>
    | Readonly<{ kind: 'kill'; at: KillMoment }>
    /** The store holds the model after `low` to `high` whole steps; the process `killed` made it. */
    | Readonly<{ kind: 'recover'; low: number; high: number; killed: ProcessIdentity }>
  )

/** A file-system call, and what came of it. */
export type RealCall = Readonly<{
  index: number
  kind: string
  path: string
  argument?: string | undefined
  offsetBytes?: number | undefined
  lengthBytes?: number | undefined
  /** Bytes transferred, a size, a handle's number, a listing's length. */
  value?: number | undefined
  /** Errno code, if it was refused. */
  code?: string | undefined
}>

/** What a call changed in the tree below the directory, as tree.ts says it. */
export type TreeChange = Readonly<{ set: readonly (readonly [string, string])[]; gone: readonly string[] }>

export type SimulatedCall = RealCall &
  Readonly<{
    /** How many calls had ended when it began. */
    endedBefore: number
    change?: TreeChange
  }>

export type RealReply =
  | Readonly<{ kind: 'ready' }>
  /** The scenario can't be loaded or run. */
  | Readonly<{ kind: 'failed'; message: string }>
  | Readonly<{ kind: 'counted'; calls: readonly RealCall[] }>
  | Readonly<{ kind: 'simulated'; calls: readonly SimulatedCall[] }>
  /** The run came to its end: its kill was never reached. */
  | Readonly<{ kind: 'ended' }>
  | Readonly<{ kind: 'recovered'; violation?: Readonly<{ oracle: string; message: string }> }>
