// harness/run/corruption-judge.ts: one damaged image: opened, read whole and in parts, verified, closed, salvaged.
//
// 1. What is read is an allowed state (a model, or a part that a step of several acknowledgements declares) or an error
//    that names the damage: of class corruption with path and offset, or the I/O error of the sector that cannot be read.
// 2. Work is bounded by that on the undamaged image: bytes read, the largest allocation, events.
// 3. A part that the damage cannot have touched reads as it should, also after another part has failed, and salvage
//    brings it out. What salvage calls certain is in the model; what it calls doubtful was in it once.
// 4. Salvage changes no file of the store.

import { contentOf, type Damage, type FileSystemCallInfo } from '../../faults/index.ts'
import type { ErrorClass } from '../../scenarios/index.ts'
import { errorText, plainDiff, plainEqual, plainSides, plainText, violation, type Violation } from '../oracles/index.ts'
import { following } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import type { CorruptionGround } from './corruption-ground.ts'
import { LookedAt, readPart, type CleanLooks, type PartLooks } from './corruption-parts.ts'
import { Session, type Attempt, type Failure } from './session.ts'
import { settle } from './settle.ts'
import type { Trace } from './trace.ts'
import { WORLD_DIRECTORY, type ProcessNumber, type RunWorld, type WorldObserver } from './world.ts'

export type CorruptionVerdict = Readonly<{
  violation: Violation | undefined
  phase: string
  digest: string
  /** The damage was there: reads that failed, or 1 for a changed image. */
  delivered: number
  recoveryMs: number
  checkMs: number
}>

/** Times the undamaged figure, and beyond that. */
const READ_FACTOR = 8
const READ_EXTRA_BYTES = 1_048_576
const ALLOCATION_FACTOR = 4
const ALLOCATION_EXTRA_BYTES = 65_536

export async function judgeCorruption(
  context: RunContext,
  ground: CorruptionGround,
  clean: CleanLooks,
  damage: Damage,
  keep?: (trace: Trace) => void,
): Promise<CorruptionVerdict> {
  return new CorruptionJudge(context, ground, clean, damage, keep).run()
}

class CorruptionJudge {
  private readonly context: RunContext
  private readonly ground: CorruptionGround
  private readonly clean: CleanLooks
  private readonly damage: Damage
  private readonly keep: ((trace: Trace) => void) | undefined
  private readonly traces: Trace[] = []
  private readonly worlds: RunWorld[] = []
  private readonly low: number
  private recoveryMs = 0

  constructor(
    context: RunContext,
    ground: CorruptionGround,
    clean: CleanLooks,
    damage: Damage,
    keep: ((trace: Trace) => void) | undefined,
  ) {
    this.context = context
    this.ground = ground
    this.clean = clean
    this.damage = context.seams.damage(damage, ground.image)
    this.keep = keep
    this.low = ground.history.leastSteps(damage, ground.steps, ground.files)
  }

  async run(): Promise<CorruptionVerdict> {
    const { context, clean, damage } = this
    const startMs = context.nowMs()
    let found: Violation | undefined
    if (clean.wrong !== undefined)
      found = violation('scenario-contract', `the undamaged image is wrong: ${clean.wrong}`)
    found ??= await this.living()
    found ??= await this.salvage()
    const delivered = this.worlds.reduce((sum, world) => sum + world.delivered, 0)
    return {
      violation: found,
      phase: this.traces.at(-1)?.phase ?? 'open',
      digest: this.traces.map((trace) => trace.digest()).join(''),
      delivered: damage.unreadable === undefined ? 1 : delivered,
      recoveryMs: this.recoveryMs,
      checkMs: context.nowMs() - startMs - this.recoveryMs,
    }
  }

  private async living(): Promise<Violation | undefined> {
    const { context, clean } = this
    const watch = new LookedAt()
    const startMs = context.nowMs()
    const session = this.session(this.ground.next, [watch])
    const opened = await session.open()
    this.recoveryMs = context.nowMs() - startMs
    if (!opened.ok) {
      const refused = this.acceptable(opened, 'the open') ?? this.overworked(watch)
      if (refused !== undefined) return refused
      if (!this.meets(clean.open)) {
        const message = `the store does not open, though an open looks at nothing that is damaged: ${errorText(opened.error)}`
        return violation('rest-readable', message)
      }
      return leak(session)
    }
    const broken = (await this.content(session)) ?? this.overworked(watch)
    if (broken !== undefined) return broken
    const closed = await session.close()
    return (closed.ok ? undefined : this.acceptable(closed, 'the close')) ?? leak(session)
  }

