// faults/mutant-kit/mutation.ts: one process's defect at work: which calls are made, when, and what their caller is told.
//
// Knows kinds of calls and paths, and nothing of what the calls are: every face of a file system can go through it.
//
// 1. `reached` is told of each call that really went another way: a mutant that changed nothing was not reached.
// 2. What is still held back when the process ends is never made.
// 3. ENOENT and EEXIST are answers of a sound file system and are never kept back.

import { IoError, type FileSystemCall } from '../../engine/ports/index.ts'
import type { Defect } from './defect.ts'

const ANSWERS: readonly string[] = ['ENOENT', 'EEXIST']

type Held = Readonly<{ call: FileSystemCall; path: string; make: () => void }>

export class Mutation {
  readonly defect: Defect
  readonly reached: () => void
  private held: Held[] = []
  private skipped = 0

  constructor(defect: Defect, reached: () => void) {
    this.defect = defect
    this.reached = reached
  }

  get isHoldingAny(): boolean {
    return this.held.length > 0
  }

  /** Makes a call, or what the defect does instead of it. `instead`: what it gives where it is not made. */
  through<T>(call: FileSystemCall, path: string, make: () => T, instead?: () => T): T {
    const { defect } = this
    this.catchUp(call, path)
    if (defect.do === 'recode') return this.recoded(make, defect)
    if (
      !('calls' in defect) ||
      !defect.calls.some((each) => each === call) ||
      (instead === undefined && defect.do !== 'retry')
    )
      return make()
    const otherwise = instead ?? make
    switch (defect.do) {
      case 'skip':
        this.skipped += 1
        if (this.skipped % (defect.oneIn ?? 1) !== 0) return make()
        this.reached()
        return otherwise()
      case 'swallow':
        try {
          return make()
        } catch (error) {
          if (!(error instanceof IoError) || ANSWERS.includes(error.code)) throw error
          this.reached()
          return otherwise()
        }
      case 'retry':
        return this.retried(make, defect.timesMax)
      case 'late':
        this.reached()
        this.held.push({ call, path, make })
        return otherwise()
      case 'after-rename':
        this.held.push({ call, path, make })
        return otherwise()
      default:
        return defect satisfies never
    }
  }

  /** Holds a call of a file back until another one has been made. */
  hold(call: FileSystemCall, path: string, make: () => void): void {
    this.held.push({ call, path, make })
  }

  /**
   * Makes what was held back. A failure is thrown, as the calls would have been in that order, and only closes are still
   * made after it; of a call that was acknowledged too early nobody is told.
   */
  release(): void {
    const { held } = this
    this.held = []
    let failed: IoError | undefined
    for (const { call, make } of held) {
      if (failed !== undefined && call !== 'close') continue
      try {
        make()
      } catch (error) {
        if (!(error instanceof IoError)) throw error
        failed ??= error
      }
    }
    if (failed !== undefined && this.defect.do !== 'late') throw failed
  }

  /** The call that was to overtake has failed: of what was held back only closes are still made. */
  abandon(): void {
    this.held = this.held.filter(({ call }) => call === 'close')
    this.release()
  }

  isHolding(call: FileSystemCall, path: string): boolean {
    return this.held.some((each) => each.call === call && each.path === path)
  }

  /** Makes what was held back as far as the call that comes now does not overtake it. */
  private catchUp(call: FileSystemCall, path: string): void {
    if (this.held.length === 0) return
    const { defect } = this
    const goesOn =
      (defect.do === 'after-rename' && (call === 'rename' || defect.calls.some((each) => each === call))) ||
      (defect.do === 'after-sync' && (call === 'append' || call === 'sync') && this.isHolding('append', path))
    if (!goesOn) this.release()
  }

  private retried<T>(make: () => T, timesMax: number): T {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return make()
      } catch (error) {
        if (!(error instanceof IoError) || ANSWERS.includes(error.code) || attempt >= timesMax) throw error
        this.reached()
      }
    }
  }

  private recoded<T>(make: () => T, { codes, to }: Extract<Defect, { do: 'recode' }>): T {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof IoError) || !codes.includes(error.code) || error.code === to) throw error
      this.reached()
      throw to === undefined
        ? new Error(`the file ${error.path} could not be used`, { cause: error })
        : new IoError(to, error.operation, error.path, error.offsetBytes)
    }
  }
}
