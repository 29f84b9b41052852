// reports/format/shard.ts: shard.json, what a part of a campaign knows of the whole, for the parts to be put together.
//
// The version policy of campaign.ts holds. What was counted (points, findings, time line) stands in every shard; it is the
// same in all, and `plan` is its identity. Fields of inputs that a reader does not know are kept.

import { z } from 'zod'
import { findingSchema, FORMAT_VERSION, pointsSchema, selectionSchema } from './campaign.ts'
import type { CampaignInput, UnitInput } from './campaign-input.ts'

const count = z.number().int().nonnegative()

const unitInputSchema = z.looseObject({
  scenario: z.string(),
  family: z.string(),
  merged: count,
  skipped: count,
  recoveryMs: z.number().nonnegative(),
  checkMs: z.number().nonnegative(),
})

const scenarioInputSchema = z.looseObject({
  name: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  traceHash: z.string(),
  points: pointsSchema,
  families: z.record(z.string(), z.object({ planned: count, exhaustive: z.boolean() })),
  rows: z.array(z.looseObject({ family: z.string(), form: z.string(), kind: z.string(), phase: z.string() })),
  milestones: z.record(z.string(), z.number()),
  findings: z.array(findingSchema.omit({ scenario: true })),
  uncoveredSites: z.array(z.string()),
  timeline: z.array(z.looseObject({ index: count, kind: z.string(), phase: z.string(), pending: count })),
})

const campaignInputSchema = z.looseObject({
  tool: z.object({ powercut: z.string(), node: z.string(), platform: z.string() }),
  commandLine: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  durationMs: z.number().nonnegative(),
  workers: count,
  seed: z.number().int(),
  selection: selectionSchema,
  model: z.string(),
  sectorBytes: count,
  scenarios: z.array(scenarioInputSchema),
  incomplete: z.array(z.string()),
})

export const shardSchema = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  index: z.number().int().positive(),
  count: z.number().int().positive(),
  plan: z.string().min(1),
  codeHash: z.string().min(1),
  units: z.array(z.object({ unit: count, planned: count, own: z.boolean(), result: unitInputSchema.optional() })),
  input: campaignInputSchema,
})

export type ShardUnit = Readonly<{
  unit: number
  planned: number
  /** This shard runs it. */
  own: boolean
  /** Absent while it has not ended. */
  result?: UnitInput
}>

export type ShardFile = Readonly<{
  formatVersion: typeof FORMAT_VERSION
  /** From 1 to `count`. */
  index: number
  count: number
  /** Identity of the whole plan and of what was counted. */
  plan: string
  /** Of the code under test and of the harness. */
  codeHash: string
  units: readonly ShardUnit[]
  /** Of the whole campaign, but for what this shard did: times, workers, why it ended early. */
  input: CampaignInput
}>
