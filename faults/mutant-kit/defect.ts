// faults/mutant-kit/defect.ts: what a store does wrong with its file system, as data.
//
// Each is something that code of the field really does: a sync nobody makes, an error nobody looks at, a rename that comes
// before the bytes it is to publish. It is applied between the store and its file system, so the store need not be ours.

import type { FileSystemCall } from '../../engine/ports/index.ts'

export type Defect =
  /** Calls that are not made; the caller is told that all went well. One in so many, or all. */
  | Readonly<{ do: 'skip'; calls: readonly FileSystemCall[]; oneIn?: number }>
  /** An error that the call had is kept back; the caller is told that all went well. */
  | Readonly<{ do: 'swallow'; calls: readonly FileSystemCall[] }>
  /** Errors with one of these codes are thrown with another one; without `to`, with none at all. */
  | Readonly<{ do: 'recode'; codes: readonly string[]; to?: string }>
  /** A call that failed is made again and again, and believed when it succeeds. */
  | Readonly<{ do: 'retry'; calls: readonly FileSystemCall[]; timesMax: number }>
  /** The caller is told at once that all went well; the call is made when the next one comes. */
  | Readonly<{ do: 'late'; calls: readonly FileSystemCall[] }>
  /** Calls on a file that stand before a rename are made after it. */
  | Readonly<{ do: 'after-rename'; calls: readonly ('append' | 'sync' | 'close')[] }>
  /** Appends that stand before a sync of their file are made after it. */
  | Readonly<{ do: 'after-sync' }>
  /** The file that is synced is another open one; if there is none, none is. */
  | Readonly<{ do: 'wrong-file' }>
  /** `copy`: the target is rewritten in place. `unlink-first`: it is gone in between. `append`: it grows instead. */
  | Readonly<{ do: 'rename-as'; how: 'copy' | 'unlink-first' | 'append' | 'keep-source' }>
  /** `cut`: without the last byte. `twice`: two times. `believed`: a short append is taken for a whole one. */
  | Readonly<{ do: 'append-as'; how: 'cut' | 'twice' | 'believed' }>
  /** A file that is to be new is the one that is there already, with what it holds. */
  | Readonly<{ do: 'reuse' }>
  /** What a path held when it was first read is what it holds for as long as the process lives. */
  | Readonly<{ do: 'stale-read' }>

export type KitMutant = Readonly<{
  /** Stable: `--mutant ID`. Begins with `kit:`. */
  id: string
  kind: 'kit'
  summary: string
  defect: Defect
}>
