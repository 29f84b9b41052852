// harness/campaign/campaign-host.ts: what a campaign needs of the machine that it runs on.

import type { SourcePosition, UnitInput } from '../../reports/index.ts'
import type { Crew } from './crew.ts'

export type CrewOptions = Readonly<{ workers: number; mutant: string | undefined; runLimitMs: number }>

export interface CampaignHost {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMs(): number
  /** Now, ISO 8601, UTC. */
  timestamp(): string
  /** Identity of the harness and of scenarios' own modules, by path, with what they import. */
  codeHash(modules: readonly string[]): string
  tool(): Readonly<{ powercut: string; node: string; platform: string }>
  makeCrew(options: CrewOptions): Crew
  /** Calls `task` once after `delayMs`, unless the function returned is called before. */
  after(delayMs: number, task: () => void): () => void
  /** Calls `task` at the first Ctrl-C; a second one ends the process. The function returned takes it back. */
  onInterrupt(task: () => void): () => void
  /** Lines `function (path:line:column)` of code that ran, as places in its sources; what is no such line is left out. */
  sourcePositions(stack: string): readonly SourcePosition[]
  openJournal(directory: string): Journal
}

/** A unit that has ended, by its number over all scenarios of the campaign. */
export type JournalUnit = Readonly<{ unit: number; input: UnitInput }>

/** What a campaign must know to go on after it was killed, besides its records. */
export interface Journal {
  /** Of the campaign that the folder was made for; undefined if it was killed before it was written. */
  readonly campaign: Readonly<{ key: string; commandLine: string }> | undefined
  readonly units: readonly JournalUnit[]
  begin(campaign: Readonly<{ key: string; commandLine: string }>): void
  /** Call it after the unit's records were handed to the operating system. */
  add(unit: JournalUnit): void
}

/** What the person at the terminal, or the log, is shown. */
export interface CampaignView {
  line(text: string): void
  /** Called often; shows it when it is time to. */
  progress(progress: Progress): void
  /** No more progress: what comes next is the summary. */
  done(): void
}

export type Progress = Readonly<{
  scenario: string
  /** Runs that are done or merged, and planned, over all scenarios prepared so far. */
  done: number
  total: number
  runs: number
  violations: number
  elapsedMs: number
}>
