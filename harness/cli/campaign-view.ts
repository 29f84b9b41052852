// harness/cli/campaign-view.ts: progress, as a live line on a terminal and as a line now and then in a log.

import { Listr, type ListrTaskWrapper } from 'listr2'
import { progressLine, type CampaignView, type Progress } from '../campaign/index.ts'
import { speaker, type Terminal } from './terminal.ts'

const FIRST_LINE_MS = 2_000
const LINE_EVERY_MS = 10_000

/** The view for this terminal. */
export function campaignView(terminal: Terminal, json: boolean): CampaignView {
  const say = speaker(terminal, json)
  return terminal.interactive && !json ? new LiveView(say) : new LogView(say)
}

class LogView implements CampaignView {
  readonly #say: (text: string) => void
  #nextMs = FIRST_LINE_MS

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  line(text: string): void {
    this.#say(text)
  }

  progress(progress: Progress): void {
    if (progress.elapsedMs < this.#nextMs) return
    this.#nextMs = progress.elapsedMs + LINE_EVERY_MS
    this.#say(progressLine(progress))
  }

  done(): void {}
}

type Task = ListrTaskWrapper<unknown, never, never>

class LiveView implements CampaignView {
  readonly #say: (text: string) => void
  #task: Pick<Task, 'title'> | undefined
  #finish: (() => void) | undefined
  #last = ''

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  line(text: string): void {
    this.#say(text)
  }

  progress(progress: Progress): void {
    this.#last = progressLine(progress)
    if (this.#finish === undefined) this.#start()
    if (this.#task !== undefined) this.#task.title = this.#last
  }

  done(): void {
    this.#finish?.()
    this.#finish = undefined
    this.#task = undefined
  }

  #start(): void {
    const ended = new Promise<void>((resolve) => {
      this.#finish = resolve
    })
    const list = new Listr(
      [
        {
          title: this.#last,
          task: (_, task) => {
            this.#task = task
            return ended
          },
        },
      ],
      { registerSignalListeners: false },
    )
    list.run().catch(() => {})
  }
}
