// test/mutation/plugin.ts: the test runner that StrykerJS is given: campaigns over the instrumented engine.
//
//   short campaign ─▶ the engine's tests ─▶ full campaign        the first that complains has killed the mutant
//
// 1. Only pieces and tests that execute a mutant's place are put before it: all runs repeat, so the others could not
//    notice it.
// 2. A process that hangs or runs its place without an end counts as a timeout; one that dies has been killed.
// 3. A mutant that was not drawn is answered with an error, which no score counts.

import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Mutant, PartialStrykerOptions, StrykerOptions } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner'
import { MutationFolder, type Cover, type JournalLine, type MutationPlan, type Stage } from './journal.ts'
import { JudgeProcess, type JudgeAnswer } from './judge-process.ts'
import { keyOf, placesIn } from './mutant-place.ts'
import { FULL_CPU_MS, FULL_PIECES, SHORT_CPU_MS, SHORT_PIECES, type Piece } from './pieces.ts'
import { TestStage } from './test-stage.ts'

export const RUNNER = 'powercut-campaigns'
/** Where in the options of StrykerJS the folder's path is. */
const FOLDER = 'powercutFolder'

export function withFolder(options: PartialStrykerOptions, path: string): PartialStrykerOptions {
  return { ...options, [FOLDER]: path }
}

const HITS_FACTOR = 50
const HITS_EXTRA = 100_000

type Finding = Readonly<Pick<JournalLine, 'verdict' | 'stage' | 'by' | 'complaint'>>

export class CampaignRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options)
  readonly #folder: MutationFolder
  readonly #plan: MutationPlan
  readonly #drawn: ReadonlySet<string>
  readonly #known: ReadonlyMap<string, JournalLine>
  readonly #judge: JudgeProcess
  readonly #tests: TestStage
  readonly #places = new Map<string, ReturnType<typeof placesIn>>()
  #cover: Cover | undefined

  constructor(options: StrykerOptions) {
    this.#folder = new MutationFolder(String(Reflect.get(options, FOLDER)))
    this.#plan = this.#folder.plan
    this.#drawn = new Set(this.#plan.drawn)
    this.#known = new Map(this.#plan.known.map((line) => [line.key, line]))
    // The working directory of a test runner is the copy of the project that holds the mutants.
    const sandbox = process.cwd()
    this.#judge = new JudgeProcess(join(sandbox, 'dist/test/mutation/judge.js'))
    this.#tests = new TestStage(sandbox)
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  async dryRun(): Promise<DryRunResult> {
    const cover = this.#folder.cover(this.#plan) ?? (await this.#newCover())
    this.#cover = cover
    return {
      status: DryRunStatus.Complete,
      tests: [
        ...cover.pieces.map(({ name, cpuMs }) => passed(name, cpuMs)),
        passed(
          'tests',
          cover.files.reduce((sum, { ms }) => sum + ms, 0),
        ),
      ],
    }
  }

  async #newCover(): Promise<Cover> {
    const covered = await this.#judge.ask({ kind: 'cover' }, undefined, COVER_SILENCE_MS)
    if (covered.kind !== 'covered') throw new Error(`the campaigns without a mutant did not end: ${covered.kind}`)
    const loud = covered.pieces.find(({ complaint }) => complaint !== undefined)
    if (loud !== undefined) throw new Error(`'${loud.name}' complains without a mutant: ${loud.complaint}`)
    const files = await this.#tests.cover()
    const cover: Cover = {
      engine: this.#plan.engine,
      judges: this.#plan.judges,
      static: Object.keys(covered.static),
      pieces: covered.pieces.map(({ name, cpuMs, runs, hits }) => ({ name, cpuMs, runs, hits })),
      files: files.map(({ file, ms, mutants }) => ({ file, ms, mutants: [...mutants] })),
    }
    this.#folder.putCover(cover)
    return cover
  }

  async mutantRun({ activeMutant }: MutantRunOptions): Promise<MutantRunResult> {
    const key = this.#keyOf(activeMutant)
    if (!this.#drawn.has(key)) return { status: MutantRunStatus.Error, errorMessage: 'not drawn' }
    const known = this.#known.get(key)
    if (known !== undefined) return resultOf(known)
    const startMs = performance.now()
    const finding = await this.#findingOf(activeMutant.id)
    const { engine, judges } = this.#plan
    const seconds = Math.round((performance.now() - startMs) / 100) / 10
    this.#folder.add({ key, ...finding, seconds, engine, judges })
    return resultOf(finding)
  }

  async dispose(): Promise<void> {
    this.#tests.end()
    await this.#judge.end()
  }

  #keyOf(mutant: Mutant): string {
    const { project } = this.#plan
    const file = relative(project, mutant.fileName)
    const places = this.#places.get(file) ?? placesIn(file, readFileSync(mutant.fileName, 'utf8'))
    this.#places.set(file, places)
    return keyOf(places(mutant))
  }

  async #findingOf(mutant: string): Promise<Finding> {
    const cover = (this.#cover ??= this.#folder.cover(this.#plan))
    if (cover === undefined) throw new Error('the run without a mutant has left nothing')
    this.#tests.files = cover.files.map((file) => ({ ...file, mutants: new Set(file.mutants) }))
    const short = await this.#campaign(cover, mutant, SHORT_PIECES, SHORT_CPU_MS, 'short campaign')
    if (short !== undefined) return short
    const tested = await this.#tests.judge(mutant)
    if (tested.kind === 'killed')
      return { verdict: 'killed', stage: 'tests', by: tested.by, complaint: tested.message.slice(0, COMPLAINT_MAX) }
    if (tested.kind === 'hung') return { verdict: 'timeout', stage: 'tests', by: 'vitest', complaint: 'it hung' }
    const full = await this.#campaign(cover, mutant, FULL_PIECES, FULL_CPU_MS, 'full campaign')
    if (full !== undefined) return full
    const isExecuted =
      cover.static.includes(mutant) ||
      this.#tests.filesFor(mutant).length > 0 ||
      cover.pieces.some(({ hits }) => hits[mutant] !== undefined)
    return { verdict: isExecuted ? 'survived' : 'not-executed', stage: 'full campaign', by: '', complaint: '' }
  }

  async #campaign(
    cover: Cover,
    mutant: string,
    pieces: readonly Piece[],
    cpuMs: number,
    stage: Stage,
  ): Promise<Finding | undefined> {
    const isStatic = cover.static.includes(mutant)
    const hitsOf = (name: string) => cover.pieces.find((piece) => piece.name === name)?.hits[mutant] ?? 0
    const reached = pieces.map(({ name }) => name).filter((name) => isStatic || hitsOf(name) > 0)
    if (reached.length === 0) return undefined
    const hitsMax = Object.fromEntries(reached.map((name) => [name, hitsOf(name) * HITS_FACTOR + HITS_EXTRA]))
    const task = { kind: 'judge', mutant, pieces: reached, cpuMs, hitsMax } as const
    return findingOf(await this.#judge.ask(task, isStatic ? mutant : undefined), stage)
  }
}

