// test/mutation/judge.ts: the process that runs campaigns over the instrumented engine, one mutant after the other.
//
// 1. All mutants are in the code; the one whose number the instrumenter's namespace holds is active. What is executed
//    while a module is loaded can't be switched later: the caller gives such a mutant a process of its own.
// 2. After each mutant a small run without it must make the trace that it made at first; else this process is spoilt, and
//    says so.
// 3. A complaint is a complaint: of an oracle, of the counting runs, or an error out of a campaign. Without a mutant there
//    is none, or nothing can be judged.

import type { CampaignCore, RunRecord } from '../../harness/plan/index.ts'
import type { Hits, JudgeReply, JudgeTask, PieceCover } from './judge-protocol.ts'
import { FULL_PIECES, isRun, requestOf, SHORT_PIECES, type Piece } from './pieces.ts'

/** What the instrumented code and this process share. The names are the instrumenter's. */
type Namespace = {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> } | undefined
}

type Outcome = Readonly<{ complaint: string | undefined; runs: number }>

const NAMESPACE = '__stryker__'
const BEAT_EVERY_MS = 500
const CLEAN_PIECE: Piece = {
  name: 'clean',
  scenario: 'core20',
  parameters: { iterations: 2 },
  families: ['io'],
  plansPerUnit: 0,
  statesPerIntervalMax: 1,
}

let lastBeatMs = 0
let cleanTrace: string | undefined

function namespace(): Namespace {
  const known: unknown = Reflect.get(globalThis, NAMESPACE)
  if (typeof known === 'object' && known !== null) return known
  const made: Namespace = {}
  Reflect.set(globalThis, NAMESPACE, made)
  return made
}

function reply(message: JudgeReply): void {
  process.send?.(message)
}

function beat(): void {
  const nowMs = performance.now()
  if (nowMs - lastBeatMs < BEAT_EVERY_MS) return
  lastBeatMs = nowMs
  reply({ kind: 'beat' })
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** A core of its own for each piece: nothing that was prepared with one mutant serves another. */
async function newCore(): Promise<CampaignCore> {
  const { createCore } = await import('../../harness/host/core.ts')
  return createCore()
}

async function runPiece(piece: Piece, isOver: () => boolean): Promise<Outcome> {
  let runs = 0
  try {
    const core = await newCore()
    const { parameters } = await core.describe(piece.scenario, piece.parameters)
    const request = requestOf(piece, parameters)
    const preparation = await core.prepare(request)
    const [finding] = preparation.findings
    if (finding !== undefined) return { complaint: `${finding.oracle}: ${finding.message}`, runs }
    for (const unit of preparation.units) {
      let bad: RunRecord | undefined
      const stop = () => bad !== undefined || isOver()
      if (stop()) break
      beat()
      await core.runUnit(
        request,
        unit.index,
        (record) => {
          runs += 1
          beat()
          if (record.outcome !== 'passed') bad ??= record
        },
        { skip: (order) => !isRun(piece, unit, order), stop },
      )
      if (bad !== undefined) return { complaint: complaintOf(bad), runs }
    }
    return { complaint: undefined, runs }
  } catch (error) {
    return { complaint: `the campaign ended with an error: ${String(error)}`, runs }
  }
}

function complaintOf({ outcome, fault, oracle, message, token }: RunRecord): string {
  return `${oracle ?? outcome} after ${fault}: ${message ?? 'no message'} (powercut replay ${token})`
}

/** The trace of a small run; a process that a mutant spoilt makes another one, or none. */
async function traceOfCleanRun(): Promise<string> {
  try {
    const core = await newCore()
    const { parameters } = await core.describe(CLEAN_PIECE.scenario, CLEAN_PIECE.parameters)
    const { traceHash, findings } = await core.prepare({ ...requestOf(CLEAN_PIECE, parameters), forms: [] })
    return JSON.stringify([traceHash, findings.map(({ message }) => message)])
  } catch (error) {
    return String(error)
  }
}

async function cover(): Promise<JudgeReply> {
  const shared = namespace()
  await runPiece(CLEAN_PIECE, () => false)
  const loaded: Hits = { ...shared.mutantCoverage?.static }
  const pieces: PieceCover[] = []
  for (const piece of [...SHORT_PIECES, ...FULL_PIECES]) {
    shared.currentTestId = piece.name
    const before = cpuMs()
    const { complaint, runs } = await runPiece(piece, () => false)
    const hits = shared.mutantCoverage?.perTest[piece.name] ?? {}
    pieces.push({ name: piece.name, hits, cpuMs: cpuMs() - before, runs, complaint })
  }
  shared.currentTestId = undefined
  return { kind: 'covered', static: loaded, pieces }
}

async function judge(task: Extract<JudgeTask, { kind: 'judge' }>): Promise<JudgeReply> {
  const shared = namespace()
  const isStatic = shared.activeMutant === task.mutant
  if (!isStatic) cleanTrace ??= await traceOfCleanRun()
  const endMs = cpuMs() + task.cpuMs
  let runs = 0
  let verdict: 'killed' | 'endless' | 'survived' = 'survived'
  let by = ''
  let complaint = ''
  for (const piece of [...SHORT_PIECES, ...FULL_PIECES].filter(({ name }) => task.pieces.includes(name))) {
    if (cpuMs() >= endMs) break
    shared.hitCount = 0
    shared.hitLimit = task.hitsMax[piece.name]
    shared.activeMutant = task.mutant
    const outcome = await runPiece(piece, () => cpuMs() >= endMs)
    runs += outcome.runs
    const isEndless = shared.hitLimit !== undefined && shared.hitCount > shared.hitLimit
    if (isEndless || outcome.complaint !== undefined) {
      verdict = isEndless ? 'endless' : 'killed'
      by = piece.name
      complaint = isEndless ? `its place was executed more than ${shared.hitLimit} times` : (outcome.complaint ?? '')
      break
    }
  }
  shared.activeMutant = undefined
  shared.hitCount = undefined
  shared.hitLimit = undefined
  const isClean = !isStatic && (await traceOfCleanRun()) === cleanTrace
  return { kind: 'judged', verdict, piece: by, complaint, runs, isClean }
}

process.on('message', (task: JudgeTask) => {
  const answered = task.kind === 'cover' ? cover() : judge(task)
  answered.then(reply, (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit(0))
