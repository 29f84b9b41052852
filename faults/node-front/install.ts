// faults/node-front/install.ts: puts the front into a thread: `node:fs`, timers, clock and chance ask which process the
// running code belongs to, and go to the real thing if it belongs to none.
//
// 1. The exports of the builtin modules are replaced once and stay: what a module captured when it was loaded asks too.
//    ES module bindings follow (`syncBuiltinESMExports`). Loading modules, and all code outside of a world, is untouched.
// 2. By path: below the mount is the simulated disk, all else is real. By descriptor: the front's are above FIRST_DESCRIPTOR.
// 3. A call of `node:fs` below the mount that the front has not is refused by name.
// 4. `uninstall` puts back everything that nobody replaced since.

import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, resolve } from 'node:path'
import perfHooks from 'node:perf_hooks'
import nodeTimers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import workerThreads from 'node:worker_threads'
import { pathText } from './arguments.ts'
import { FrontInstallError, NotModelledError } from './errors.ts'
import type { FaceFunction } from './face.ts'
import { FrontFileHandle } from './file-handle.ts'
import { FIRST_DESCRIPTOR } from './kernel.ts'
import { currentProcess, type NodeProcess } from './node-process.ts'
import { currentScope } from './process-scope.ts'
import { FrontTimer } from './timers.ts'

const TWO_PATHS = new Set('rename link copyFile cp'.split(' '))
const GRACEFUL_FS = Symbol.for('graceful-fs.queue')

type Undo = () => void

let installed: Undo | undefined
const addons = new Set<string>()

/** Names of the native addons that this thread has loaded since the front was put in: what they store goes past it. */
export function nativeAddons(): readonly string[] {
  return [...addons].toSorted()
}

/**
 * Puts the front into this thread, once; gives what takes it out again. Throws FrontInstallError if something has taken
 * `node:fs` before, so that its calls could not be seen.
 */
export function installNodeFront(): () => void {
  if (installed !== undefined) return installed
  if (GRACEFUL_FS in fs)
    throw new FrontInstallError(
      "graceful-fs was loaded before the simulated disk's front was put in: load it, and what uses it, afterwards",
    )
  const undo: Undo[] = []
  replaceQueue(undo)
  replaceFileSystem(undo)
  replaceTimers(undo)
  replaceClock(undo)
  replaceChance(undo)
  replaceProcess(undo)
  takeUncaught(undo)
  syncBuiltinESMExports()
  installed = () => {
    for (const each of undo.toReversed()) each()
    installed = undefined
    syncBuiltinESMExports()
  }
  return installed
}

/**
 * An error that nothing catches in a tick of Node's own (a stream without a handler, a rejected promise) ends the simulated
 * process that it is of, not the thread. One that is of no such process ends the thread as ever.
 */
function takeUncaught(undo: Undo[]): void {
  process.on('uncaughtException', onUncaught)
  undo.push(() => void process.off('uncaughtException', onUncaught))
}

const wakeLoop = setImmediate

function onUncaught(error: unknown): void {
  const owner = currentScope()
  // Node goes on with the ticks that are left in a turn of the loop that it asks for by `setImmediate`: by the simulated one.
  wakeLoop(() => {})
  if (owner !== undefined) owner.noteUncaught(error)
  else if (process.listenerCount('uncaughtException') === 1) throw error
}

/** What graceful-fs retries is kept with `node:fs`: one queue for each process, and one for the rest of the thread. */
function replaceQueue(undo: Undo[]): void {
  const own: unknown[] = []
  Object.defineProperty(fs, GRACEFUL_FS, { get: () => currentProcess()?.gracefulQueue ?? own, configurable: true })
  undo.push(() => void Reflect.deleteProperty(fs, GRACEFUL_FS))
}

function replaceFileSystem(undo: Undo[]): void {
  for (const [form, exported] of [
    ['fs', fs],
    ['promises', fs.promises],
  ] as const) {
    for (const name of Object.keys(exported)) {
      if (!/^[a-z]/.test(name) || name === 'promises' || name === 'constants') continue
      replaceFunction(undo, exported, name, (real) => fileRouter(form, name, real))
    }
  }
}

function fileRouter(form: 'fs' | 'promises', name: string, real: FaceFunction): FaceFunction {
  const operation = name.replace(/Sync$/, '')
  const routed: FaceFunction = function (this: unknown, ...args) {
    const process = currentProcess()
    if (process === undefined) return Reflect.apply(real, this, args)
    const inside = isInside(process, operation === 'symlink' ? args[1] : args[0])
    if (TWO_PATHS.has(operation) && inside !== isInside(process, args[1]))
      throw refusal(process, `fs.${name} between the world's directory and the real file system`)
    if (!inside) return outside(process, form, name, real, args)
    const own = process.face[form][name]
    if (own === undefined) throw refusal(process, form === 'fs' ? `fs.${name}` : `fs.promises.${name}`)
    return own(...args)
  }
  if (name === 'exists')
    Object.defineProperty(routed, promisify.custom, {
      value: (path: unknown) => new Promise((fulfil) => void routed(path, fulfil)),
      configurable: true,
    })
  const native: unknown = Reflect.get(real, 'native')
  if (isFunction(native)) Object.defineProperty(routed, 'native', { value: fileRouter(form, nativeName(name), native) })
  return routed
}

