// faults/node-front/timers.ts: timers of the simulated process: they fire when the scheduler's clock says so.
//
// 1. A delay is at least a millisecond, as in Node, so that a program which polls makes time pass.
// 2. A timer that keeps a real process alive and that nobody cleared is in `active`.

const DELAY_MS_MAX = 2 ** 31 - 1

export type TimerHost = Readonly<{ after: (delayMs: number, task: () => void) => () => void }>

export class FrontTimer {
  readonly id: number
  readonly delayMs: number
  private readonly timers: FrontTimers
  private readonly fire: () => void
  private readonly repeats: boolean
  private cancel: (() => void) | undefined
  private keepsAlive = true

  constructor(timers: FrontTimers, id: number, fire: () => void, delayMs: number, repeats: boolean) {
    this.timers = timers
    this.id = id
    this.fire = fire
    this.delayMs = delayMs
    this.repeats = repeats
    this.schedule()
  }

  get isActive(): boolean {
    return this.cancel !== undefined
  }

  ref(): this {
    this.keepsAlive = true
    return this
  }

  unref(): this {
    this.keepsAlive = false
    return this
  }

  hasRef(): boolean {
    return this.keepsAlive
  }

  refresh(): this {
    this.cancel?.()
    this.schedule()
    return this
  }

  close(): this {
    this.cancel?.()
    this.cancel = undefined
    this.timers.ended(this)
    return this
  }

  [Symbol.toPrimitive](): number {
    return this.id
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private schedule(): void {
    this.cancel = this.timers.host.after(this.delayMs, () => {
      if (this.repeats) this.schedule()
      else {
        this.cancel = undefined
        this.timers.ended(this)
      }
      this.fire()
    })
    this.timers.started(this)
  }
}

export class FrontTimers {
  readonly host: TimerHost
  private readonly live = new Map<number, FrontTimer>()
  private lastId = 0

  constructor(host: TimerHost) {
    this.host = host
  }

  start(callback: unknown, delay: unknown, repeats: boolean, args: readonly unknown[]): FrontTimer {
    if (typeof callback !== 'function')
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
        code: 'ERR_INVALID_ARG_TYPE',
      })
    const wanted = Number(delay)
    const delayMs = wanted >= 1 && wanted <= DELAY_MS_MAX ? wanted : 1
    this.lastId += 1
    return new FrontTimer(this, this.lastId, () => void Reflect.apply(callback, undefined, args), delayMs, repeats)
  }

  /** Clears a timer of this process, given as object or number; false if it is none. */
  clear(timer: unknown): boolean {
    const found = timer instanceof FrontTimer ? timer : this.live.get(Number(timer))
    if (found === undefined) return false
    found.close()
    return true
  }

  /** Timers that keep the process alive, in words. */
  active(): readonly string[] {
    const kept = [...this.live.values()].filter((timer) => timer.hasRef())
    return kept.map(({ delayMs }) => `a timer of ${delayMs} ms`)
  }

  started(timer: FrontTimer): void {
    this.live.set(timer.id, timer)
  }

  ended(timer: FrontTimer): void {
    this.live.delete(timer.id)
  }
}
