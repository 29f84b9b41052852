// test/faults/node-front/helpers.ts: a simulated process by itself, and the wait for what it does asynchronously.

import {
  FailingFileSystem,
  NodeProcess,
  RealDirectory,
  SimulatedClock,
  SimulatedDisk,
  SimulatedScheduler,
  randomSource,
  type BufferInjector,
  type CallDecision,
  type FileSystemCallInfo,
} from '../../../faults/index.ts'

export type Machine = Readonly<{
  disk: SimulatedDisk
  process: NodeProcess
  files: FailingFileSystem
  /** Kinds and paths of the calls so far. */
  calls: string[]
  /** The calls so far, with all that two kernels must agree about. */
  whole: string[]
  /** Runs code as the process and waits, on simulated time, for what it promises. */
  wait: <T>(code: () => T | PromiseLike<T>) => Promise<T>
}>

export type MachineOptions = Readonly<{
  mount?: string
  /** Directories below the mount, parents first. */
  directories?: readonly string[]
  disk?: SimulatedDisk
  /** A real directory that the mount stands for, instead of the disk. */
  directory?: string
  decide?: (call: FileSystemCallInfo) => CallDecision | undefined
  choose?: (count: number) => number
  buffers?: BufferInjector
}>

export function makeMachine({
  mount = '/world',
  directories = [],
  disk: given,
  directory,
  decide,
  choose,
  buffers,
}: MachineOptions = {}): Machine {
  const clock = new SimulatedClock()
  const scheduler = new SimulatedScheduler(clock, choose)
  const disk = given ?? new SimulatedDisk({ directories: [...foldersTo(mount), ...directories], scheduler })
  const calls: string[] = []
  const whole: string[] = []
  const files = new FailingFileSystem(disk.fileSystem, {
    root: mount,
    sink: disk.sink,
    ...(decide === undefined ? {} : { decide }),
    onEvent: ({ kind, path, offsetBytes, lengthBytes, argument }, { value, code }) => {
      calls.push(`${kind} ${path}`.trim())
      const second = code === undefined ? (argument ?? '') : ''
      // A refused call tells the path as it was given, or as far as it led.
      const at = code === undefined ? path : path.replace(/\/+$/, '')
      whole.push(`${kind} '${at}' '${second}' ${offsetBytes ?? ''}+${lengthBytes ?? ''} gives ${code ?? value ?? ''}`)
    },
  })
  const process = new NodeProcess({
    files,
    disk: directory === undefined ? disk : new RealDirectory(directory),
    clock,
    scheduler,
    random: randomOf,
    mount,
    pid: 101,
    ...(buffers === undefined ? {} : { buffers }),
  })
  return { disk, process, files, calls, whole, wait: (code) => waitFor(process.run(code), scheduler) }
}

function randomOf(label: string): ReturnType<typeof randomSource> {
  return randomSource(1, label)
}

function foldersTo(path: string): string[] {
  const parts = path.split('/').slice(1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

async function waitFor<T>(value: T | PromiseLike<T>, scheduler: SimulatedScheduler): Promise<T> {
  const settled = Promise.resolve(value)
  const state = { done: false }
  const end = (): void => {
    state.done = true
  }
  settled.then(end, end)
  for (let idle = 0; !state.done;) {
    if (idle > 1000) throw new Error('the promise is never settled')
    await new Promise<void>((fulfil) => {
      process.nextTick(fulfil)
    })
    idle = scheduler.runNext() ? 0 : idle + 1
  }
  return settled
}
