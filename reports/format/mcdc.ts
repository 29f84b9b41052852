// reports/format/mcdc.ts: mcdc.json, which conditions of which decisions were shown to decide, and by which evaluations.
//
// The same version policy as campaign.json. Files of several runs over the same sources can be added up (`powercut mcdc
// merge`): every vector that was seen is here with its count, and verdicts follow from the vectors.
//
// 1. A decision's `tree` is over its conditions by number: `(0 && !1) || 2`. A vector has one letter for each: T, F, or
//    `-` for one that was not evaluated.
// 2. `hash` is that of the text that stands in the source: whatever is claimed about a decision is bound to it.
// 3. What is not measured is not covered: a file that was not loaded, a decision with too many paths, an operator between
//    Booleans that has no short circuit.

import { z } from 'zod'

export const MCDC_FORMAT_VERSION = 1

const count = z.number().int().nonnegative()
const position = { line: z.number().int().positive(), column: z.number().int().positive() }

export const mcdcJustificationSchema = z.object({
  class: z.enum(['dead', 'deactivated', 'infeasible', 'defensive']),
  reason: z.string(),
  reviewer: z.string().optional(),
})

export const mcdcVectorSchema = z.object({
  conditions: z.string().regex(/^[TF-]+$/),
  outcome: z.boolean(),
  count: count.describe('Evaluations that went this way'),
})

export const mcdcConditionSchema = z.object({
  text: z.string(),
  ...position,
  constant: z.boolean().describe('A literal: it has one value only, and can not be covered'),
  covered: z.boolean().describe('By masking MC/DC'),
  uniqueCause: z.boolean().describe('By unique-cause MC/DC too'),
  pair: z
    .tuple([count, count])
    .optional()
    .describe('Independence pair: indices of vectors, the condition false in the first and true in the second'),
  missing: z
    .array(z.object({ value: z.boolean(), vectors: z.array(z.string()).describe('Any of these would show it') }))
    .describe('Values that it was not seen with while it decided'),
  justified: mcdcJustificationSchema.optional(),
})

const itemFields = {
  ...position,
  function: z.string(),
  text: z.string(),
  hash: z.string().describe('SHA-256 of the text in the source'),
  occurrence: z.number().int().positive().describe('Among those of the same function and hash'),
}

export const mcdcDecisionSchema = z.object({
  kind: z.enum(['if', 'loop', 'ternary', 'value', 'operator']),
  ...itemFields,
  tree: z.string(),
  unmeasured: z
    .enum(['too-large', 'boolean-operator', 'not-found'])
    .optional()
    .describe('Why its vectors are not known; not-found: it was not found again in what was compiled'),
  evaluations: count.describe('That ended'),
  aborted: count.describe('That threw or were left; not counted for a single condition'),
  vectors: z.array(mcdcVectorSchema),
  conditions: z.array(mcdcConditionSchema),
})

export const mcdcOutcomeSchema = z.object({ name: z.string(), count, justified: mcdcJustificationSchema.optional() })

export const mcdcValuePathSchema = z.object({
  kind: z.enum(['nullish', 'chain', 'default', 'assignment', 'switch']),
  ...itemFields,
  unmeasured: z.enum(['not-found']).optional(),
  outcomes: z.array(mcdcOutcomeSchema),
})

export const mcdcTotalsSchema = z.object({
  files: count,
  filesLoaded: count,
  decisions: count,
  decisionsCovered: count.describe('Every condition is covered'),
  conditions: count,
  conditionsCovered: count,
  conditionsUniqueCause: count,
  conditionsJustified: count.describe('Not covered, with a reason'),
  aborted: count,
  outcomes: count.describe('Of value paths'),
  outcomesCovered: count,
  outcomesJustified: count,
})

export const mcdcFileSchema = z.object({
  path: z.string().describe('From the root, with slashes'),
  sha256: z.string(),
  loaded: z.boolean(),
  totals: mcdcTotalsSchema,
  decisions: z.array(mcdcDecisionSchema),
  valuePaths: z.array(mcdcValuePathSchema),
})

export const MCDC_PROBLEMS = {
  unparsable: 'is not JavaScript or TypeScript, or has an error',
  'no-source-map': 'names a source map that is not there or can not be read',
  'no-source': 'its source map names a source that is not there',
  changed: 'is not the text that was measured',
  'changed-by-loader': 'was changed before it was measured, by a loader or plugin',
  unmatched: 'has decisions that no source has',
  justification: 'justifies what is not there, not open, or has changed',
} as const
export type McdcProblemKind = keyof typeof MCDC_PROBLEMS

export const mcdcSchema = z.object({
  formatVersion: z.literal(MCDC_FORMAT_VERSION),
  form: z.literal('masking').describe('Masking MC/DC; uniqueCause is told beside it'),
  tool: z.object({ name: z.string(), version: z.string(), parser: z.string(), node: z.string() }),
  runs: z.array(
    z.object({
      command: z.array(z.string()),
      exitCode: z.number().int(),
      processes: count.describe('Processes and threads that loaded something that is measured'),
      processesLost: count.describe('Among them, those that ended without telling what they counted'),
    }),
  ),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  complete: z.boolean().describe('Nothing is wrong with any file'),
  problems: z.array(
    z.object({
      kind: z.enum(Object.keys(MCDC_PROBLEMS) as [McdcProblemKind, ...McdcProblemKind[]]),
      path: z.string(),
      message: z.string(),
    }),
  ),
  totals: mcdcTotalsSchema,
  files: z.array(mcdcFileSchema),
})

export type Mcdc = z.infer<typeof mcdcSchema>
export type McdcFile = z.infer<typeof mcdcFileSchema>
export type McdcDecision = z.infer<typeof mcdcDecisionSchema>
export type McdcCondition = z.infer<typeof mcdcConditionSchema>
export type McdcValuePath = z.infer<typeof mcdcValuePathSchema>
export type McdcTotals = z.infer<typeof mcdcTotalsSchema>
export type McdcProblem = Mcdc['problems'][number]
export type McdcJustification = z.infer<typeof mcdcJustificationSchema>

/** justifications.json: why something is not covered, bound to the text that it is said about. */
export const mcdcJustificationsSchema = z.object({
  formatVersion: z.literal(MCDC_FORMAT_VERSION),
  justifications: z.array(
    mcdcJustificationSchema.extend({
      file: z.string(),
      function: z.string(),
      text: z.string().describe('For readers; the hash is what counts'),
      hash: z.string(),
      occurrence: z.number().int().positive().default(1),
      gaps: z
        .array(z.string())
        .optional()
        .describe('Texts of conditions, or names of outcomes; all that are open, if it is left out'),
    }),
  ),
})

export type McdcJustifications = z.infer<typeof mcdcJustificationsSchema>
