// faults/node-front/watch.ts: `fs.watch` and `fs.watchFile`, in a simple form that is the same on every run.
//
// 1. `watch` tells of every change of a name directly in a directory, or of the file itself, as a task of its own, in the
//    order of the changes. Real watchers merge events and may lose some; a program that relies on neither sees no other.
// 2. `watchFile` looks at the file at its interval, on simulated time.

import { EventEmitter } from 'node:events'
import { Stats } from 'node:fs'
import type { Callback } from './arguments.ts'
import { systemError } from './errors.ts'
import type { Change, ProcessKernel } from './system-calls.ts'

export class FrontWatcher extends EventEmitter {
  private readonly stopWatching: () => void

  constructor(stopWatching: () => void) {
    super()
    this.stopWatching = stopWatching
  }

  close(): void {
    this.stopWatching()
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}

export function watchPath(
  kernel: ProcessKernel,
  path: string,
  later: (task: () => void) => void,
  listener: Callback | undefined,
): FrontWatcher {
  const found = kernel.watched(path)
  if (typeof found === 'string') throw systemError(found, 'watch', path)
  const { path: at, isDirectory } = found
  const prefix = isDirectory ? `${at}/` : undefined
  const isWatched = (changed: string): boolean =>
    prefix === undefined ? changed === at : changed.startsWith(prefix) && !changed.slice(prefix.length).includes('/')
  const change: Change = (event, changed) => {
    if (!isWatched(changed)) return
    later(() => {
      if (kernel.watchers.has(change)) watcher.emit('change', event, changed.slice(changed.lastIndexOf('/') + 1))
    })
  }
  const watcher = new FrontWatcher(() => {
    if (kernel.watchers.delete(change)) later(() => watcher.emit('close'))
  })
  if (listener !== undefined) watcher.on('change', listener)
  kernel.watchers.add(change)
  return watcher
}

const INTERVAL_MS = 5007

export class StatWatcher extends EventEmitter {
  private cancel: () => void = () => {}

  start(look: () => unknown, after: (delayMs: number, task: () => void) => () => void, intervalMs: number): void {
    let before = look() ?? missing()
    const again = (): void => {
      this.cancel = after(intervalMs, () => {
        const now = look() ?? missing()
        if (JSON.stringify(now, plain) !== JSON.stringify(before, plain)) this.emit('change', now, before)
        before = now
        again()
      })
    }
    again()
  }

  stop(): void {
    this.cancel()
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}

export function statWatcher(
  look: () => unknown,
  after: (delayMs: number, task: () => void) => () => void,
  options: Readonly<Record<string, unknown>>,
): StatWatcher {
  const watcher = new StatWatcher()
  const { interval } = options
  watcher.start(look, after, typeof interval === 'number' ? interval : INTERVAL_MS)
  return watcher
}

function missing(): object {
  const stats: object = Object.create(Stats.prototype)
  return Object.assign(stats, { size: 0, mode: 0, nlink: 0, mtimeMs: 0, ctimeMs: 0 })
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
