// harness/host/real/real-machine.ts: the machine of `run --real`: real processes on a real directory, killed at every
// file-system call in turn, each compared with the simulated kill at the same call.
//
// 1. Planned are two kills a call: right before it is made and right after it has returned.
// 2. Compared are the calls of the whole run, each with its path, position, length and outcome; after each kill the names
//    and bytes that are left; and the verdict on what a new process recovers from them. A disagreement is a violation of
//    its own, `real-disagrees`, whoever of the two is right. Where the calls are others, no number means the same call,
//    and nothing is killed.
// 3. The simulation is that of the model `process-kill`: the power stays, before and after, as it does for a real process.
// 4. The token of a run is that of the simulated kill at the same call: the replay needs no real disk.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fingerprintOf } from '../../oracles/index.ts'
import { encodeToken } from '../../plan/index.ts'
import type {
  CampaignRequest,
  FaultPlan,
  Preparation,
  RunRecord,
  ScenarioDescription,
  UnitResult,
  UnitSummary,
} from '../../plan/index.ts'
import type {
  CampaignHost,
  Crew,
  CrewOptions,
  PreparedCampaign,
  RecordSink,
  UnitTask,
  WorkEnd,
} from '../../campaign/index.ts'
import { ProcessHangError, ProcessPool, type RealEnd } from './process-pool.ts'
import type { KillMoment, RealCall, RealTask, SimulatedCall } from './protocol.ts'
import { changed, DIRECTORY, treeDifference, treeOfDirectory, type Tree } from './tree.ts'

/** Calls in one unit: what a worker takes at a time. */
const UNIT_CALLS = 8
const MOMENTS = ['before', 'after'] as const
const REAL_KILL = 'real-kill'
const KILL_MODEL = 'process-kill'
const DISAGREES = 'real-disagrees'

/** How often the real and the simulated kill came to the same verdict. */
export type RealAgreement = Readonly<{ kills: number; agree: number; disagree: number }>

type Counts = { kills: number; agree: number; disagree: number }

export class RealMachine implements CampaignHost {
  readonly #machine: CampaignHost
  readonly #directory: string | undefined
  readonly #counts: Counts = { kills: 0, agree: 0, disagree: 0 }

  /** `directory`: where the real directories are made; the system's own for temporary files if undefined. */
  constructor(machine: CampaignHost, directory: string | undefined) {
    this.#machine = machine
    this.#directory = directory
  }