  private async content(session: Session): Promise<Violation | undefined> {
    const read = await session.read()
    if (read.ok) {
      const wrong = this.differs(read.value)
      if (wrong !== undefined) return wrong
    } else {
      const refused = this.acceptable(read, 'the read') ?? (await this.rest(session))
      if (refused !== undefined) return refused
    }
    const problems = await session.verify()
    if (!problems.ok) return this.acceptable(problems, 'verify')
    for (const { path, offsetBytes, message } of problems.value)
      if (path === '' || !Number.isSafeInteger(offsetBytes) || offsetBytes < 0)
        return violation('damage-named', `verify names no place: '${message}' (${this.damage.text})`)
    if (read.ok || problems.value.length > 0 || this.context.loaded.scenario.verify === undefined) return undefined
    return violation('damage-detected', `a read fails, and verify finds nothing: ${this.damage.text}`)
  }

  /** Each part alone, in the store in which the whole read failed. */
  private async rest(session: Session): Promise<Violation | undefined> {
    let possible = this.allowedContents()
    for (const looks of this.clean.parts) {
      const { name, value } = looks
      let found: unknown
      try {
        found = await readPart(session, name)
      } catch (error) {
        const failure: Failure = { ok: false, error, class: this.context.loaded.classify(error), hung: false }
        const refused = this.acceptable(failure, `the read of part '${name}'`)
        if (refused !== undefined) return refused
        if (this.meets(looks.part) || this.meets(this.clean.open)) continue
        const message = `part '${name}' cannot be read, though it looks at nothing that is damaged: ${errorText(error)}`
        return violation('rest-readable', message)
      }
      possible = possible.filter((content) => plainEqual(content[name], found))
      if (possible.length > 0) continue
      const message = `part '${name}' reads wrong after ${this.damage.text}: ${plainDiff(value, found)}`
      return violation('damage-detected', message, plainSides(value, found))
    }
    return undefined
  }

  /** The content of each state that may be read, by parts: what is read must be of one of them. */
  private allowedContents(): readonly Readonly<Record<string, unknown>>[] {
    return this.contentsFrom(this.low)
  }

  private contentsFrom(low: number): readonly Readonly<Record<string, unknown>>[] {
    const { scenario } = this.context.loaded
    return this.statesFrom(low).map((state) => scenario.parts?.of(state) ?? {})
  }

  /** The models after `low` to all steps of the image, the newest first, and the parts of the steps between them. */
  private statesFrom(low: number): readonly unknown[] {
    const { loaded } = this.context
    const { steps } = this.ground
    const states: unknown[] = [loaded.models[steps]]
    for (let at = steps - 1; at >= low; at -= 1) states.push(...loaded.partials(at), loaded.models[at])
    return states
  }

  private differs(found: unknown): Violation | undefined {
    const { models } = this.context.loaded
    const { steps } = this.ground
    if (this.statesFrom(this.low).some((state) => plainEqual(state, found))) return undefined
    const other = models.findIndex((model) => plainEqual(model, found))
    const allowed = this.low === steps ? `after ${steps} steps` : `after ${this.low} to ${steps} steps`
    const what = other === -1 ? plainDiff(models[steps], found) : `it is the one after ${other} steps`
    return violation(
      'damage-detected',
      `after ${this.damage.text} the store reads no model ${allowed}: ${what}`,
      plainSides(models[steps], found),
    )
  }

  /** Undefined if the failure is what damage may cause. */
  private acceptable(failure: Failure, doing: string): Violation | undefined {
    const { damage } = this
    const said = `${doing} after ${damage.text}: ${errorText(failure.error)}`
    const meaning: ErrorClass = failure.class
    if (failure.hung) return violation('bounded-work', said)
    switch (meaning.kind) {
      case 'corruption': {
        const isNamed = meaning.path !== undefined && (meaning.offsetBytes !== undefined || this.isGone(meaning.path))
        return isNamed ? undefined : violation('damage-named', `no file and offset in ${said}`)
      }
      case 'io': {
        const isOwed = damage.unreadable !== undefined || (meaning.code === 'ENOENT' && damage.kind === 'missing')
        return isOwed && meaning.path !== undefined ? undefined : violation('damage-named', `an I/O error in ${said}`)
      }
      case 'out-of-memory':
        return violation('bounded-work', `more memory than there is, in ${said}`)
      default:
        return violation('damage-named', `an error that does not tell of damage in ${said}`)
    }
  }

  /** Whether the path is that of no file in the damaged image: an offset in it means nothing. */
  private isGone(path: string): boolean {
    try {
      contentOf(this.damage.image, path)
      return false
    } catch (error) {
      if (error instanceof RangeError) return true
      throw error
    }
  }

  private overworked({ bytesRead, largestAllocation }: LookedAt): Violation | undefined {
    const readMax = this.clean.bytesRead * READ_FACTOR + READ_EXTRA_BYTES
    const allocationMax = this.clean.largestAllocation * ALLOCATION_FACTOR + ALLOCATION_EXTRA_BYTES
    const after = `after ${this.damage.text}`
    if (largestAllocation > allocationMax)
      return violation('bounded-work', `${after} ${largestAllocation} bytes are asked for; bound ${allocationMax}`)
    if (bytesRead > readMax) return violation('bounded-work', `${after} ${bytesRead} bytes are read; bound ${readMax}`)
    return undefined
  }