/** Calls whose asynchronous forms give no more than their synchronous one. */
const SIMPLE = new Set('access exists lstat readFile readdir readlink realpath stat'.split(' '))

/**
 * A call on the real file system. Real I/O is never waited for, so a look at what lies outside (a parent directory, a
 * template) is done at once and ends when the scheduler says so.
 */
function outside(
  process: NodeProcess,
  form: 'fs' | 'promises',
  name: string,
  real: FaceFunction,
  args: readonly unknown[],
): unknown {
  const callback = args.at(-1)
  const now: unknown = Reflect.get(fs, `${name}Sync`)
  if (!SIMPLE.has(name) || !isFunction(now) || (form === 'fs' && !isFunction(callback)))
    return Reflect.apply(real, fs, args)
  const look = (): unknown => now(...(form === 'fs' ? args.slice(0, -1) : args))
  const ended = new Promise<unknown>((fulfil, reject) => {
    process.later(() => {
      try {
        fulfil(look())
      } catch (error) {
        reject(error)
      }
    })
  })
  if (form === 'promises' || !isFunction(callback)) return ended
  ended.then(
    (value) => (name === 'exists' ? callback(value) : callback(null, value)),
    (error: unknown) => callback(error),
  )
  return undefined
}

/** The face's name of `fs.realpath.native` and `fs.realpathSync.native`. */
function nativeName(name: string): string {
  return name.endsWith('Sync') ? `${name.slice(0, -4)}.nativeSync` : `${name}.native`
}

function refusal(process: NodeProcess, call: string): NotModelledError {
  const error = new NotModelledError(call)
  process.refuse(error)
  return error
}

/** Whether a path, descriptor or handle is the front's. */
function isInside({ mount }: NodeProcess, value: unknown): boolean {
  if (typeof value === 'number') return value >= FIRST_DESCRIPTOR
  if (value instanceof FrontFileHandle) return true
  const text = pathText(value)
  if (text === undefined) return false
  const plain = text.startsWith('/') && !text.includes('/.') && !text.includes('//')
  const path = plain ? text : resolve(text)
  return path === mount || path.startsWith(`${mount}/`)
}

function replaceTimers(undo: Undo[]): void {
  const owners = [globalThis, nodeTimers]
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'])
    for (const owner of owners) replaceFunction(undo, owner, name, (real) => timerRouter(name, real))
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate'])
    for (const owner of owners)
      replaceFunction(undo, owner, name, (real) => (...args) => {
        const [timer] = args
        if (timer instanceof FrontTimer) timer.close()
        else if (typeof timer === 'object' || currentProcess()?.timers.clear(timer) !== true) real(...args)
      })
  for (const name of ['setTimeout', 'setImmediate'])
    replaceFunction(undo, timersPromises, name, (real) => promisedTimer(name, real))
  replaceFunction(undo, timersPromises, 'setInterval', (real) => (...args) => {
    const process = currentProcess()
    if (process !== undefined) throw refusal(process, 'timers/promises.setInterval')
    return real(...args)
  })
}

function timerRouter(name: string, real: FaceFunction): FaceFunction {
  const routed: FaceFunction = (...args) => {
    const process = currentProcess()
    if (process === undefined) return real(...args)
    const [callback, delay, ...rest] = name === 'setImmediate' ? [args[0], 1, ...args.slice(1)] : args
    return process.timers.start(callback, delay, name === 'setInterval', rest)
  }
  const promised: unknown = Reflect.get(real, promisify.custom)
  if (isFunction(promised))
    Object.defineProperty(routed, promisify.custom, { value: promisedTimer(name, promised), configurable: true })
  return routed
}

function promisedTimer(name: string, real: FaceFunction): FaceFunction {
  return (...args) => {
    const process = currentProcess()
    if (process === undefined) return real(...args)
    const [delay, value] = name === 'setImmediate' ? [1, args[0]] : args
    return new Promise((fulfil) => void process.timers.start(() => fulfil(value), delay, false, []))
  }
}

