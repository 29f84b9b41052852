// harness/host/mcdc/counters.ts: the counters of a process and its threads, and when they are told.
//
// 1. A thread's counters are in shared memory that the main thread knows: a thread that is ended from outside loses nothing.
// 2. They are told when the process exits, right before it ends itself with a signal, and on the signals that usually end a
//    process. What ends a process otherwise (SIGKILL from outside, `process.abort` in native code) loses what it counted,
//    and the session knows of it, because each begins with a mark.
// 3. Nothing here keeps a process alive, and nothing is printed.

import { join } from 'node:path'
import { BroadcastChannel, isMainThread, receiveMessageOnPort, threadId } from 'node:worker_threads'
import { COUNTERS_KEY, type CounterSource } from '../../coverage/index.ts'
import { randomId, writeShared, type Session } from './session.ts'

type Announcement = Readonly<{ id: string; key: string; memory: SharedArrayBuffer }>

const CHANNEL = 'powercut.mcdc'
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const BYTES_PER_COUNTER = Float64Array.BYTES_PER_ELEMENT

/** Puts counters in reach of every text that is loaded from now on. Once a thread. */
export function installCounters(session: Session): void {
  const id = `${process.pid}-${threadId}-${randomId()}`
  const texts = new Map<string, Float64Array>()
  const channel = new BroadcastChannel(CHANNEL)
  const announce = channel.postMessage.bind(channel)
  const store = new CounterStore(session)
  const source: CounterSource = (key, slots) => {
    const known = texts.get(key)
    if (known !== undefined) return known
    if (texts.size === 0) writeShared(join(session.directory, 'began', id), '')
    const memory = new SharedArrayBuffer(Math.max(1, slots) * BYTES_PER_COUNTER)
    const counters = new Float64Array(memory)
    texts.set(key, counters)
    const announcement: Announcement = { id, key, memory }
    if (isMainThread) store.add(announcement)
    else announce(announcement)
    return counters
  }
  Reflect.set(globalThis, Symbol.for(COUNTERS_KEY), source)
  Reflect.set(process, Symbol.for(COUNTERS_KEY), source)
  if (isMainThread) {
    channel.addEventListener('message', (event: unknown) => store.add(dataOf(event)))
    tellAtEnd(() => {
      for (;;) {
        // A BroadcastChannel is taken as well; the types know of message ports alone.
        const waiting: unknown = Reflect.apply(receiveMessageOnPort, undefined, [channel])
        if (typeof waiting !== 'object' || waiting === null || !('message' in waiting)) break
        store.add(waiting.message)
      }
      store.write()
    })
  }
  channel.unref()
}

function dataOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined
}

function isAnnouncement(value: unknown): value is Announcement {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'key' in value &&
    'memory' in value &&
    typeof value.id === 'string' &&
    typeof value.key === 'string' &&
    value.memory instanceof SharedArrayBuffer
  )
}

class CounterStore {
  readonly #session: Session
  readonly #threads = new Map<string, Map<string, Float64Array>>()

  constructor(session: Session) {
    this.#session = session
  }

  add(value: unknown): void {
    if (!isAnnouncement(value)) return
    const texts = this.#threads.get(value.id) ?? new Map<string, Float64Array>()
    texts.set(value.key, new Float64Array(value.memory))
    this.#threads.set(value.id, texts)
  }

  /** Writes all that was counted so far; a later call replaces an earlier one's. */
  write(): void {
    for (const [id, texts] of this.#threads) {
      const counts: Record<string, number[]> = {}
      for (const [key, counters] of texts) {
        const sparse: number[] = []
        counters.forEach((count, slot) => {
          if (count > 0) sparse.push(slot, count)
        })
        counts[key] = sparse
      }
      try {
        writeShared(join(this.#session.directory, 'counts', `${id}.json`), JSON.stringify(counts))
      } catch {
        // The session is over and its folder gone: this process was left behind by it.
      }
    }
  }
}

function tellAtEnd(tell: () => void): void {
  process.on('exit', tell)
  const kill = process.kill.bind(process)
  process.kill = (pid, signal) => {
    if (pid === process.pid) tell()
    return kill(pid, signal)
  }
  const abort = process.abort.bind(process)
  process.abort = () => {
    tell()
    return abort()
  }
  for (const signal of SIGNALS) {
    const onSignal = () => {
      tell()
      // Without a listener of the program's own, the signal ends the process, as it would have.
      if (process.listenerCount(signal) > 1) return
      process.removeListener(signal, onSignal)
      kill(process.pid, signal)
    }
    process.on(signal, onSignal)
  }
}
