// test/mutation/test-stage.ts: the engine's own tests over the instrumented sources, with vitest.
//
// A run without a mutant tells which test files execute which mutants, and how long each file takes. A mutant is then put
// before the files that execute it, quick ones first, until one fails. Files that take longer than FILE_MS_MAX are left
// out: what only they would notice counts as not noticed.

import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const FILE_MS_MAX = 5000
const START_MS_MAX = 60_000
const SLOWER_MAX = 10
const FLUSH = 'POWERCUT_MUTATION_COVERAGE'

export type FileCover = Readonly<{ file: string; ms: number; mutants: ReadonlySet<string> }>

export type TestAnswer =
  | Readonly<{ kind: 'killed'; by: string; message: string }>
  | Readonly<{ kind: 'hung' }>
  | Readonly<{ kind: 'survived'; files: number }>

type VitestReport = Readonly<{
  success: boolean
  testResults: readonly Readonly<{
    name: string
    status: string
    message: string
    startTime: number
    endTime: number
    assertionResults: readonly Readonly<{ status: string; fullName: string; failureMessages: readonly string[] }>[]
  }>[]
}>

export class TestStage {
  readonly #project: string
  /** What `cover` found, here or in another process. */
  files: readonly FileCover[] = []

  /** `project` holds the instrumented sources. */
  constructor(project: string) {
    this.#project = project
  }

  /** Throws if a test fails without a mutant. */
  async cover(): Promise<readonly FileCover[]> {
    const folder = join(this.#project, 'coverage', 'mutation-hits')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const report = await this.#vitest([], { [FLUSH]: folder }, undefined)
    const failed = report === 'hung' ? 'they took too long' : failureOf(report)?.by
    if (report === 'hung' || failed !== undefined)
      throw new Error(`the engine's tests fail over the instrumented sources, without a mutant: ${failed}`)
    const mutants = new Map<string, ReadonlySet<string>>()
    for (const name of readdirSync(folder)) {
      const { file, hits } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { file: string; hits: string[] }
      mutants.set(file, new Set(hits))
    }
    this.files = report.testResults
      .map(({ name, startTime, endTime }) => ({
        file: name.slice(this.#project.length + 1),
        ms: endTime - startTime,
        mutants: mutants.get(name) ?? new Set<string>(),
      }))
      .filter(({ ms }) => ms <= FILE_MS_MAX)
      .toSorted((a, b) => a.ms - b.ms)
    return this.files
  }

  filesFor(mutant: string): readonly FileCover[] {
    return this.files.filter(({ mutants }) => mutants.has(mutant))
  }

  async judge(mutant: string): Promise<TestAnswer> {
    const files = this.filesFor(mutant)
    if (files.length === 0) return { kind: 'survived', files: 0 }
    const limitMs = START_MS_MAX + SLOWER_MAX * files.reduce((sum, { ms }) => sum + ms, 0)
    const report = await this.#vitest(
      files.map(({ file }) => file),
      { __STRYKER_ACTIVE_MUTANT__: mutant },
      limitMs,
    )
    if (report === 'hung') return { kind: 'hung' }
    const failure = failureOf(report)
    return failure === undefined ? { kind: 'survived', files: files.length } : { kind: 'killed', ...failure }
  }

  async #vitest(
    files: readonly string[],
    variables: Readonly<Record<string, string>>,
    limitMs: number | undefined,
  ): Promise<VitestReport | 'hung'> {
    const output = join(this.#project, 'coverage', `vitest-${process.pid}.json`)
    rmSync(output, { force: true })
    const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs')
    const child = spawn(
      process.execPath,
      [
        vitest,
        'run',
        '--config',
        'test/mutation/vitest.config.ts',
        '--bail',
        '1',
        '--reporter',
        'json',
        '--outputFile',
        output,
        ...files,
      ],
      {
        cwd: this.#project,
        env: { ...process.env, ...variables },
        stdio: 'ignore',
        // A group of its own, so that its workers end with it.
        detached: true,
      },
    )
    const endGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It is gone already.
      }
    }
    process.once('exit', endGroup)
    let isHung = false
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            isHung = true
            endGroup()
          }, limitMs)
    const code = await new Promise<number | null>((resolve) => child.on('exit', resolve))
    clearTimeout(timer)
    process.off('exit', endGroup)
    if (isHung) return 'hung'
    try {
      return JSON.parse(readFileSync(output, 'utf8')) as VitestReport
    } catch {
      return { success: code === 0, testResults: [] }
    }
  }
}

function failureOf(report: VitestReport): Readonly<{ by: string; message: string }> | undefined {
  if (report.success && report.testResults.length > 0) return undefined
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failed = assertionResults.find((result) => result.status === 'failed')
    if (failed !== undefined) return { by: failed.fullName, message: failed.failureMessages[0] ?? '' }
    if (status === 'failed') return { by: name, message }
  }
  return { by: 'vitest', message: 'it ended without a result' }
}
