// harness/host/real/child.ts: a process that runs a scenario on a real directory, and is killed there, or that recovers
// what another one left.
//
// 1. It does one task and ends: every run and every recovery has a process of its own. It is started before it is needed.
// 2. The kill is a SIGKILL that the process sends to itself at the file-system call in question: exact, and nothing of the
//    program runs after it.
// 3. A recovery is demanded what a simulated kill is: it opens, holds a whole number of promised steps, verifies, commits,
//    and holds the commit after a close and an open.

import { writeSync } from 'node:fs'
import { FailingFileSystem, randomSource } from '../../../faults/index.ts'
import { realPorts, type Step, type World } from '../../../scenarios/index.ts'
import { errorText, plainDiff, plainEqual } from '../../oracles/index.ts'
import { LoadedScenario } from '../../run/index.ts'
import { loadScenario } from '../load-scenario.ts'
import { PROGRESS_FD, type KillMoment, type RealCall, type RealReply, type RealTask } from './protocol.ts'

type Violation = Readonly<{ oracle: string; message: string }>
type Watch = Readonly<{ before?: (call: RealCall) => void; after?: (call: RealCall) => void }>

/** Its calls are numbered by the simulated front; a real run of them has no numbers to be compared by. */
const UNSUPPORTED =
  'a scenario that works through node:fs cannot run on a real directory: only one over world.fileSystem'

const [name = ''] = process.argv.slice(2)

function reply(message: RealReply): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, () => resolve())
  })
}

async function main(): Promise<void> {
  const scenario = await loadScenario(name)
  if (scenario.usesNodeFs !== undefined) {
    await reply({ kind: 'unsupported', message: UNSUPPORTED })
    process.exit(0)
  }
  // Whoever gives tasks is gone: nothing will come.
  process.once('disconnect', () => process.exit(1))
  process.once('message', (task: RealTask) => {
    work(task, new LoadedScenario(scenario, task.parameters))
      .then(reply, (error: unknown) => reply({ kind: 'failed', message: errorText(error) }))
      .then(() => process.exit(0))
  })
  await reply({ kind: 'ready' })
}

async function work(task: RealTask, loaded: LoadedScenario): Promise<RealReply> {
  switch (task.kind) {
    case 'count': {
      const calls: RealCall[] = []
      await runWhole(task, loaded, { before: (call) => void calls.push(call) })
      return { kind: 'counted', calls }
    }
    case 'kill':
      await runWhole(task, loaded, killAt(task.at))
      return { kind: 'ended' }
    case 'recover': {
      const violation = await recover(task, loaded)
      return { kind: 'recovered', ...(violation === undefined ? {} : { violation }) }
    }
    default:
      return task satisfies never
  }
}

function killAt({ call, when }: KillMoment): Watch {
  const die = ({ index }: RealCall): void => {
    if (index === call) process.kill(process.pid, 'SIGKILL')
  }
  return { [when]: die }
}

async function runWhole(task: RealTask, loaded: LoadedScenario, watch: Watch): Promise<void> {
  const { scenario, parameters, steps } = loaded
  const store = await scenario.open(worldOf(task, 1, watch), parameters)
  for (const [index, step] of steps.entries()) {
    tell(`started ${index + 1}`)
    await step.run(store)
    tell(`acknowledged ${index + 1}`)
  }
  await scenario.close(store)
}

function tell(line: string): void {
  writeSync(PROGRESS_FD, `${line}\n`)
}

async function recover(
  task: Extract<RealTask, { kind: 'recover' }>,
  loaded: LoadedScenario,
): Promise<Violation | undefined> {
  const { scenario, parameters, models } = loaded
  let oracle = 'recovery-opens'
  try {
    const store = await scenario.open(worldOf(task, 2, {}), parameters)
    oracle = 'recovered-state'
    const found = await scenario.read(store)
    const broken = loaded.broken(found)
    if (broken !== undefined) return { oracle: 'invariant', message: `in the recovered store ${broken}` }
    const steps = stepsHeld(models, found, task.low, task.high)
    if (steps === undefined) {
      const message = `the store holds no model after ${task.low} to ${task.high} steps; against the one after ${task.low}: ${plainDiff(models[task.low], found)}`
      return { oracle, message }
    }
    oracle = 'recovery-verify'
    const problem = (await scenario.verify?.(store))?.[0]
    if (problem !== undefined) return { oracle, message: `${problem.message} at ${problem.offsetBytes}` }
    return await probe(task, loaded, store, steps)
  } catch (error) {
    return { oracle, message: errorText(error) }
  }
}

/** A new commit, which a close and an open leave as it is. */
async function probe(
  task: RealTask,
  { scenario, parameters, models, steps: all }: LoadedScenario,
  store: unknown,
  steps: number,
): Promise<Violation | undefined> {
  const oracle = 'recovery-commits'
  const step: Step<unknown, unknown> | undefined = scenario.probe ?? all[steps]
  try {
    if (step !== undefined) await step.run(store)
    const model = step === undefined ? models[steps] : step.model(models[steps])
    await scenario.close(store)
    const again = await scenario.open(worldOf(task, 3, {}), parameters)
    const found = await scenario.read(again)
    await scenario.close(again)
    if (plainEqual(model, found)) return undefined
    return { oracle, message: `after another commit, a close and an open: ${plainDiff(model, found)}` }
  } catch (error) {
    return { oracle, message: errorText(error) }
  }
}

function stepsHeld(models: readonly unknown[], found: unknown, low: number, high: number): number | undefined {
  for (let steps = high; steps >= low; steps -= 1) if (plainEqual(models[steps], found)) return steps
  return undefined
}

/** The real world: this machine's files, time and processes; chance as in the simulated one. */
function worldOf({ directory, seed }: RealTask, process: number, watch: Watch): World {
  const { fileSystem, clock, scheduler, processes } = realPorts()
  const uses = new Map<string, number>()
  return {
    directory,
    clock,
    scheduler,
    processes,
    fileSystem: new FailingFileSystem(fileSystem, {
      root: directory,
      onCall: (call) => watch.before?.(call),
      onEvent: (call) => watch.after?.(call),
    }),
    random: (label) => {
      const use = (uses.get(label) ?? 0) + 1
      uses.set(label, use)
      return randomSource(seed, `world 1 ${process} ${label} ${use}`)
    },
    wrapAllocator: (inner) => inner,
    loadModule: () => {
      throw new TypeError(UNSUPPORTED)
    },
    beginTransaction: () => ({ committed: () => {}, aborted: () => {}, unknown: () => {} }),
    count: () => {},
  }
}

main().catch(async (error: unknown) => {
  await reply({ kind: 'failed', message: errorText(error) })
  process.exit(1)
})
