// faults/node-front/front-dir.ts: an open directory as `opendir` gives it: its entries, as they were when it was opened.

import { argumentError } from './errors.ts'
import { isCallback, type Callback } from './arguments.ts'

export class FrontDir {
  readonly path: string
  private readonly entries: unknown[]
  private readonly later: (task: () => void) => void
  private closed = false

  constructor(path: string, entries: readonly unknown[], later: (task: () => void) => void) {
    this.path = path
    this.entries = [...entries]
    this.later = later
  }

  readSync(): unknown {
    this.check()
    return this.entries.shift() ?? null
  }

  closeSync(): void {
    this.check()
    this.closed = true
  }

  read(callback?: Callback): Promise<unknown> | undefined {
    return this.form(callback, () => this.readSync())
  }

  close(callback?: Callback): Promise<unknown> | undefined {
    return this.form(callback, () => this.closeSync())
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) yield entry
    } finally {
      await this.close()
    }
  }

  private form(callback: Callback | undefined, make: () => unknown): Promise<unknown> | undefined {
    if (callback !== undefined && !isCallback(callback))
      throw argumentError('ERR_INVALID_ARG_TYPE', 'The "callback" argument must be of type function.')
    const promise = new Promise<unknown>((resolve, reject) => {
      this.later(() => {
        try {
          resolve(make())
        } catch (error) {
          reject(error)
        }
      })
    })
    if (callback === undefined) return promise
    promise.then(
      (value) => callback(null, value),
      (error: unknown) => callback(error),
    )
    return undefined
  }

  private check(): void {
    if (this.closed) throw Object.assign(new Error('Directory handle was closed'), { code: 'ERR_DIR_CLOSED' })
  }
}
