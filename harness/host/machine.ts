// harness/host/machine.ts: the machine that a campaign runs on: time, cores, signals, threads, versions.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { SourcePosition } from '../../reports/index.ts'
import type { CampaignHost, Crew, CrewOptions, Journal } from '../campaign/index.ts'
import { codeHash } from './code-hash.ts'
import { FileJournal } from './journal.ts'
import { SourcePositions } from './source-positions.ts'
import { ThreadCrew } from './thread-crew.ts'

/** Workers that keep the machine busy. */
export function coreCount(): number {
  return availableParallelism()
}

/** The package's version: package.json is one folder above the compiled code, or beside the source. */
export function packageVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version)
    } catch {
      // Not there: the other place.
    }
  }
  return 'unknown'
}

export class Machine implements CampaignHost {
  readonly #coreModule: string
  readonly #positions = new SourcePositions()

  /** `coreModule`: URL of the module whose `createCore()` makes the core in each worker. */
  constructor(coreModule: string) {
    this.#coreModule = coreModule
  }

  nowMs(): number {
    return performance.now()
  }

  timestamp(): string {
    return new Date().toISOString()
  }

  tool(): Readonly<{ powercut: string; node: string; platform: string }> {
    return { powercut: packageVersion(), node: process.version, platform: `${process.platform} ${process.arch}` }
  }

  codeHash(modules: readonly string[]): string {
    return codeHash(modules)
  }

  makeCrew(options: CrewOptions): Crew {
    return new ThreadCrew({ ...options, coreModule: this.#coreModule })
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  }

  onInterrupt(task: () => void): () => void {
    let interrupted = false
    const listener = () => {
      if (interrupted) process.exit(130)
      interrupted = true
      task()
    }
    process.on('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  }

  sourcePositions(stack: string): readonly SourcePosition[] {
    return this.#positions.of(stack)
  }

  openJournal(directory: string): Journal {
    return new FileJournal(directory)
  }
}
