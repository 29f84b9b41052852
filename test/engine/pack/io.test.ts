// test/engine/pack/io.test.ts: calls that are interrupted or transfer less than asked, as often as may be, and once more.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  INTERRUPTIONS_MAX,
  appendFully,
  closeQuietly,
  readFully,
  syncFully,
  uninterrupted,
} from '../../../engine/pack/io.ts'
import { IoError, type FileHandle } from '../../../engine/ports/index.ts'
import { errorOf } from '../machine.ts'

/** What a call does: a code that it fails with, another error, or the most bytes that it transfers. */
type Answer = 'EINTR' | 'EAGAIN' | 'EIO' | 'bug' | number

class ScriptedHandle implements FileHandle {
  readonly path = '/scripted'
  readonly written: number[] = []
  readonly #answers: Answer[]
  calls = 0

  /** The last answer is given again and again. */
  constructor(answers: readonly Answer[]) {
    this.#answers = [...answers]
  }

  #answer(operation: 'read' | 'append' | 'sync', asked: number): number {
    this.calls += 1
    const answer = (this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0]) ?? asked
    if (answer === 'bug') throw new TypeError('a bug of the port')
    if (typeof answer === 'string') throw new IoError(answer, operation, this.path)
    return Math.min(answer, asked)
  }

  read(target: Uint8Array, at: number, lengthBytes: number, positionBytes: number): number {
    const read = this.#answer('read', lengthBytes)
    for (let i = 0; i < read; i += 1) target[at + i] = positionBytes + i
    return read
  }

  append(source: Uint8Array, at: number, lengthBytes: number): number {
    const written = this.#answer('append', lengthBytes)
    this.written.push(...source.subarray(at, at + written))
    return written
  }

  sync(): void {
    this.#answer('sync', 0)
  }

  syncLater(): Promise<void> {
    return Promise.resolve(this.sync())
  }

  sizeBytes(): number {
    return this.written.length
  }

  close(): void {
    this.#answer('sync', 0)
  }
}

const LENGTH = 12
const BYTES = Uint8Array.from({ length: LENGTH }, (_, index) => index)
/** Interruptions, fewer in a row than count. */
const patience = fc.array(fc.constantFrom<Answer>('EINTR', 'EAGAIN'), { maxLength: INTERRUPTIONS_MAX - 1 })
const transfers = fc.array(
  fc.tuple(patience, fc.integer({ min: 1, max: 5 })).map(([again, bytes]) => [...again, bytes]),
  { minLength: 1, maxLength: 20 },
)
const interrupted = (times: number): Answer[] => Array<Answer>(times).fill('EINTR')

describe('reading and appending', { tags: ['PRT-10'] }, () => {
  it('go on behind short transfers and interruptions until everything is done', () => {
    fc.assert(
      fc.property(transfers, (answers) => {
        const target = new Uint8Array(LENGTH)
        expect(readFully(new ScriptedHandle([...answers.flat(), LENGTH]), target, 0, LENGTH, 0)).toBe(LENGTH)
        expect(target).toEqual(BYTES)
        const handle = new ScriptedHandle([...answers.flat(), LENGTH])
        appendFully(handle, BYTES, 0, LENGTH)
        expect(handle.written).toEqual([...BYTES])
      }),
    )
  })

  it('give up at as many interruptions in a row as are allowed, and at any other error at once', () => {
    for (const [answers, calls] of [
      [[...interrupted(INTERRUPTIONS_MAX), LENGTH], INTERRUPTIONS_MAX],
      [['EIO', LENGTH], 1],
      [['bug', LENGTH], 1],
    ] as const) {
      const reading = new ScriptedHandle(answers)
      expect(errorOf(() => readFully(reading, new Uint8Array(LENGTH), 0, LENGTH, 0))).toBeInstanceOf(Error)
      const writing = new ScriptedHandle(answers)
      expect(errorOf(() => appendFully(writing, BYTES, 0, LENGTH))).toBeInstanceOf(Error)
      expect([reading.calls, writing.calls]).toEqual([calls, calls])
    }
  })

  it('end where the file ends, and where nothing more can be written', () => {
    expect(readFully(new ScriptedHandle([4, 0]), new Uint8Array(LENGTH), 0, LENGTH, 0)).toBe(4)
    const full = new ScriptedHandle([4, 0])
    expect(errorOf(() => appendFully(full, BYTES, 0, LENGTH))).toMatchObject({ code: 'EIO', path: full.path })
    expect(full.calls).toBe(1 + INTERRUPTIONS_MAX)
    // What moves on, however slowly, is not given up.
    appendFully(new ScriptedHandle([...Array<Answer>(INTERRUPTIONS_MAX - 1).fill(0), 1, 0, LENGTH]), BYTES, 0, LENGTH)
  })
})

describe('a call without a transfer', { tags: ['ERR-02'] }, () => {
  it('is made again while it is interrupted, and no oftener than that', () => {
    for (const code of ['EINTR', 'EAGAIN'] as const) {
      for (const [failures, isDone] of [
        [INTERRUPTIONS_MAX - 1, true],
        [INTERRUPTIONS_MAX, false],
      ] as const) {
        const handle = new ScriptedHandle([...Array<Answer>(failures).fill(code), 0])
        expect(errorOf(() => uninterrupted(() => handle.sync())) === undefined).toBe(isDone)
        expect(handle.calls).toBe(INTERRUPTIONS_MAX)
      }
    }
    expect(errorOf(() => uninterrupted(() => new ScriptedHandle(['EIO', 0]).sync()))).toMatchObject({ code: 'EIO' })
    expect(errorOf(() => uninterrupted(() => new ScriptedHandle(['bug', 0]).sync()))).toBeInstanceOf(TypeError)
  })

  it('is a sync again only after EINTR: after another error nobody knows what is pending', { tags: ['PRT-08'] }, () => {
    syncFully(new ScriptedHandle([...interrupted(INTERRUPTIONS_MAX - 1), 0]))
    const tired = new ScriptedHandle([...interrupted(INTERRUPTIONS_MAX), 0])
    expect(errorOf(() => syncFully(tired))).toMatchObject({ code: 'EINTR' })
    for (const answer of ['EAGAIN', 'EIO', 'bug'] as const) {
      const handle = new ScriptedHandle([answer, 0])
      expect(errorOf(() => syncFully(handle))).toBeInstanceOf(Error)
      expect(handle.calls).toBe(1)
    }
  })

  it('is a close once: its error is given, not thrown', () => {
    expect(closeQuietly(new ScriptedHandle([0]))).toBeUndefined()
    expect(closeQuietly(new ScriptedHandle(['EIO', 0]))).toMatchObject({ code: 'EIO' })
  })
})