function replaceClock(undo: Undo[]): void {
  const RealDate = Date
  const now = RealDate.now.bind(RealDate)
  replaceFunction(undo, RealDate, 'now', () => () => currentProcess()?.nowMs() ?? now())
  const dates = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget: Function): object => {
      const process = args.length === 0 ? currentProcess() : undefined
      const given = process === undefined ? args : [process.nowMs()]
      const made: unknown = Reflect.construct(target, given, newTarget === dates ? target : newTarget)
      return Object(made)
    },
    apply: (target, self: unknown, args: unknown[]): string => {
      const process = currentProcess()
      return process === undefined
        ? String(Reflect.apply(target, self, args))
        : new RealDate(process.nowMs()).toString()
    },
  })
  replaceValue(undo, globalThis, 'Date', dates)
  replaceValue(undo, RealDate.prototype, 'constructor', dates)
  const { performance } = perfHooks
  const real = performance.now.bind(performance)
  replaceValue(undo, performance, 'now', () => currentProcess()?.elapsedMs() ?? real())
  const hrtime = process.hrtime.bind(process)
  const bigint = process.hrtime.bigint.bind(process.hrtime)
  const routed = (before?: [number, number]): [number, number] => {
    const running = currentProcess()
    if (running === undefined) return hrtime(before)
    const ms = running.elapsedMs()
    const [seconds, nanoseconds] = [Math.floor(ms / 1000), Math.floor((ms % 1000) * 1e6)]
    if (before === undefined) return [seconds, nanoseconds]
    const difference = (seconds - before[0]) * 1e9 + nanoseconds - before[1]
    return [Math.floor(difference / 1e9), difference % 1e9]
  }
  routed.bigint = (): bigint => {
    const running = currentProcess()
    return running === undefined ? bigint() : BigInt(Math.floor(running.elapsedMs() * 1e6))
  }
  replaceValue(undo, process, 'hrtime', routed)
  const uptime = process.uptime.bind(process)
  replaceValue(undo, process, 'uptime', () => {
    const running = currentProcess()
    return running === undefined ? uptime() : running.elapsedMs() / 1000
  })
}

function replaceChance(undo: Undo[]): void {
  const real = Math.random.bind(Math)
  replaceValue(undo, Math, 'random', () => currentProcess()?.random.random() ?? real())
  for (const [face, owner] of [
    ['crypto', crypto],
    ['webcrypto', crypto.webcrypto],
  ] as const)
    for (const name of face === 'crypto' ? CRYPTO_NAMES : WEB_CRYPTO_NAMES)
      replaceFunction(
        undo,
        owner,
        name,
        (original) =>
          function (this: unknown, ...args: unknown[]) {
            const own = currentProcess()?.random[face][name]
            return own === undefined ? Reflect.apply(original, owner, args) : own(...args)
          },
      )
}

const CRYPTO_NAMES = [
  'randomBytes',
  'pseudoRandomBytes',
  'randomFillSync',
  'randomFill',
  'randomInt',
  'randomUUID',
  'getRandomValues',
]
const WEB_CRYPTO_NAMES = ['getRandomValues', 'randomUUID']

function replaceProcess(undo: Undo[]): void {
  const { pid } = process
  replaceGetter(undo, process, 'pid', () => currentProcess()?.pid ?? pid)
  const { threadId } = workerThreads
  replaceGetter(undo, workerThreads, 'threadId', () => (currentProcess() === undefined ? threadId : 0))
  replaceFunction(undo, process, 'dlopen', (real) => (...args) => {
    const name = basename(String(args[1]))
    const running = currentProcess()
    if (running !== undefined) throw refusal(running, `the native addon ${name}, which bypasses node:fs,`)
    addons.add(name)
    return Reflect.apply(real, process, args)
  })
}

function replaceFunction(undo: Undo[], owner: object, name: string, make: (real: FaceFunction) => FaceFunction): void {
  const real: unknown = Reflect.get(owner, name)
  if (!isFunction(real)) return
  const routed = make(real)
  for (const key of Reflect.ownKeys(real)) {
    const descriptor = Object.getOwnPropertyDescriptor(real, key)
    if (
      descriptor === undefined ||
      key === 'prototype' ||
      Object.hasOwn(routed, key) !== (key === 'name' || key === 'length')
    )
      continue
    Object.defineProperty(routed, key, { ...descriptor, configurable: true })
  }
  replaceValue(undo, owner, name, routed)
}

function replaceValue(undo: Undo[], owner: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  // What cannot be replaced takes its value from what can: `crypto.getRandomValues` is `webcrypto`'s.
  if (before?.configurable === false) return
  const enumerable = before?.enumerable ?? false
  Object.defineProperty(owner, name, { value, writable: true, enumerable, configurable: true })
  undo.push(() => {
    if (Reflect.get(owner, name) !== value) return
    if (before === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, before)
  })
}

function replaceGetter(undo: Undo[], owner: object, name: string, get: () => unknown): void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  Object.defineProperty(owner, name, { get, enumerable: before?.enumerable ?? true, configurable: true })
  undo.push(() => {
    if (before !== undefined) Object.defineProperty(owner, name, before)
  })
}

function isFunction(value: unknown): value is FaceFunction {
  return typeof value === 'function'
}
