// harness/run/corruption-ground.ts: the images that the corruption family damages, and what of them nothing proves.
//
//   point 1   a process that was killed after a third of the steps, all that it wrote on the disk
//   point 2   a store that was closed after two thirds of them
//   point 3   a store that was closed at the end
//
// 1. Nothing is pending in an image: what is damaged was on the disk, and stayed there.
// 2. An append is proven if a later one, issued after a sync of its file was done, is whole: that one may say that it was
//    there. Where the scenario can tell what appends say (`claims`), one that says nothing is no such one: a filler.
//    Damage of appends that nothing proves cannot be told from a crash before them: a whole state from before the first
//    of them on is right, as is an error. All else must be detected.
// 3. Damaged are the files that the scenario calls read-only for recovery; all files if it says nothing of them. They are
//    one store's: what another one in the same world appends proves nothing of it.

import {
  DAMAGE_KINDS,
  DamageSpace,
  listImage,
  settledImage,
  type Damage,
  type DamageKind,
  type DiskImage,
  type FileRange,
  type FileSystemCallInfo,
  type FileSystemCallResult,
} from '../../faults/index.ts'
import { errorText } from '../oracles/index.ts'
import type { DamageFamily } from '../plan/index.ts'
import { emptyCheckpoint, killedImage } from './checkpoint.ts'
import { RunContext } from './context.ts'
import { Session, type Phase } from './session.ts'
import { WORLD_DIRECTORY, type ProcessNumber, type RunWorld, type WorldObserver } from './world.ts'

/** The families of plans and the kinds of the faults room are the same names. */
export const DAMAGES: readonly (DamageFamily & DamageKind)[] = DAMAGE_KINDS

/** An append of the run that made an image. `order`: among all calls, as they were done. */
type Append = FileRange & Readonly<{ order: number; acknowledged: number; speaks: boolean }>

/** Whether bytes appended at an offset of a file may say of earlier ones that they are durable. */
type Speaks = (path: string, bytes: Uint8Array | undefined, offsetBytes: number) => boolean

export type CorruptionGround = Readonly<{
  /** From 1. */
  point: number
  label: string
  /** Steps that the image holds. */
  steps: number
  image: DiskImage
  /** The process that opens it. */
  next: ProcessNumber
  files: readonly string[]
  space: DamageSpace
  history: AppendHistory
}>

/** Steps after which each image is taken, and whether the store was closed. */
function takenAt(steps: number): readonly Readonly<{ steps: number; closed: boolean }>[] {
  return [
    { steps: Math.ceil(steps / 3), closed: false },
    { steps: Math.ceil((2 * steps) / 3), closed: true },
    { steps, closed: true },
  ]
}

/** Makes the images; a run that fails makes none. */
export async function corruptionGrounds(context: RunContext): Promise<readonly CorruptionGround[]> {
  const { loaded, subject, seams, nowMs } = context
  const other = new RunContext(loaded, { ...subject, seed: subject.seed + 1 }, seams, nowMs, context.model)
  const grounds: CorruptionGround[] = []
  for (const [index, { steps, closed }] of takenAt(loaded.steps.length).entries()) {
    const { image, history } = await madeBy(context, steps, closed)
    const foreign = await madeBy(other, steps, closed)
    const files = dataFiles(context, image)
    const { sectorBytes, seed } = subject
    const lengths = new Map(files.map((path) => [path, history.lengthsOf(path)]))
    const space = new DamageSpace({ image, files, lengths, foreign: foreign.image, sectorBytes, seed })
    const label = `${closed ? 'closed' : 'killed'} after ${steps} steps`
    grounds.push({ point: index + 1, label, steps, image, next: { process: 2, boot: 1 }, files, space, history })
  }
  return grounds
}

