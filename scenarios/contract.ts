// scenarios/contract.ts: what a scenario is. Imports only types, so that reading the contract loads no store.
//
// The author says how to open, what the steps do to the store and to a plain model, and how to read the store back as
// plain data. All judging is the harness's: it keeps the model after every step, knows what was acknowledged, and
// compares `read` with the states that are allowed.

import type { Allocator, Clock, FileSystem, Processes, RandomSource, Scheduler } from '../engine/ports/index.ts'

/** A parameter's value; all of a scenario's parameters have a default of the same type. */
export type ParameterValue = number | string | boolean
export type Parameters = Readonly<Record<string, ParameterValue>>

/** Plain data: what `read` gives and a model is. Compared structurally; `Uint8Array` by content. */
export type Plain = null | undefined | boolean | number | bigint | string | Uint8Array | readonly Plain[] | PlainObject
export type PlainObject = { readonly [key: string]: Plain }

/**
 * The world that a run happens in. Everything in it is injected, deterministic and traced. One world is one process
 * after another on one disk: after a crash the harness makes a new world on the surviving disk.
 */
export interface World {
  /** An existing, empty directory (at first) for the store, on `fileSystem`. */
  readonly directory: string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly processes: Processes
  /** A stream of random bytes of its own for each use, forked from the run's seed by `label`. */
  random(label: string): RandomSource
  /** Puts the harness between a store and its allocator: counts, and fails what the plan says. */
  wrapAllocator(inner: Allocator): Allocator
  /**
   * A transaction of `client` begins, for the record from which isolation is judged: the transactions of a run must have
   * one serial order that agrees with real time.
   */
  beginTransaction(client: string): TransactionNote
  /**
   * A CommonJS module for a scenario that `usesNodeFs`: a fresh instance of it, and of all that it loads, as a new process
   * has it, so that state which a module keeps does not outlive the process. `from` is the file that asks:
   * `import.meta.filename` or `import.meta.url`. Called again it gives the same instance.
   */
  loadModule(specifier: string, from: string): unknown
  /**
   * What earlier checks of this store found sound, by what files hold; for a `verify` that can leave out what it knows.
   * Undefined where everything has to be looked at.
   */
  readonly soundFiles?: SoundFiles | undefined
  /** Called by a scenario that wants its own milestones in the trace and the report: adds 1 to a counter. */
  count(name: string): void
}

/** Notes of a scenario's `verify` about whole files, which hold as long as the files hold the same bytes. */
export interface SoundFiles {
  /** What was noted of the file at `path`, if it holds the very bytes that it held then. */
  recall(path: string): unknown
  /** The file at `path`, as it is now, is sound. `finding` depends on its bytes alone, or holds what else it depends on. */
  note(path: string, finding: unknown): void
}

/** One operation of a transaction on a list: lists only grow, and each value is appended to a list once. */
export type ListOperation =
  | Readonly<{ kind: 'append'; list: string; value: number }>
  | Readonly<{ kind: 'read'; list: string; values: readonly number[] }>

/** How a transaction that the world was told of ended, with what it did in order. One of these is called, once. */
export interface TransactionNote {
  committed(operations: readonly ListOperation[]): void
  aborted(operations: readonly ListOperation[]): void
  /** It failed, and may have happened. */
  unknown(operations: readonly ListOperation[]): void
}

/** What must be zero after a scenario's own clean-up; each name is one kind of resource. */
export type LiveCounts = Readonly<Record<string, number>>

/** What an error means to the harness. */
export type ErrorClass =
  | Readonly<{ kind: 'out-of-memory'; allocationIndex?: number }>
  /** `code`: as the file system gave it; '' if the store tells that something failed, and not how. */
  | Readonly<{ kind: 'io'; code: string; operation?: string; path?: string; offsetBytes?: number }>
  /** The call's effect may be there after a crash, until a later acknowledgement excludes it. */
  | Readonly<{ kind: 'outcome-unknown' }>
  /** The store says that it must be opened again. */
  | Readonly<{ kind: 'must-reopen' }>
  | Readonly<{ kind: 'corruption'; path?: string; offsetBytes?: number }>
  | Readonly<{ kind: 'in-use' }>
  /** Something took longer than the store waits; nothing was changed. */
  | Readonly<{ kind: 'timed-out' }>
  | Readonly<{ kind: 'other' }>