  get agreement(): RealAgreement {
    return { ...this.#counts }
  }

  nowMs(): number {
    return this.#machine.nowMs()
  }

  timestamp(): string {
    return this.#machine.timestamp()
  }

  tool(): ReturnType<CampaignHost['tool']> {
    return this.#machine.tool()
  }

  makeCrew(options: CrewOptions): Crew {
    const parent = resolve(this.#directory ?? tmpdir())
    mkdirSync(parent, { recursive: true })
    // The simulation is quick: one thread of it keeps up with many processes.
    return new RealCrew(this.#machine.makeCrew({ ...options, workers: 1 }), options, parent, this.#counts)
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#machine.after(delayMs, task)
  }

  onInterrupt(task: () => void): () => void {
    return this.#machine.onInterrupt(task)
  }

  codeHash(modules: readonly string[]): string {
    return this.#machine.codeHash(modules)
  }

  sourcePositions(stack: string): ReturnType<CampaignHost['sourcePositions']> {
    return this.#machine.sourcePositions(stack)
  }

  openJournal(directory: string): ReturnType<CampaignHost['openJournal']> {
    return this.#machine.openJournal(directory)
  }
}

/** What is below the world's directory of the simulated run when a call begins, and when it has ended. */
type CallTrees = Readonly<Record<KillMoment['when'], Tree>>

type Prepared = Readonly<{
  preparation: Preparation
  digest: string
  description: ScenarioDescription
  defaults: ScenarioDescription
  trees: ReadonlyMap<number, CallTrees>
}>

class RealCrew implements Crew {
  readonly workers: number
  readonly #simulation: Crew
  readonly #limitMs: number
  readonly #parent: string
  readonly #counts: Counts
  readonly #prepared = new Map<string, Prepared>()
  readonly #pools = new Map<string, ProcessPool>()
  #stopped = false

  constructor(simulation: Crew, options: CrewOptions, parent: string, counts: Counts) {
    this.workers = options.workers
    this.#simulation = simulation
    this.#limitMs = options.runLimitMs
    this.#parent = parent
    this.#counts = counts
  }

  describe(...words: Parameters<Crew['describe']>): ReturnType<Crew['describe']> {
    return this.#simulation.describe(...words)
  }

  replay(...words: Parameters<Crew['replay']>): ReturnType<Crew['replay']> {
    return this.#simulation.replay(...words)
  }

  profile(request: CampaignRequest): ReturnType<Crew['profile']> {
    return this.#simulation.profile(request)
  }

  findFailure(...words: Parameters<Crew['findFailure']>): ReturnType<Crew['findFailure']> {
    return this.#simulation.findFailure(...words)
  }

  activations(): number {
    return this.#simulation.activations()
  }

  async prepare(request: CampaignRequest): Promise<WorkEnd<PreparedCampaign>> {
    const subject = { ...request.subject, model: KILL_MODEL }
    const end = await this.#simulation.prepare({ ...request, subject }, false)
    if (end.kind !== 'done') return end
    const { preparation, digest } = end.result
    const { scenario, parameters } = request.subject
    const defaults = await this.describe(scenario, {})
    const description = await this.describe(scenario, parameters)
    let real = { ...preparation, units: unitsOf(preparation, request), uncoveredSites: [] }
    let trees: Prepared['trees'] = new Map()
    if (preparation.timeline.length > 0) {
      const compared = await this.#compareRuns(request, preparation)
      if (typeof compared === 'string') {
        const finding = { ...runFinding(request, compared), token: '' }
        real = { ...real, units: [], findings: [...real.findings, finding] }
      } else trees = compared
    }
    const token = tokenOf(request, { description, defaults }, undefined)
    const findings = real.findings.map((finding) => (finding.token === '' ? { ...finding, token } : finding))
    const prepared = { preparation: { ...real, findings }, digest, description, defaults, trees }
    this.#prepared.set(JSON.stringify(request), prepared)
    return { kind: 'done', result: { preparation: prepared.preparation, digest }, digest }
  }

  async runUnit(task: UnitTask, sink: RecordSink): Promise<WorkEnd<UnitResult>> {
    const { request, unit, done } = task
    const prepared = this.#prepared.get(JSON.stringify(request))
    const summary = prepared?.preparation.units[unit]
    if (prepared === undefined || summary === undefined) throw new RangeError(`there is no unit ${unit}`)
    const calls = callsOf(prepared.preparation, request).slice(unit * UNIT_CALLS, (unit + 1) * UNIT_CALLS)
    let order = summary.firstOrder - 1
    let run = 0
    for (const call of calls) {
      for (const when of MOMENTS) {
        order += 1
        if (done.has(order)) continue
        if (this.#stopped) break
        sink([await this.#kill(request, prepared, { call: call.index, when }, call, order)])
        run += 1
      }
    }
    const result = {
      unit,
      planned: summary.planned,
      run,
      merged: 0,
      mergedBy: { fault: 0, image: 0, readSet: 0 },
      skipped: 0,
      delivered: run,
      recoveryMs: 0,
      checkMs: 0,
    }
    return { kind: 'done', result, digest: prepared.digest }
  }

  stop(): void {
    this.#stopped = true
    this.#simulation.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pool of this.#pools.values()) pool.close()
    await this.#simulation[Symbol.asyncDispose]()
  }

  /** The trees of the simulated run after each call; or where the calls of the real run are not those of the simulated one. */
  async #compareRuns(request: CampaignRequest, { timeline }: Preparation): Promise<Prepared['trees'] | string> {
    const pool = this.#pool(request)
    const [real, simulated] = await this.#inDirectory((directory) => {
      const task = taskOf(request, directory)
      return Promise.all([pool.run({ ...task, kind: 'count' }), pool.run({ ...task, kind: 'simulate' })])
    })
    if (real.reply?.kind !== 'counted') return `the real run does not end in order: ${endText(real)}`
    if (simulated.reply?.kind !== 'simulated') return `the simulated run does not end in order: ${endText(simulated)}`
    const [calls, others] = [inOrder(real.reply.calls), inOrder(simulated.reply.calls)]
    const trees = treesOf(simulated.reply.calls)
    for (let at = 0; at < Math.max(calls.length, others.length, timeline.length); at += 1) {
      const [call, other, planned] = [calls[at], others[at], timeline[at]]
      if (!isSameCall(call, other, trees.get(at + 1)?.after))
        return `the real run makes ${callText(call)} where the simulated one makes ${callText(other)}`
      if (other?.kind !== planned?.kind)
        return `a simulated run makes ${callText(other)} where another one makes ${planned?.kind ?? 'nothing'}`
    }
    return trees
  }

  /** Kills a process, recovers in another one, and asks the simulation. */
  async #kill(
    request: CampaignRequest,
    prepared: Prepared,
    at: KillMoment,
    call: Preparation['timeline'][number],
    order: number,
  ): Promise<RunRecord> {
    const startMs = performance.now()
    const token = tokenOf(request, prepared, at)
    const { left, verdict } = await this.#realVerdict(request, at)
    const simulated = await this.#simulatedVerdict(request, at)
    const expected = prepared.trees.get(at.call)?.[at.when]
    const found = compare({ left, verdict }, simulated, expected)
    this.#counts.kills += 1
    if (found?.oracle === DISAGREES) this.#counts.disagree += 1
    else this.#counts.agree += 1
    const { name } = prepared.description
    return {
      order,
      token,
      scenario: name,
      family: 'crash',
      form: 'linear',
      point: at.call,
      mode: REAL_KILL,
      fault: `SIGKILL ${at.when} ${call.kind}`,
      phase: call.phase,
      outcome: found === undefined ? 'passed' : 'violation',
      delivered: 1,
      ...(found === undefined
        ? {}
        : {
            oracle: found.oracle,
            message: found.message,
            fingerprint: fingerprint(found, simulated, name, call.kind),
          }),
      traceHash: `${at.when}-${at.call}-${found?.oracle ?? 'passed'}`,
      durationMs: performance.now() - startMs,
    }
  }

  #realVerdict(request: CampaignRequest, at: KillMoment): Promise<RealOutcome> {
    return this.#inDirectory(async (directory) => {
      let left: Tree | undefined
      const pool = this.#pool(request)
      const task = taskOf(request, directory)
      try {
        const killed = await pool.run({ ...task, kind: 'kill', at })
        if (killed.signal !== 'SIGKILL')
          return { left, verdict: { oracle: DISAGREES, message: `not killed there: ${endText(killed)}` } }
        const { started: high, acknowledged: low, identity } = killed
        if (identity === undefined) throw new Error('a process was killed before it had begun')
        left = treeOfDirectory(directory)
        const recovered = await pool.run({ ...task, kind: 'recover', low, high, killed: identity })
        if (recovered.reply?.kind === 'recovered') return { left, verdict: recovered.reply.violation }
        const message = `the recovering process ended: ${endText(recovered)}`
        return { left, verdict: { oracle: 'recovery-opens', message } }
      } catch (error) {
        if (error instanceof ProcessHangError) return { left, verdict: { oracle: 'hang', message: error.message } }
        throw error
      }
    })
  }

  async #simulatedVerdict(request: CampaignRequest, at: KillMoment): Promise<SimulatedVerdict> {
    const end = await this.#simulation.replay(planOf(request, at))
    if (end.kind !== 'done') return { oracle: 'hang', message: 'the simulated recovery did not end' }
    const { outcome, oracle, message, fingerprint: known } = end.result.record
    if (outcome === 'passed') return undefined
    return { oracle: oracle ?? outcome, message: message ?? outcome, fingerprint: known }
  }

  #pool(request: CampaignRequest): ProcessPool {
    const { scenario } = request.subject
    const known = this.#pools.get(scenario)
    if (known !== undefined) return known
    const made = new ProcessPool({ scenario, size: this.workers + 1, limitMs: this.#limitMs })
    this.#pools.set(scenario, made)
    return made
  }

  async #inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
    const made = mkdtempSync(join(this.#parent, 'powercut-real-'))
    try {
      const directory = join(made, 'world')
      mkdirSync(directory)
      // As in every simulated world, whatever this process takes from modes.
      chmodSync(directory, 0o755)
      return await work(directory)
    } finally {
      rmSync(made, { recursive: true, force: true })
    }
  }
}

type Verdict = Readonly<{ oracle: string; message: string }> | undefined
type SimulatedVerdict = (NonNullable<Verdict> & Readonly<{ fingerprint?: string | undefined }>) | undefined
/** What a killed process left, where it was killed, and what came of recovering it. */
type RealOutcome = Readonly<{ left: Tree | undefined; verdict: Verdict }>

/** The same bytes left, and the same complaint or none, whatever its words; else who says what. */
function compare({ left, verdict }: RealOutcome, simulated: Verdict, expected: Tree | undefined): Verdict {
  const difference = left === undefined || expected === undefined ? undefined : treeDifference(left, expected)
  if (difference === undefined && verdict?.oracle === simulated?.oracle) return verdict
  const verdicts = `after the real kill, ${verdictText(verdict)}; after the simulated one, ${verdictText(simulated)}`
  return { oracle: DISAGREES, message: difference === undefined ? verdicts : `${difference}; ${verdicts}` }
}

/** A defect that the simulated kill shows too has the name that it has there; by it the smallest case is looked for. */
function fingerprint(
  found: NonNullable<Verdict>,
  simulated: SimulatedVerdict,
  scenario: string,
  callKind: string,
): string {
  const known = found.oracle === simulated?.oracle ? simulated.fingerprint : undefined
  return known ?? fingerprintOf(found.oracle, scenario, 'step', `${REAL_KILL} ${callKind}`)
}

function runFinding({ subject }: CampaignRequest, message: string) {
  return {
    oracle: DISAGREES,
    message,
    step: 'open',
    fingerprint: fingerprintOf(DISAGREES, subject.scenario, 'step', 'calls'),
  }
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '')
}

