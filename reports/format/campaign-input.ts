// reports/format/campaign-input.ts: what a campaign tells the report besides its records. Plain data.
//
// `planned` comes from here, `run` and `delivered` from the records (see campaign-totals.ts).

import type { Finding, MergedBy, Points, Selection } from './campaign.ts'

/** A kind of fault point of the counting runs. */
export type PointRowInput = Readonly<{
  family: string
  form: string
  kind: string
  phase: string
  count: number
  bytes: number
}>

/** A file-system call of the counting run, for the time line. */
export type CallInput = Readonly<{
  /** From 1; the number that crash points have. */
  index: number
  kind: string
  phase: string
  /** Pending operations at the call. */
  pending: number
}>

/** What the plan says of a family, over all units. */
export type FamilyInput = Readonly<{
  planned: number
  /** Whether the selection left no fault point of the family out. */
  exhaustive: boolean
}>

export type ScenarioInput = Readonly<{
  name: string
  /** The scenario's module, from the working directory; not of a built-in one. */
  source?: string
  /** Where the campaign has several persistence models. */
  model?: string
  parameters: Readonly<Record<string, number | string | boolean>>
  /** Of the counting run. */
  traceHash: string
  points: Points
  families: Readonly<Record<string, FamilyInput>>
  rows: readonly PointRowInput[]
  milestones: Readonly<Record<string, number>>
  milestonesWanted?: Readonly<Record<string, number>>
  findings: readonly Omit<Finding, 'scenario'>[]
  uncoveredSites: readonly string[]
  timeline: readonly CallInput[]
  /** Most bytes that the scenario allows a recovery to read, if it says so. */
  recoveryBoundBytes?: number
}>

/** What a worker says of a unit that it ran. */
export type UnitInput = Readonly<{
  scenario: string
  family: string
  merged: number
  /** `merged` by what the plans had in common with one that was run. */
  mergedBy?: MergedBy
  skipped: number
  interval?: Readonly<{
    possible: number
    generated: number
    distinct: number
    run: number
    mergedByImage?: number
    mergedByReadSet?: number
    exhausted: boolean
  }>
  recoveryMs: number
  checkMs: number
}>

export type CampaignInput = Readonly<{
  tool: Readonly<{ powercut: string; node: string; platform: string }>
  codeHash?: string
  commandLine: string
  /** ISO 8601, UTC. */
  startedAt: string
  endedAt: string
  durationMs: number
  workers: number
  seed: number
  selection: Selection
  model: string
  sectorBytes: number
  /** Who judges, and what each demands. */
  oracles?: Readonly<Record<string, string>>
  /** Oracles that judge crashed disks: rows of the matrix of several models. */
  crashPromises?: readonly string[]
  scenarios: readonly ScenarioInput[]
  /** Why the campaign ended before its plan did, a sentence each: interrupted, budget spent, a worker died. */
  incomplete: readonly string[]
}>
