// faults/models/crash-states.ts: what a disk may hold when the power comes back, counted and made one by one.
//
// 1. `stateAt` gives the same state for the same image, model, options and id, whenever and wherever it is asked.
// 2. Counting makes no state. Making one costs the pages that differ (40 µs for small images).
// 3. Nothing is dropped silently: `countStates` says how many states there are and whether they are all there can be.
//
// Two ids may name the same image: identities are the caller's to compare (`imageIdentity`).

import type { DiskImage, DiskNode, Inode } from '../disk/index.ts'
import { build, type BuildContext } from './build.ts'
import { familyStates } from './families.ts'
import type { FamilyContext, FamilyStates } from './family.ts'
import { killStates, type KillStates } from './kill.ts'
import { pathsOf, pendingOf, type OrderedOperation, type Pending } from './pending.ts'
import { CRASH_FAMILIES, type CrashFamily, type Fill, type PersistenceModel } from './persistence-model.ts'

/** Address of a state at one crash point. */
export type CrashStateAddress = Readonly<{ family: CrashFamily; index: number }>

export type StateOptions = Readonly<{
  sectorBytes: 512 | 4096
  /** For sampled subsets and random garbage. */
  seed: number
  /** Families to make; those of the model if absent. */
  families?: readonly CrashFamily[]
  /** The crash came while the newest operation, a write, was being done: `kill` has its cuts, the rest is as after it. */
  within?: boolean
  /** What lost sectors may hold, of what the model allows; all of it if absent. */
  fills?: readonly Fill[]
}>

export type CrashState = Readonly<{
  id: CrashStateAddress
  /** One sentence for people. */
  describe(): string
  /** The image: after a loss of power all durable and nothing pending, after a kill everything still pending. */
  make(): DiskImage
}>

export type StateCount = Readonly<{
  total: number
  byFamily: ReadonlyMap<CrashFamily, number>
  /** Whether these are all states of these families: no sample was needed. */
  exhaustive: boolean
}>

type Family = Readonly<{ family: CrashFamily; count: number; exhaustive: boolean; state(index: number): CrashState }>

type Space = Readonly<{ families: readonly Family[]; count: StateCount }>

const spaces = new WeakMap<DiskImage, Map<string, Space>>()
const modelNumbers = new WeakMap<PersistenceModel, number>()
let lastModelNumber = 0

export function countStates(image: DiskImage, model: PersistenceModel, options: StateOptions): StateCount {
  return spaceOf(image, model, options).count
}

/** The state of that address; RangeError if the image has none. */
export function stateAt(
  image: DiskImage,
  model: PersistenceModel,
  id: CrashStateAddress,
  options: StateOptions,
): CrashState {
  const { families } = spaceOf(image, model, options)
  const family = families.find((entry) => entry.family === id.family)
  if (family === undefined || !Number.isInteger(id.index) || id.index < 0 || id.index >= family.count) {
    throw new RangeError(`no crash state ${id.family} ${id.index}: there are ${family?.count ?? 0}`)
  }
  return family.state(id.index)
}

/**
 * The states, lazily: family by family in order of index. With `statesMax` fewer than there are, the families in turn,
 * each spread over its whole range, so that what is left out is left out evenly.
 */
export function* crashStates(
  image: DiskImage,
  model: PersistenceModel,
  options: StateOptions & Readonly<{ statesMax?: number }>,
): Generator<CrashState, void> {
  const { families, count } = spaceOf(image, model, options)
  const statesMax = options.statesMax ?? Infinity
  if (count.total <= statesMax) {
    for (const family of families) for (let index = 0; index < family.count; index += 1) yield family.state(index)
    return
  }
  const walks = families.map(({ family, count: length, state }) => ({ family, state, indexes: spread(length) }))
  let left = statesMax
  while (left > 0) {
    for (const { state, indexes } of walks) {
      if (left === 0) return
      const { value, done } = indexes.next()
      if (done === true) continue
      yield state(value)
      left -= 1
    }
  }
}

// Every index below `length` once, each step halving the widest gap: bits in reverse.
function* spread(length: number): Generator<number, void> {
  const bits = length <= 1 ? 0 : Math.ceil(Math.log2(length))
  for (let step = 0; step < 2 ** bits; step += 1) {
    let index = 0
    for (let bit = 0, rest = step; bit < bits; bit += 1, rest = Math.floor(rest / 2)) index = index * 2 + (rest % 2)
    if (index < length) yield index
  }
}

