// reports/requirements/requirement.ts: what a project promises, one file for each area, as it is written and read.
//
// 1. An id is one word in capitals with at least one digit, such as STO-04: the same word in tests, scenarios and reports.
// 2. What is not built says why, and what is built in part says what is missing: there is no third answer.
// 3. What is verified without a test names the record of it, a file of the project.
// 4. `reviewed` binds the verdict of a person to a text: another text, and the verdict is void.

import { createHash } from 'node:crypto'
import { z } from 'zod'

const ID = /^(?=.*\d)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*$/
const FINGERPRINT_LENGTH = 12

/** Whether a word is written as the id of a requirement is. */
export function isRequirementId(word: string): boolean {
  return ID.test(word)
}

export const REQUIREMENT_STATUSES = ['built', 'partly-built', 'not-built'] as const
export type RequirementStatus = (typeof REQUIREMENT_STATUSES)[number]

export const VERIFICATION_METHODS = ['test', 'analysis', 'inspection'] as const
export type VerificationMethod = (typeof VERIFICATION_METHODS)[number]

export const REQUIREMENT_LEVELS = ['high', 'low'] as const
export type RequirementLevel = (typeof REQUIREMENT_LEVELS)[number]

const sentence = z.string().trim().min(1)
const id = z.string().regex(ID, 'an id is in capitals, with digits, such as STO-04')
const path = z
  .string()
  .regex(/^[^/\\][^\\]*$/, "a path within the project, with '/' between its parts")
  .refine((text) => !text.split('/').includes('..'), 'a path within the project')

export const requirementSchema = z
  .strictObject({
    id,
    title: sentence.describe('A few words'),
    text: sentence.describe('What is promised, so that a test of it can fail'),
    source: z.array(sentence).min(1).describe('Where the demand comes from'),
    status: z.enum(REQUIREMENT_STATUSES),
    reason: sentence.optional().describe('Why it is not built, or what of it is missing'),
    level: z
      .enum(REQUIREMENT_LEVELS)
      .optional()
      .describe('high: what users are promised; low: how it is kept (default: high)'),
    verification: z.enum(VERIFICATION_METHODS).optional().describe('Default: test'),
    record: path.optional().describe('Of an analysis or inspection: the file that holds it'),
    refines: z.array(id).optional().describe('Requirements that this one makes more exact'),
    design: z.array(path).optional().describe('Documents that say how, by path'),
    code: z.array(path).optional().describe('Files and folders that keep the promise, by path'),
    reviewed: z
      .string()
      .regex(/^[0-9a-f]{12}$/, '12 hexadecimal digits')
      .optional()
      .describe('Fingerprint of the text for which somebody found that the tests named verify it'),
  })
  .superRefine((value, context) => {
    const { status, reason, verification = 'test', record } = value
    const complain = (message: string): void => context.addIssue({ code: 'custom', message })
    if (status === 'built' && reason !== undefined) complain(`${value.id} is built and needs no reason`)
    if (status !== 'built' && reason === undefined) complain(`${value.id} is ${status} and gives no reason`)
    if (verification === 'test' && record !== undefined)
      complain(`${value.id} is verified by tests and needs no record`)
    if (verification !== 'test' && status !== 'not-built' && record === undefined)
      complain(`${value.id} is verified by ${verification} and names no record of it`)
  })
  .describe('One promise')

export const requirementFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    area: z.string().regex(/^[a-z][a-z0-9-]*$/, 'a word in small letters'),
    title: sentence,
    requirements: z.array(requirementSchema).min(1),
  })
  .describe('The requirements of one area')

export type RequirementContent = Readonly<z.infer<typeof requirementSchema>>
export type RequirementFile = Readonly<z.infer<typeof requirementFileSchema>>

/** A requirement with its place: the file, and the line at which its id stands. */
export type Requirement = Readonly<{
  id: string
  title: string
  text: string
  source: readonly string[]
  area: string
  areaTitle: string
  status: RequirementStatus
  reason: string | undefined
  level: RequirementLevel
  verification: VerificationMethod
  record: string | undefined
  refines: readonly string[]
  design: readonly string[]
  code: readonly string[]
  reviewed: string | undefined
  path: string
  line: number
}>

/** What `reviewed` must be for this text: it changes with every word of the title and the text, not with line ends. */
export function textFingerprint({ title, text }: Readonly<{ title: string; text: string }>): string {
  const words = [title, text].map((part) => part.trim().replaceAll(/\s+/g, ' '))
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, FINGERPRINT_LENGTH)
}

/** The published JSON Schema (draft 2020-12) of a file of requirements. */
export function requirementsJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Powercut requirements', ...z.toJSONSchema(requirementFileSchema, { io: 'input' }) }
}