function treesOf(calls: readonly SimulatedCall[]): Prepared['trees'] {
  const ended: Tree[] = [new Map()]
  const trees = new Map<number, CallTrees>()
  for (const { index, endedBefore, change } of calls) {
    const after = changed(ended.at(-1) ?? new Map(), change)
    trees.set(index, { before: ended[endedBefore] ?? after, after })
    ended.push(after)
  }
  return trees
}

function inOrder(calls: readonly RealCall[]): readonly RealCall[] {
  return calls.toSorted((left, right) => left.index - right.index)
}

/** Two calls are one if they ask the same and get the same. */
function isSameCall(real: RealCall | undefined, simulated: RealCall | undefined, tree: Tree | undefined): boolean {
  if (real === undefined || simulated === undefined) return false
  // What a directory takes for itself is every file system's own affair.
  const isSize = simulated.kind === 'stat' && (real.path === '' || tree?.get(real.path) === DIRECTORY)
  const refused = real.code !== undefined || simulated.code !== undefined
  return (
    real.index === simulated.index &&
    real.kind === simulated.kind &&
    // A refused call tells the path as it was given, or as far as it led.
    (refused ? trimmed(real.path) === trimmed(simulated.path) : real.path === simulated.path) &&
    real.offsetBytes === simulated.offsetBytes &&
    real.lengthBytes === simulated.lengthBytes &&
    (isSize || real.value === simulated.value) &&
    real.code === simulated.code &&
    // Where the simulated kernel refuses it does so before it looks at a second name.
    (refused || real.argument === simulated.argument)
  )
}