function spaceOf(image: DiskImage, model: PersistenceModel, options: StateOptions): Space {
  const { sectorBytes, seed, within = false, families = model.families, fills = model.lostBeyondSize } = options
  const key = `${numberOf(model)} ${sectorBytes} ${seed} ${within} ${families.join()} ${fills.join()}`
  const known = spaces.get(image)
  const found = known?.get(key)
  if (found !== undefined) return found
  const space = makeSpace(image, model, options)
  if (known === undefined) spaces.set(image, new Map([[key, space]]))
  else known.set(key, space)
  return space
}

function numberOf(model: PersistenceModel): number {
  const known = modelNumbers.get(model)
  if (known !== undefined) return known
  lastModelNumber += 1
  modelNumbers.set(model, lastModelNumber)
  return lastModelNumber
}

function makeSpace(image: DiskImage, given: PersistenceModel, options: StateOptions): Space {
  const { sectorBytes, seed, within = false } = options
  const fills = options.fills
  const model =
    fills === undefined
      ? given
      : { ...given, lostBeyondSize: given.lostBeyondSize.filter((fill) => fills.includes(fill)) }
  const pending = pendingOf(image, model, sectorBytes)
  const family: FamilyContext = { pending, model, sectorBytes, seed, ...namer(pending) }
  const context: BuildContext = { pending, model, sectorBytes, seed, settled: new Map<Inode, DiskNode>() }
  const wanted = CRASH_FAMILIES.filter(
    (name) => model.families.includes(name) && (options.families?.includes(name) ?? true),
  )
  const families = wanted.map((name) =>
    name === 'kill'
      ? killFamily(killStates(image, sectorBytes, within))
      : powerLossFamily(name, familyStates(name, family), context),
  )
  const byFamily = new Map(families.map((entry) => [entry.family, entry.count]))
  const total = families.reduce((sum, { count }) => sum + count, 0)
  return { families, count: { total, byFamily, exhaustive: families.every(({ exhaustive }) => exhaustive) } }
}

function killFamily({ count, make, describe }: KillStates): Family {
  return {
    family: 'kill',
    count,
    exhaustive: true,
    state: (index) => ({
      id: { family: 'kill', index },
      describe: () => describe(index),
      make: () => make(index),
    }),
  }
}

function powerLossFamily(family: CrashFamily, states: FamilyStates, context: BuildContext): Family {
  const { count, lost, exhaustive } = states
  return {
    family,
    count: count * lost.length,
    exhaustive,
    state: (index) => {
      const base = index % count
      const content = lost[Math.floor(index / count)] ?? { beyondSize: 'zero', rewrite: 'old' }
      return {
        id: { family, index },
        describe: () => {
          const filled = content.beyondSize === 'zero' ? '' : `; ${FILL_TEXTS[content.beyondSize]} where data is lost`
          return `${states.describe(base)}${filled}`
        },
        make: () => build(context, states.choose(base, content)),
      }
    },
  }
}

const FILL_TEXTS: Readonly<Record<Fill, string>> = {
  zero: 'zeroes',
  random: 'random bytes',
  deleted: "a deleted file's bytes",
}

/** Operations and files in words; paths are looked up when the first is asked for. */
function namer(pending: Pending): Pick<FamilyContext, 'describeOperation' | 'pathOf'> {
  let paths: ReadonlyMap<Inode, string> | undefined
  const pathOf = (file: number): string => {
    paths ??= pathsOf(pending.image)
    return paths.get(pending.files[file]?.node.inode ?? 0) ?? 'a file without a name'
  }
  const describeOperation = (operation: OrderedOperation): string => {
    if (operation.kind === 'name') return pending.names[operation.name]?.text ?? 'a change of names'
    const data = pending.files[operation.file]?.operations[operation.operation]
    if (data === undefined) return 'an operation'
    const path = pathOf(operation.file)
    return data.kind === 'resize'
      ? `resize of ${path} to ${data.sizeAfter}`
      : `write of ${data.bytes.length} bytes to ${path} at ${data.positionBytes}`
  }
  return { describeOperation, pathOf }
}