/** What an acknowledged step promises about crashes. */
export type StepDurability =
  /** It survives every crash. */
  | 'durable'
  /** A power loss may take it with all later ones, never one in the middle; a kill takes nothing. */
  | 'ordered'
  /** A kill takes nothing; after a power loss nothing is promised until the next durable step but that damage is detected. */
  | 'kill-only'

export interface Step<Store, Model> {
  /** Unique in the scenario; part of every token. */
  readonly name: string
  /** Does the work; its return, or its promise's fulfilment, is the acknowledgement. Throws: the store is unchanged. */
  run(store: Store): void | Promise<void>
  /** The model after the step; never changes the one that it is given. */
  model(model: Model): Model
  /**
   * For a step that is more than one acknowledgement, as of commits that run at the same time: the states besides `model`'s
   * and the one given that may be there while it is under way, after a crash in it, or after it threw. A step that has
   * this is repeated from any of them, and must lead to `model` of the state before it. Without it a step is all or nothing.
   */
  partial?(model: Model): readonly Model[]
  /** Default: 'durable'. */
  readonly durability?: StepDurability
}

/** A durable position that a written record names: so many bytes of that file are said to be durable, and its name. */
export type DurableClaim = Readonly<{ path: string; endBytes: number }>

/** A promise that somebody else's documentation makes, and what campaigns find of it. */
export type DocumentedPromise = Readonly<{
  name: string
  /** In our words. */
  text: string
  /** Where it is made: a document's address and section. */
  source: string
  /** Oracles whose complaints break it. */
  oracles: readonly string[]
  /** The scenario's parameters under which it is asked; the rest have their defaults. */
  parameters: Parameters
  /** What is expected under each persistence model and family of faults, with the reading of it. */
  expected: readonly ExpectedOutcome[]
}>

export type ExpectedOutcome = Readonly<{
  model: string
  families: readonly string[]
  outcome: 'kept' | 'broken'
  /** Why, and what it means for a user of the store. */
  reading: string
}>

/** Damage that `verify` found. */
export type Problem = Readonly<{ path: string; offsetBytes: number; message: string }>

/** What was brought out of a damaged store, by the names of its parts. */
export type Salvaged = Readonly<{
  /** In the store, for sure. */
  certain: Readonly<Record<string, Plain>>
  /** In the store at some time: perhaps a former state, perhaps deleted since. */
  doubtful: Readonly<Record<string, Plain>>
}>

