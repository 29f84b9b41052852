// faults/node-front/face.ts: the three forms of `node:fs` over the operations: synchronous, with callbacks, with promises.
//
// 1. What the operations do not have is refused by name.
// 2. Streams are Node's own, over the face's calls.

import { ReadStream, WriteStream } from 'node:fs'
import { callbackOf, isCallback, optionsOf, pathOf, type Callback } from './arguments.ts'
import { NotModelledError } from './errors.ts'
import { FrontFileHandle, isIterable } from './file-handle.ts'
import { isMissing } from './name-calls.ts'
import { readArguments, writeArguments, type Operations } from './operations.ts'
import { runLater, runNow, type Steps } from './steps.ts'
import type { ProcessKernel } from './system-calls.ts'
import { statWatcher, watchPath, type StatWatcher } from './watch.ts'

export type FaceFunction = (...args: unknown[]) => unknown
export type Face = Readonly<{
  fs: Readonly<Record<string, FaceFunction>>
  promises: Readonly<Record<string, FaceFunction>>
}>

export type FaceOptions = Readonly<{
  kernel: ProcessKernel
  operations: Operations
  /** Runs a task when the scheduler says so. */
  later: (task: () => void) => void
  /** Runs a task after a delay; the function returned cancels it. */
  after: (delayMs: number, task: () => void) => () => void
  /** Makes of a piece of a call one that runs later and is known to come from here. */
  aside?: (piece: () => void) => () => void
  /** Told of everything that was asked for and is not modelled. */
  refused: (error: NotModelledError) => void
}>

/** Operations whose promise form is a method of a file handle alone. */
const HANDLE_ONLY = new Set(
  'close read readv write writev fsync fdatasync ftruncate fstat fchmod fchown futimes'.split(' '),
)
/** Operations whose callback is given the buffer too. */
const WITH_BUFFER: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  read: (args) => readArguments(args.slice(1)).given,
  write: (args) => writeArguments(args.slice(1)).given,
  readv: (args) => args[1],
  writev: (args) => args[1],
}

export function makeFace(options: FaceOptions): Face {
  const { operations, later, aside } = options
  const stepsOf = (name: string, args: readonly unknown[]): Steps<unknown> => {
    try {
      const operation = operations[name]
      if (operation === undefined) throw new NotModelledError(`fs.${name}`)
      return watched(operation(...args), options.refused)
    } catch (error) {
      if (error instanceof NotModelledError) options.refused(error)
      throw error
    }
  }
  const perform = (name: string, ...args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      runLater(stepsOf(name, args), later, aside, (outcome) => {
        if ('error' in outcome) reject(outcome.error)
        else resolve(outcome.value)
      })
    })
  const fs: Record<string, FaceFunction> = {}
  const promises: Record<string, FaceFunction> = {}
  for (const name of Object.keys(operations)) {
    if (name === 'watch') continue
    fs[`${name}Sync`] = (...args) => runNow(stepsOf(name, args))
    fs[name] = (...args) => withCallback(stepsOf, options, name, args)
    if (!HANDLE_ONLY.has(name)) promises[name] = (...args) => perform(name, ...args)
  }
  promises['realpath'] = (...args) => perform('realpath.native', ...args)
  promises['open'] = async (...args) => new FrontFileHandle(perform, Number(await perform('open', ...args)))
  for (const name of ['writeFile', 'appendFile'])
    promises[name] = (place, data, given) =>
      isIterable(data) ? writeAll(promises, place, data, given, name) : perform(name, place, data, given)
  Object.assign(fs, existence(options), streams(fs), watching(options))
  return { fs, promises }
}

/** The pieces, with what they refuse told to who keeps it. */
function* watched(steps: Steps<unknown>, refused: (error: NotModelledError) => void): Steps<unknown> {
  try {
    return yield* steps
  } catch (error) {
    if (error instanceof NotModelledError) refused(error)
    throw error
  }
}