/** A piece without a mutant may take so long on a machine that others use too. */
const COVER_SILENCE_MS = 600_000
const COMPLAINT_MAX = 400

function findingOf(answer: JudgeAnswer, stage: Stage): Finding | undefined {
  switch (answer.kind) {
    case 'judged':
      if (answer.verdict === 'survived') return undefined
      return {
        verdict: answer.verdict === 'endless' ? 'timeout' : 'killed',
        stage,
        by: answer.piece,
        complaint: answer.complaint.slice(0, COMPLAINT_MAX),
      }
    case 'hung':
      return { verdict: 'timeout', stage, by: stage, complaint: 'the campaign hung' }
    case 'died':
      return { verdict: 'killed', stage, by: stage, complaint: `the process ended: ${answer.how}` }
    case 'covered':
      throw new Error('the judge answered another question')
    default:
      return answer satisfies never
  }
}

function resultOf({ verdict, by, complaint }: Pick<JournalLine, 'verdict' | 'by' | 'complaint'>): MutantRunResult {
  if (verdict === 'killed')
    return { status: MutantRunStatus.Killed, killedBy: [by], failureMessage: complaint, nrOfTests: 1 }
  if (verdict === 'timeout') return { status: MutantRunStatus.Timeout, reason: complaint }
  return { status: MutantRunStatus.Survived, nrOfTests: 1 }
}

function passed(name: string, timeSpentMs: number) {
  return { id: name, name, timeSpentMs, status: TestStatus.Success } as const
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, RUNNER, CampaignRunner)]
