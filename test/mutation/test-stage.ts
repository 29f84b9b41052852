// test/mutation/test-stage.ts: the engine's own tests over the instrumented sources, in a process of their own.
//
// A run without a mutant tells which test files execute which mutants, and how long each file takes. A mutant is then put
// before the files that execute it, until one fails. Which files there are is said in `vitest.config.ts`: those that take a
// minute are left out, and what only they would notice counts as not noticed.

import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ProvidedContext } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The mutant's number, or none; the folder in which each file writes which mutants it executed, or none. */
    powercutMutant: { mutant: string; hitsFolder: string }
  }
}

/** In a project that was built. */
export const TEST_JUDGE = 'dist/test/mutation/test-judge.js'

/** How long the files of a mutant may take. */
export type TestLimits = Readonly<{
  /** Until the first of them has ended, beside what it takes itself: vitest may have to start. */
  startMs: number
  /** Until each later one has ended, beside what it takes itself. */
  nextMs: number
  /** How many times as long as without a mutant a file may take. */
  slower: number
}>

const LIMITS: TestLimits = { startMs: 90_000, nextMs: 30_000, slower: 10 }

export type TestTask = ProvidedContext['powercutMutant'] &
  Readonly<{
    /** Absolute paths; none: all. */
    files: readonly string[]
  }>

/** Told when a file has ended. */
export type TestProgress = Readonly<{ kind: 'ended'; file: string }>

export type TestReply = Readonly<{
  kind: 'judged'
  files: readonly Readonly<{ file: string; ms: number }>[]
  failure: Readonly<{ by: string; message: string }> | undefined
}>

/** `file` is relative to the project. */
export type FileCover = Readonly<{ file: string; ms: number; mutants: ReadonlySet<string> }>

export type TestAnswer =
  | Readonly<{ kind: 'killed'; by: string; message: string }>
  | Readonly<{ kind: 'hung' }>
  | Readonly<{ kind: 'survived' }>

export class TestStage {
  readonly #project: string
  readonly #judge: string
  readonly #limits: TestLimits
  /** What `cover` found, here or in another process. */
  files: readonly FileCover[] = []
  #child: ChildProcess | undefined
  readonly #endAtExit = () => this.#kill()

  /** `project` holds the instrumented sources, and their compiled form in `dist`, the process that runs tests among it. */
  constructor(project: string, judge = join(project, TEST_JUDGE), limits = LIMITS) {
    this.#project = project
    this.#judge = judge
    this.#limits = limits
  }

  /** Throws if a test fails without a mutant. */
  async cover(): Promise<readonly FileCover[]> {
    const hitsFolder = join(this.#project, 'coverage', 'mutation-hits')
    rmSync(hitsFolder, { recursive: true, force: true })
    mkdirSync(hitsFolder, { recursive: true })
    const reply = await this.#ask({ files: [], mutant: '', hitsFolder })
    if (reply === 'hung' || reply.failure !== undefined || reply.files.length === 0)
      throw new Error(
        `the engine's tests fail over the instrumented sources, without a mutant: ${JSON.stringify(reply)}`,
      )
    const mutants = new Map<string, ReadonlySet<string>>()
    for (const name of readdirSync(hitsFolder)) {
      const { file, hits } = JSON.parse(readFileSync(join(hitsFolder, name), 'utf8')) as {
        file: string
        hits: string[]
      }
      mutants.set(file, new Set(hits))
    }
    this.files = reply.files
      .map(({ file, ms }) => ({
        file: relative(this.#project, file),
        ms,
        mutants: mutants.get(file) ?? new Set<string>(),
      }))
      .toSorted((a, b) => a.ms - b.ms)
    return this.files
  }

  filesFor(mutant: string): readonly FileCover[] {
    return this.files.filter(({ mutants }) => mutants.has(mutant))
  }

  async judge(mutant: string): Promise<TestAnswer> {
    const files = this.filesFor(mutant)
    if (files.length === 0) return { kind: 'survived' }
    const usualMs = new Map(files.map(({ file, ms }) => [join(this.#project, file), ms]))
    const reply = await this.#ask({ files: [...usualMs.keys()], mutant, hitsFolder: '' }, usualMs)
    if (reply === 'hung') return { kind: 'hung' }
    return reply.failure === undefined ? { kind: 'survived' } : { kind: 'killed', ...reply.failure }
  }

  end(): void {
    this.#kill()
  }

  /** `usualMs`: by file; without it there is no limit. What hangs is noticed when no file ends for too long. */
  #ask(task: TestTask, usualMs?: ReadonlyMap<string, number>): Promise<TestReply | 'hung'> {
    const child = (this.#child ??= this.#start())
    return new Promise((resolve, reject) => {
      const left = new Map(usualMs)
      const limited = (ms: number) =>
        usualMs === undefined
          ? undefined
          : setTimeout(() => settle('hung', true), ms + this.#limits.slower * Math.max(0, ...left.values()))
      let timer = limited(this.#limits.startMs)
      const settle = (reply: TestReply | 'hung', isSpoilt: boolean) => {
        clearTimeout(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        if (isSpoilt) this.#kill()
        resolve(reply)
      }
      child.on('message', (told: TestProgress | TestReply) => {
        if (told.kind === 'judged') return settle(told, false)
        left.delete(told.file)
        clearTimeout(timer)
        timer = limited(this.#limits.nextMs)
      })
      child.on('exit', (code) => {
        clearTimeout(timer)
        this.#kill()
        reject(new Error(`the process that runs the tests ended with exit code ${code}`))
      })
      child.send(task)
    })
  }

  #start(): ChildProcess {
    process.once('exit', this.#endAtExit)
    return fork(this.#judge, {
      cwd: this.#project,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // A group of its own, so that its workers end with it.
      detached: true,
    })
  }

  #kill(): void {
    const pid = this.#child?.pid
    this.#child = undefined
    process.off('exit', this.#endAtExit)
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
}
