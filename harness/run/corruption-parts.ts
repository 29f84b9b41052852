// harness/run/corruption-parts.ts: what an undamaged store looks at, part by part: what does not depend on damage.
//
// 1. A part depends on every byte that was read, every size that was asked for and every listing that was made, to open
//    the store and to read that part alone. Damage of anything else cannot change what it is.
// 2. Each part is read by a process of its own, so that nothing that was cached for another hides what it needs.

import type { Damage, DiskImage, FileRange, FileSystemCallInfo, FileSystemCallResult } from '../../faults/index.ts'
import { plainEqual } from '../oracles/index.ts'
import type { RunContext } from './context.ts'
import { overlap, type CorruptionGround } from './corruption-ground.ts'
import { Session } from './session.ts'
import { settle } from './settle.ts'
import { WORLD_DIRECTORY, type WorldObserver } from './world.ts'

/** What was looked at. */
export class LookedAt implements WorldObserver {
  readonly ranges: FileRange[] = []
  private readonly sized = new Set<string>()
  private listed = false
  bytesRead = 0
  largestAllocation = 0

  afterCall(call: FileSystemCallInfo, result: FileSystemCallResult): void {
    const path = `${WORLD_DIRECTORY}/${call.path}`
    if (call.kind === 'read') {
      const from = call.offsetBytes ?? 0
      this.bytesRead += result.value ?? 0
      this.ranges.push({ path, from, to: from + Math.max(call.lengthBytes ?? 0, 1) })
    } else if (call.kind === 'list') this.listed = true
    else if (call.kind === 'stat' || call.kind === 'size' || call.kind === 'open') this.sized.add(path)
  }

  allocation({ byteLength }: Readonly<{ byteLength: number }>): void {
    this.largestAllocation = Math.max(this.largestAllocation, byteLength)
  }

  /** Whether the damage could be seen by whoever looked. */
  meets({ changed, resized, unreadable }: Damage, image: DiskImage, isGone: (path: string) => boolean): boolean {
    if (resized.some((path) => this.sized.has(path) || (this.listed && isGone(path)))) return true
    const places = unreadable === undefined ? changed : [...changed, unreadable]
    return image.nodes.size > 0 && places.some((place) => this.ranges.some((range) => overlap(range, place)))
  }
}

export type PartLooks = Readonly<{ name: string; value: unknown; part: LookedAt }>

/** What the undamaged image shows: to an open, and to each part read alone. */
export type CleanLooks = Readonly<{
  open: LookedAt
  parts: readonly PartLooks[]
  /** Bytes that opening, reading, verifying and closing read, and the largest allocation then. */
  bytesRead: number
  largestAllocation: number
  /** Why the undamaged image itself is not right; then nothing can be judged. */
  wrong: string | undefined
}>

export async function cleanLooks(context: RunContext, ground: CorruptionGround): Promise<CleanLooks> {
  const { loaded } = context
  const { scenario, models } = loaded
  const open = new LookedAt()
  const all = new LookedAt()
  const session = sessionOn(context, ground, [open, all])
  let wrong: string | undefined
  if (!(await session.open()).ok) wrong = 'it does not open'
  const opened = { ranges: [...open.ranges] }
  const read = wrong === undefined ? await session.read() : undefined
  if (read !== undefined && !(read.ok && plainEqual(read.value, models[ground.steps]))) wrong = 'it reads wrong'
  if (wrong === undefined) {
    const problems = await session.verify()
    if (!problems.ok || problems.value.length > 0) wrong = 'verify finds damage'
    await session.close()
  }
  open.ranges.length = opened.ranges.length
  const parts: PartLooks[] = []
  const content = wrong === undefined ? (scenario.parts?.of(models[ground.steps]) ?? {}) : {}
  for (const [name, value] of Object.entries(content)) {
    const part = new LookedAt()
    const reader = sessionOn(context, ground, [part])
    if (!(await reader.open()).ok) continue
    part.ranges.length = 0
    const found = await readPart(reader, name)
    await reader.close()
    if (!plainEqual(found, value)) wrong = `part '${name}' reads wrong`
    parts.push({ name, value, part })
  }
  const { bytesRead, largestAllocation } = all
  return { open, parts, bytesRead, largestAllocation, wrong }
}

/** Reads one part; throws what the scenario throws. */
export async function readPart(session: Session, name: string): Promise<unknown> {
  return settle(session.loaded.scenario.parts?.read(session.currentStore, name), session.world)
}

function sessionOn(context: RunContext, ground: CorruptionGround, observers: readonly WorldObserver[]): Session {
  const { image, next } = ground
  return new Session(context.loaded, context.world({ image, next }, context.trace(), { observers }))
}
