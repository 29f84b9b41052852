// harness/host/real/child.ts: a process that runs a scenario on a real directory, and is killed there, or that recovers
// what another one left.
//
// 1. It does one task and ends: every run and every recovery has a process of its own. It is started before it is needed.
// 2. The kill is a SIGKILL that the process sends to itself at the file-system call in question: exact, and nothing of the
//    program runs after it.
// 3. A recovery is demanded what a simulated kill is: it opens, holds a whole number of promised steps, verifies, commits,
//    holds nothing open after its close, and holds the commit after an open.

import { writeSync } from 'node:fs'
import type { ProcessIdentity } from '../../../engine/ports/index.ts'
import {
  installNodeFront,
  type DiskImage,
  type FileSystemCallInfo,
  type FileSystemCallResult,
  type SimulatedDisk,
} from '../../../faults/index.ts'
import { realPorts, type RealPorts } from '../../../scenarios/index.ts'
import { errorText } from '../../oracles/index.ts'
import { LoadedScenario, watchWholeRun, WORLD_DIRECTORY } from '../../run/index.ts'
import { loadScenario } from '../load-scenario.ts'
import {
  PROGRESS_FD,
  type KillMoment,
  type RealCall,
  type RealReply,
  type RealTask,
  type SimulatedCall,
} from './protocol.ts'
import { RealWorld, type Watch } from './real-world.ts'
import { judgeReal } from './recover.ts'
import { changeOf, treeOfImage, type Tree } from './tree.ts'

/** The front gives code of the scenario another one. */
const { pid } = process
/** What the simulated kernel takes from modes, the real one takes too. */
const UMASK = 0o022

const [name = ''] = process.argv.slice(2)

function reply(message: RealReply): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, () => resolve())
  })
}

async function main(): Promise<void> {
  process.umask(UMASK)
  // Before any scenario is loaded, as in the simulation's workers: what a module captures is the front's.
  installNodeFront()
  const scenario = await loadScenario(name)
  const ports = await realPorts()
  // Whoever gives tasks is gone: nothing will come.
  process.once('disconnect', () => process.exit(1))
  process.once('message', (task: RealTask) => {
    tell(`identity ${JSON.stringify(ports.processes.self())}`)
    work(task, new LoadedScenario(scenario, task.parameters), ports)
      .then(reply, (error: unknown) => reply({ kind: 'failed', message: errorText(error) }))
      .then(() => process.exit(0))
  })
  await reply({ kind: 'ready' })
}

async function work(task: RealTask, loaded: LoadedScenario, ports: RealPorts): Promise<RealReply> {
  switch (task.kind) {
    case 'count': {
      const calls: RealCall[] = []
      await runWhole(task, loaded, ports, { after: (call, result) => void calls.push(callOf(call, result)) })
      return { kind: 'counted', calls }
    }
    case 'simulate':
      return { kind: 'simulated', calls: await simulate(task, loaded) }
    case 'kill':
      await runWhole(task, loaded, ports, killAt(task.at))
      return { kind: 'ended' }
    case 'recover': {
      const { low, high, killed } = task
      const violation = await judgeReal(loaded, { low, high }, (number) =>
        worldOf(task, loaded, number, { killed, ports }),
      )
      return { kind: 'recovered', ...(violation === undefined ? {} : { violation }) }
    }
    default:
      return task satisfies never
  }
}

/** The calls in the order in which they end. */
async function simulate({ seed }: RealTask, loaded: LoadedScenario): Promise<readonly SimulatedCall[]> {
  const calls: SimulatedCall[] = []
  const endedBefore = new Map<number, number>()
  let image: DiskImage | undefined
  let tree: Tree = new Map()
  const ended = (call: FileSystemCallInfo, result: FileSystemCallResult, disk: SimulatedDisk): void => {
    const before = tree
    const now = disk.checkpoint()
    if (now !== image) tree = treeOfImage(now, WORLD_DIRECTORY)
    image = now
    const change = changeOf(before, tree)
    calls.push({
      ...callOf(call, result),
      endedBefore: endedBefore.get(call.index) ?? 0,
      ...(change === undefined ? {} : { change }),
    })
  }
  await watchWholeRun(loaded, seed, ended, ({ index }) => void endedBefore.set(index, calls.length))
  return calls
}

function callOf(
  { index, kind, path, argument, offsetBytes, lengthBytes }: FileSystemCallInfo,
  { value, code }: FileSystemCallResult,
): RealCall {
  return { index, kind, path, argument, offsetBytes, lengthBytes, value, code }
}

function killAt({ call, when }: KillMoment): Watch {
  const die = ({ index }: FileSystemCallInfo): void => {
    if (index === call) process.kill(pid, 'SIGKILL')
  }
  return { [when]: die }
}

async function runWhole(task: RealTask, loaded: LoadedScenario, ports: RealPorts, watch: Watch): Promise<void> {
  const { scenario, parameters, steps } = loaded
  const { directory, seed } = task
  const world = new RealWorld(loaded, { directory, seed, number: 1, watch, before: new Map(), ports })
  const store = await world.perform(() => scenario.open(world, parameters))
  for (const [index, step] of steps.entries()) {
    tell(`started ${index + 1}`)
    await world.perform(() => step.run(store))
    tell(`acknowledged ${index + 1}`)
  }
  await world.perform(() => scenario.close(store))
}

function tell(line: string): void {
  writeSync(PROGRESS_FD, `${line}\n`)
}

/** A world of a process after the one that was killed. All of them are this process. */
function worldOf(
  { directory, seed }: RealTask,
  loaded: LoadedScenario,
  number: number,
  { killed, ports }: Readonly<{ killed: ProcessIdentity; ports: RealPorts }>,
): RealWorld {
  const own = ports.processes.self()
  const before = new Map([[1, killed]])
  for (let earlier = 2; earlier < number; earlier += 1) before.set(earlier, own)
  return new RealWorld(loaded, { directory, seed, number, watch: {}, before, ports })
}

main().catch(async (error: unknown) => {
  await reply({ kind: 'failed', message: errorText(error) })
  process.exit(1)
})