async function madeBy(
  context: RunContext,
  steps: number,
  closed: boolean,
): Promise<Readonly<{ image: DiskImage; history: AppendHistory }>> {
  const { claims } = context.loaded.scenario
  const history = new AppendHistory(
    (path, bytes, offsetBytes) =>
      claims === undefined || bytes === undefined || claims(world, path, bytes, offsetBytes).length > 0,
  )
  const world: RunWorld = context.world(emptyCheckpoint(), context.trace(), { observers: [history] })
  const session = new Session(context.loaded, world)
  const run = async (phase: Phase): Promise<void> => {
    const attempt = await session.phase(phase)
    if (!attempt.ok) throw new Error(`a run without a fault failed: ${errorText(attempt.error)}`)
  }
  await run({ kind: 'open' })
  for (let step = 0; step < steps; step += 1) {
    await run({ kind: 'step', step })
    history.acknowledged = step + 1
  }
  if (closed) await run({ kind: 'close' })
  return { image: settledImage(killedImage(world.disk.checkpoint())), history }
}

function dataFiles({ loaded }: RunContext, image: DiskImage): readonly string[] {
  const isData = loaded.scenario.recovery?.readOnly
  return listImage(image)
    .filter(({ kind, path }) => kind === 'file' && path.startsWith(`${WORLD_DIRECTORY}/`) && isData?.(path) !== false)
    .map(({ path }) => path)
}

/** Appends and syncs of a run, by the names that the files have at its end. */
export class AppendHistory implements WorldObserver {
  acknowledged = 0
  private readonly speaks: Speaks
  private appends: Append[] = []
  private syncs: { path: string; order: number }[] = []
  private calls = 0

  constructor(speaks: Speaks) {
    this.speaks = speaks
  }

  /** A sync that is waited for later is told when it is done. */
  afterCall(call: FileSystemCallInfo, result: FileSystemCallResult, bytes: Uint8Array | undefined): void {
    this.calls += 1
    if (result.code !== undefined) return
    const path = `${WORLD_DIRECTORY}/${call.path}`
    const { calls: order, acknowledged } = this
    if (call.kind === 'append') {
      const from = call.offsetBytes ?? 0
      const to = from + (result.value ?? 0)
      if (to > from) this.appends.push({ path, from, to, order, acknowledged, speaks: this.speaks(path, bytes, from) })
    } else if (call.kind === 'sync') this.syncs.push({ path, order })
    else if (call.kind === 'create' || call.kind === 'unlink') this.forget(path)
    else if (call.kind === 'rename') this.renamed(path, `${WORLD_DIRECTORY}/${call.argument ?? ''}`)
  }

  /** Lengths that the file has had, ascending. */
  lengthsOf(path: string): readonly number[] {
    return [...new Set(this.appends.filter((append) => append.path === path).map(({ to }) => to))].toSorted(
      (a, b) => a - b,
    )
  }

  /** The least number of steps that the store may hold after the damage: those before the first touched append that nothing
   * proves. */
  leastSteps(damage: Damage, steps: number, files: readonly string[]): number {
    const data = this.appends.filter(({ path }) => files.includes(path))
    const isTouched = (append: Append): boolean => damage.lost.some((range) => overlap(append, range))
    const touched = data.filter(isTouched)
    if (damage.unreadable !== undefined) return steps
    const speaking = data.filter((append) => append.speaks && !isTouched(append))
    const lastWord = speaking.reduce((last, { order }) => Math.max(last, order), 0)
    const isProven = ({ path, order }: Append): boolean => {
      const synced = this.syncs.find((sync) => sync.path === path && sync.order > order)
      return synced !== undefined && synced.order < lastWord
    }
    const unproven = touched.find((append) => !isProven(append))
    return unproven === undefined ? steps : Math.min(steps, unproven.acknowledged)
  }

  private forget(path: string): void {
    this.appends = this.appends.filter((append) => append.path !== path)
    this.syncs = this.syncs.filter((sync) => sync.path !== path)
  }

  private renamed(source: string, target: string): void {
    const named = <T extends { path: string }>(entry: T): T => {
      const { path } = entry
      if (path === source) return { ...entry, path: target }
      return path.startsWith(`${source}/`) ? { ...entry, path: target + path.slice(source.length) } : entry
    }
    this.appends = this.appends.map(named)
    this.syncs = this.syncs.map(named)
  }
}

export function overlap(left: FileRange, right: FileRange): boolean {
  return left.path === right.path && left.from < right.to && right.from < left.to
}
