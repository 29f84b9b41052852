// test/mutation/judge-process.ts: the caller's side of a judging process: it is asked, watched, and ended if it hangs.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { JudgeReply, JudgeTask } from './judge-protocol.ts'

/** A process that says nothing for so long hangs: one plan of a campaign takes a fraction of a second. */
const SILENCE_MS_MAX = 30_000
const HEAP_MIB = 1024

export type JudgeAnswer =
  | Exclude<JudgeReply, { kind: 'beat' }>
  /** It said nothing for too long, and was ended. */
  | Readonly<{ kind: 'hung' }>
  /** It ended by itself: out of memory, or an error that nothing caught. */
  | Readonly<{ kind: 'died'; how: string }>

export class JudgeProcess {
  readonly #module: string
  #child: ChildProcess | undefined

  /** `module` is the compiled judge within the instrumented project. */
  constructor(module: string) {
    this.#module = module
  }

  /** In a new process if none is there; with `staticMutant` that one is active from the first import on. */
  async ask(task: JudgeTask, staticMutant?: string, silenceMs = SILENCE_MS_MAX): Promise<JudgeAnswer> {
    if (staticMutant !== undefined) await this.end()
    const child = (this.#child ??= this.#start(staticMutant))
    const answer = await answerOf(child, task, silenceMs)
    const isReusable = answer.kind === 'covered' || (answer.kind === 'judged' && answer.isClean)
    if (!isReusable) await this.end()
    return answer
  }

  async end(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  #start(staticMutant: string | undefined): ChildProcess {
    const { __STRYKER_ACTIVE_MUTANT__: _, ...rest } = process.env
    const env = staticMutant === undefined ? rest : { ...rest, __STRYKER_ACTIVE_MUTANT__: staticMutant }
    return fork(this.#module, {
      env,
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
  }
}

function answerOf(child: ChildProcess, task: JudgeTask, silenceMs: number): Promise<JudgeAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: JudgeAnswer) => {
      clearTimeout(silence)
      child.removeAllListeners('message').removeAllListeners('exit')
      resolve(answer)
    }
    const hang = () => settle({ kind: 'hung' })
    let silence = setTimeout(hang, silenceMs)
    child.on('message', (message: JudgeReply) => {
      if (message.kind !== 'beat') return settle(message)
      clearTimeout(silence)
      silence = setTimeout(hang, silenceMs)
    })
    child.on('exit', (code, signal) => settle({ kind: 'died', how: signal ?? `exit code ${code}` }))
    child.send(task)
  })
}