  private meets(looks: LookedAt): boolean {
    return looks.meets(this.damage, this.damage.image, (path) => this.isGone(path))
  }

  // --- salvage -------------------------------------------------------------------------------------------------------

  private async salvage(): Promise<Violation | undefined> {
    const { scenario, parameters } = this.context.loaded
    if (scenario.salvage === undefined || scenario.parts === undefined) return undefined
    const session = this.session(following(this.ground.next), [])
    const { world } = session
    world.trace.enter('salvage')
    let attempt: Attempt<Awaited<ReturnType<typeof scenario.salvage>>>
    try {
      attempt = { ok: true, value: await settle(scenario.salvage(world, parameters), world) }
    } catch (error) {
      attempt = { ok: false, error, class: this.context.loaded.classify(error), hung: false }
    }
    const held = world.held()
    if (held !== undefined) return violation('no-leak', `salvage leaves: ${held}`)
    for (const path of this.ground.files)
      if (
        !this.isGone(path) &&
        !sameContent(contentOf(world.disk.checkpoint(), path), contentOf(this.damage.image, path))
      )
        return violation('salvage', `salvage changed '${path}'`)
    const required = this.clean.parts.filter(({ part }) => !this.meets(part))
    if (!attempt.ok) {
      const refused = this.acceptable(attempt, 'salvage')
      if (refused !== undefined) return refused
      const [first] = required
      if (first === undefined || this.low < this.ground.steps) return undefined
      return violation(
        'salvage',
        `nothing is salvaged, though part '${first.name}' is whole: ${errorText(attempt.error)}`,
      )
    }
    const { certain, doubtful } = attempt.value
    return this.salvagedWrong(certain, doubtful) ?? this.salvagedTooLittle(required, { ...doubtful, ...certain })
  }

  private salvagedWrong(
    certain: Readonly<Record<string, unknown>>,
    doubtful: Readonly<Record<string, unknown>>,
  ): Violation | undefined {
    const contents = this.contentsFrom(0)
    const isOne = this.allowedContents().some((content) =>
      Object.entries(certain).every(([name, value]) => plainEqual(content[name], value)),
    )
    if (!isOne) {
      const wanted = contents[0] ?? {}
      const wrong = Object.entries(certain).find(([name, value]) => !plainEqual(wanted[name], value))
      const what = wrong === undefined ? '' : `: part '${wrong[0]}' is ${plainText(wrong[1])}`
      return violation('salvage', `after ${this.damage.text} salvage calls certain what is in no allowed model${what}`)
    }
    for (const [name, value] of Object.entries(doubtful))
      if (!contents.some((content) => plainEqual(content[name], value)))
        return violation('salvage', `after ${this.damage.text} part '${name}' never was ${plainText(value)}`)
    return undefined
  }

  private salvagedTooLittle(
    required: readonly PartLooks[],
    saved: Readonly<Record<string, unknown>>,
  ): Violation | undefined {
    // Where an earlier state is right, a part may be an earlier one too.
    if (this.low < this.ground.steps) return undefined
    for (const { name, value } of required)
      if (!plainEqual(saved[name], value)) {
        const message = `after ${this.damage.text} part '${name}' is whole, and salvage gives ${plainText(saved[name])}`
        return violation('salvage', message)
      }
    return undefined
  }

  private session(next: ProcessNumber, observers: readonly WorldObserver[]): Session {
    const { unreadable, image } = this.damage
    const trace = this.context.trace({ keep: this.keep !== undefined })
    this.traces.push(trace)
    this.keep?.(trace)
    const decide = (call: FileSystemCallInfo): { kind: 'error'; code: string } | undefined => {
      if (unreadable === undefined || call.kind !== 'read') return undefined
      const from = call.offsetBytes ?? 0
      const isHit =
        `${WORLD_DIRECTORY}/${call.path}` === unreadable.path &&
        from < unreadable.to &&
        from + (call.lengthBytes ?? 0) > unreadable.from
      return isHit ? { kind: 'error', code: 'EIO' } : undefined
    }
    const world = this.context.world({ image, next }, trace, {
      sites: this.keep !== undefined,
      observers,
      ...(unreadable === undefined
        ? {}
        : { faults: { armedFrom: Infinity, allocations: [], decide: this.context.seams.decideWith(decide) } }),
    })
    this.worlds.push(world)
    return new Session(this.context.loaded, world)
  }
}

function leak(session: Session): Violation | undefined {
  const held = session.held()
  return held === undefined ? undefined : violation('no-leak', `a damaged store leaves: ${held}`)
}

function sameContent(left: ReturnType<typeof contentOf>, right: ReturnType<typeof contentOf>): boolean {
  return left.hash().digits() === right.hash().digits()
}