function withCallback(
  stepsOf: (name: string, args: readonly unknown[]) => Steps<unknown>,
  { later, aside }: FaceOptions,
  name: string,
  given: readonly unknown[],
): void {
  const at = given.findLastIndex(isCallback)
  const callback = callbackOf(at === -1 ? given.at(-1) : given[at])
  const args = given.slice(0, at)
  const buffer = WITH_BUFFER[name]?.(args)
  const completed = name === 'read' && args.length < 2 ? [args[0], buffer] : args
  runLater(stepsOf(name, completed), later, aside, (outcome) => {
    if ('error' in outcome) callback(outcome.error)
    else if (name in WITH_BUFFER) callback(null, outcome.value, buffer)
    else callback(null, outcome.value)
  })
}

/** Chunks as they come, into a file that is opened for them alone. */
async function writeAll(
  promises: Readonly<Record<string, FaceFunction>>,
  place: unknown,
  data: AsyncIterable<unknown> | Iterable<unknown>,
  given: unknown,
  name: string,
): Promise<void> {
  if (place instanceof FrontFileHandle) {
    await place.writeFile(data, given)
    return
  }
  const { flag = name === 'writeFile' ? 'w' : 'a', mode } = optionsOf(given)
  const handle = await promises['open']?.(place, flag, mode)
  if (!(handle instanceof FrontFileHandle)) return
  try {
    await handle.writeFile(data, given)
  } finally {
    await handle.close()
  }
}

function existence({ operations, later, aside }: FaceOptions): Record<string, FaceFunction> {
  const stat = (path: unknown): Steps<unknown> | undefined => {
    try {
      return operations['stat']?.(path)
    } catch {
      return undefined
    }
  }
  return {
    existsSync: (path) => {
      const steps = stat(path)
      try {
        if (steps === undefined) return false
        runNow(steps)
        return true
      } catch (error) {
        if (error instanceof NotModelledError) throw error
        return false
      }
    },
    exists: (path, given) => {
      const callback = callbackOf(given)
      const steps = stat(path)
      if (steps === undefined) later(() => callback(false))
      else runLater(steps, later, aside, (outcome) => callback('value' in outcome))
    },
  }
}

function streams(fs: Readonly<Record<string, FaceFunction>>): Record<string, FaceFunction> {
  return {
    createReadStream: (path, given) => Reflect.construct(ReadStream, [path, withCalls(given, fs)]),
    createWriteStream: (path, given) => Reflect.construct(WriteStream, [path, withCalls(given, fs)]),
  }
}

function withCalls(given: unknown, fs: object): object {
  const options = optionsOf(given)
  return options['fs'] === undefined ? { ...options, fs } : options
}

function watching({ kernel, operations, later, after }: FaceOptions): Record<string, FaceFunction> {
  const polled = new Map<string, StatWatcher>()
  return {
    watch: (path, given, listener) => {
      const told: Callback | undefined = isCallback(given) ? given : isCallback(listener) ? listener : undefined
      return watchPath(kernel, pathOf(path), later, told)
    },
    watchFile: (path, given, listener) => {
      const at = pathOf(path)
      const told = callbackOf(isCallback(given) ? given : listener)
      const watcher = polled.get(at) ?? statWatcher(() => statOrZeroes(operations, at), after, optionsOf(given))
      polled.set(at, watcher)
      kernel.pollers.add(watcher)
      return watcher.on('change', told)
    },
    unwatchFile: (path, listener) => {
      const at = pathOf(path)
      const watcher = polled.get(at)
      if (watcher === undefined) return
      if (isCallback(listener)) watcher.off('change', listener)
      else watcher.removeAllListeners('change')
      if (watcher.listenerCount('change') > 0) return
      watcher.stop()
      kernel.pollers.delete(watcher)
      polled.delete(at)
    },
  }
}

function statOrZeroes(operations: Operations, path: string): unknown {
  const steps = operations['stat']?.(path)
  try {
    return steps === undefined ? undefined : runNow(steps)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
