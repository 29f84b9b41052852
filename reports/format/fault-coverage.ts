// reports/format/fault-coverage.ts: fault-coverage.json, which calls of the code under test were made to fail, from where,
// how, and what came of it.
//
// 1. The denominator is static: every call of the sources that a fault could reach. What no run reached is in it.
// 2. `ordinals` are the calls that counting runs made, each a fault point; `failed` are those of them at which a fault was
//    delivered. Both are counted, neither is derived from the other.
// 3. A context is a call with all its callers, up to the harness.

import { z } from 'zod'

export const FAULT_COVERAGE_VERSION = 1

const count = z.number().int().nonnegative()

export const coverageCountSchema = z.object({
  sites: count.describe('Calls in the sources'),
  reached: count.describe('Of these, made by a counting run'),
  failed: count.describe('Of these, made to fail'),
  justified: count.describe('Not reached or not failed, with a written reason'),
  contexts: count,
  contextsFailed: count,
  ordinals: count,
  ordinalsFailed: count,
})

export const faultCellSchema = z.object({
  fault: z.string().describe('What went wrong: an allocation refused, an error code, a short call'),
  followUp: z.string().describe('once: and then all was well; from: and so on until the end; …'),
  outcome: z
    .string()
    .describe(
      'retried, reopened, survived: what became of the step; else how the run ended, with the oracle that complained',
    ),
  runs: count,
})

export const siteContextSchema = z.object({
  callers: z.array(z.string()).describe('function (path:line), innermost first'),
  scenarios: z.array(z.string()),
  ordinals: count,
  failed: count,
})

export const coveredSiteSchema = z.object({
  id: z.string().describe('file#function#call, and #n from the second such call on'),
  family: z.string(),
  call: z.string(),
  path: z.string(),
  line: count,
  column: count,
  ordinals: count,
  failed: count,
  contexts: z.array(siteContextSchema),
  cells: z.array(faultCellSchema),
  reason: z.string().optional().describe('Why it is not reached or not failed'),
})

export const faultCoverageSchema = z
  .object({
    formatVersion: z.literal(FAULT_COVERAGE_VERSION),
    sources: z.array(z.string()),
    campaigns: z.array(z.object({ scenario: z.string(), seed: z.number().int(), runs: count })),
    totals: coverageCountSchema,
    families: z.record(z.string(), coverageCountSchema),
    sites: z.array(coveredSiteSchema),
    unlisted: z
      .array(z.object({ family: z.string(), kind: z.string(), place: z.string() }))
      .describe('Calls that runs made and the list of call sites does not have: the list is wrong'),
    unused: z.array(z.string()).describe('Reasons for calls that are not there, or that were failed after all'),
  })
  .describe('Fault coverage: every call that can fail, and how it was made to')

export type CoverageCount = z.infer<typeof coverageCountSchema>
export type FaultCell = z.infer<typeof faultCellSchema>
export type SiteContext = z.infer<typeof siteContextSchema>
export type CoveredSite = z.infer<typeof coveredSiteSchema>
export type FaultCoverage = z.infer<typeof faultCoverageSchema>