export interface Scenario<Store = unknown, Model = unknown> {
  readonly name: string
  /** One line for `powercut list`. */
  readonly summary: string
  /** Ids of the requirements that a campaign of it verifies, for `powercut trace`. */
  readonly requirements?: readonly string[]
  /** Names and defaults. */
  readonly parameters: Parameters
  /** Values that swarm runs draw parameters from, by name: sizes, limits, kinds of steps. Default: none is drawn. */
  readonly swarm?: Readonly<Record<string, readonly ParameterValue[]>>
  /** Opens the store in the world's directory: creates it if there is none, recovers what is there otherwise. */
  open(world: World, parameters: Parameters): Store | Promise<Store>
  /** The steps, in order. Pure: the same parameters give the same list. */
  steps(parameters: Parameters): readonly Step<Store, Model>[]
  /** The model of a store just created. */
  initial(parameters: Parameters): Model
  /** All of the store's content as plain data. */
  read(store: Store): Model | Promise<Model>
  /** Closes the store and everything the scenario holds of it. */
  close(store: Store): void | Promise<void>
  /**
   * Whether a store that came through a crash may hold `found`: for stores that promise less than "everything up to a
   * point". `models` are those after each number of steps that the acknowledgements allow, oldest first. Default: it is one
   * of them.
   */
  accepts?(found: Model, models: readonly Model[], crash: 'kill' | 'power'): boolean
  /**
   * The store's process is dead; every call of its file system is refused from here on. Only for stores that hold memory
   * which JavaScript does not collect.
   */
  abandon?(store: Store): void
  /** What the store's own documentation says that it keeps, and what was found of it. */
  readonly promises?: readonly DocumentedPromise[]
  /** Every step must keep these of every model and every read; gives a sentence when one is broken. */
  invariant?(model: Model, parameters: Parameters): string | undefined
  /** A step that can run at any border: shows that the store still commits. Default: the step that would come next. */
  readonly probe?: Step<Store, Model>
  /** Reads the whole store, reachable or not; an empty list is a sound store. Called on an open store. */
  verify?(store: Store): readonly Problem[] | Promise<readonly Problem[]>
  /** What an error means. Default: by `code` (ENOMEM, errno codes), else 'other'. */
  classify?(error: unknown): ErrorClass
  /**
   * What the store holds now, by kind. Names `snapshots`, `cursors`, `transactions` and `unsyncedBytes` above 0 say that
   * this step border is no checkpoint. After `close` every one must be 0.
   */
  live?(store: Store): LiveCounts
  /** How many steps, of those acknowledged, the store itself says are durable. For 'ordered' and 'kill-only' steps. */
  durableSteps?(store: Store): number
  /** Where the bytes end that acknowledged steps rest on; each must be durable when a 'durable' step is acknowledged. */
  acknowledgedPositions?(store: Store): readonly DurableClaim[]
  /**
   * Durable positions that the bytes appended to a file at `offsetBytes` name. What names none is no proof of what was
   * appended before it; without this function every later append is taken for one.
   */
  claims?(world: World, path: string, bytes: Uint8Array, offsetBytes: number): readonly DurableClaim[]
  /** What recovery may do. */
  readonly recovery?: Readonly<{
    /**
     * A file for which this is true and that existed before an open is never written by that open. They are the data of one
     * store, which the family `corruption` damages: not those of others that a step makes beside it.
     */
    readOnly?(path: string): boolean
    /** Bound on the bytes that an open reads of the store's data, given its directory listing with sizes. */
    bytesReadMax?(files: readonly Readonly<{ path: string; sizeBytes: number }>[], parameters: Parameters): number
  }>
  /**
   * The content in parts that can be read alone, by names that stay the same over the steps. What damage elsewhere cannot
   * have touched must stay readable by itself.
   */
  readonly parts?: Readonly<{
    of(model: Model): Readonly<Record<string, Plain>>
    /** Undefined if there is no part of that name. */
    read(store: Store, name: string): Plain | Promise<Plain>
  }>
  /** Brings what is whole out of a damaged store in the world's directory, whose files it does not change. */
  salvage?(world: World, parameters: Parameters): Salvaged | Promise<Salvaged>
  /**
   * The store notices that writes are missing which the device had acknowledged as durable: after a power loss it holds a
   * whole earlier state, or says that it is damaged. Only such a store is given devices that lie.
   */
  readonly detectsLostWrites?: true
  /** Milestones (world.count) without which a campaign is incomplete, with the least number wanted of each. */
  readonly milestones?: Readonly<Record<string, number>>
  /** Allocation call sites that degrade on purpose: tag → reason. */
  readonly benignTags?: Readonly<Record<string, string>>
  /**
   * The store uses `node:fs` itself. Everything it does below `world.directory` then happens on the simulated disk, and
   * `Date`, timers, `performance` and random bytes are the world's while the scenario's code runs. A native addon that is
   * loaded goes past all of that: the scenario is refused, unless it names the addon as one that stores nothing.
   */
  readonly usesNodeFs?: true | Readonly<{ harmlessAddons: readonly string[] }>
  /**
   * For a store without an allocator of its own: what its code asks of `Buffer.alloc`, `allocUnsafe`, `allocUnsafeSlow`,
   * `concat`, `from` and `new ArrayBuffer` while an open or a step runs is counted, and failed in the family 'allocation',
   * with the error that Node has for memory that is not there. Nothing is known of what it holds, so a budget is the most
   * that one of them may have.
   */
  readonly failsBuffers?: boolean
  /** Mutants of the kit, by id, that change nothing that this store promises, each with the reason in words. */
  readonly equivalentMutants?: Readonly<Record<string, string>>
  /** The persistence models under which this scenario's promises hold; the first is its default. */
  readonly models?: readonly string[]
}

/** Declares a scenario; the types of store and model are inferred. */
export function scenario<Store, Model>(definition: Scenario<Store, Model>): Scenario<Store, Model> {
  return definition
}

/** Declares a step. */
export function step<Store, Model>(name: string, definition: Omit<Step<Store, Model>, 'name'>): Step<Store, Model> {
  return { name, ...definition }
}

/** `make(0)` … `make(count − 1)`. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