function taskOf({ subject }: CampaignRequest, directory: string): Pick<RealTask, 'parameters' | 'seed' | 'directory'> {
  return { parameters: subject.parameters, seed: subject.seed, directory }
}

function planOf({ subject }: CampaignRequest, at: KillMoment | undefined): FaultPlan {
  const state = { family: 'kill', index: 0 } as const
  const faults = at === undefined ? [] : [{ kind: 'crash', point: at.call, when: at.when, state } as const]
  return { subject: { ...subject, model: KILL_MODEL }, form: 'linear', faults }
}

function tokenOf(
  request: CampaignRequest,
  { description, defaults }: Pick<Prepared, 'description' | 'defaults'>,
  at: KillMoment | undefined,
): string {
  const { contractHash } = description
  return encodeToken(planOf(request, at), { contractHash, defaults: defaults.parameters })
}

function callsOf({ timeline }: Preparation, { points }: CampaignRequest): Preparation['timeline'] {
  return timeline.filter(({ index }) => points === undefined || (index >= points.from && index <= points.to))
}

function unitsOf(preparation: Preparation, request: CampaignRequest): readonly UnitSummary[] {
  const calls = callsOf(preparation, request)
  const units: UnitSummary[] = []
  for (let first = 0; first < calls.length; first += UNIT_CALLS) {
    const count = Math.min(UNIT_CALLS, calls.length - first)
    units.push({
      index: units.length,
      family: 'crash',
      form: 'linear',
      phase: calls[first]?.phase ?? 'open',
      firstOrder: first * MOMENTS.length,
      planned: count * MOMENTS.length,
    })
  }
  return units
}

function endText({ reply, signal }: RealEnd): string {
  if (reply?.kind === 'failed') return reply.message
  return signal === null ? 'it came to its end' : `it was ended by ${signal}`
}

/** `write settings.json at 0 of 1300 bytes, which gives 1300 (call 3)`. */
function callText(call: RealCall | undefined): string {
  if (call === undefined) return 'nothing'
  const { index, kind, path, argument, offsetBytes, lengthBytes, value, code } = call
  const asked = [
    kind,
    ...(path === '' ? [] : [`'${path}'`]),
    ...(argument === undefined ? [] : [`(${argument})`]),
    ...(offsetBytes === undefined ? [] : [`at ${offsetBytes}`]),
    ...(lengthBytes === undefined ? [] : [`of ${lengthBytes} bytes`]),
  ].join(' ')
  const given = code ?? value
  return `${asked}${given === undefined ? '' : `, which gives ${given}`} (call ${index})`
}

function verdictText(verdict: Verdict): string {
  return verdict === undefined ? 'nothing is wrong' : `${verdict.oracle}: ${verdict.message}`
}
