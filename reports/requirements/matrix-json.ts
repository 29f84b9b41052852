// reports/requirements/matrix-json.ts: rtm.json, the matrix both ways with what is wrong, for programs.
//
// 1. `requirements[].evidence` and `evidence[].requirements` say the same thing from both ends.
// 2. Nothing in it depends on the time or the machine; results are bound by the hash of their file.
// 3. The version goes up when a field changes its meaning or goes; what is added does not change it.

import { z } from 'zod'
import { TEST_OUTCOMES } from '../junit/index.ts'
import { EVIDENCE_KINDS } from './evidence.ts'
import { FINDING_KINDS, type TraceFindingKind } from './finding.ts'
import { REQUIREMENT_LEVELS, REQUIREMENT_STATUSES, VERIFICATION_METHODS, textFingerprint } from './requirement.ts'
import { VERDICTS, type Trace, type RequirementVerdict } from './trace.ts'

export const MATRIX_FORMAT_VERSION = 1

const count = z.number().int().nonnegative()
const keysOf = <K extends string>(table: Readonly<Record<K, string>>): K[] => Object.keys(table) as K[]

/** A count of each. */
function counts<K extends string>(keys: readonly K[]): z.ZodObject<Record<K, typeof count>, z.core.$strict> {
  return z.strictObject(Object.fromEntries(keys.map((key) => [key, count])) as Record<K, typeof count>)
}

export const matrixSchema = z
  .strictObject({
    formatVersion: z.literal(MATRIX_FORMAT_VERSION),
    verified: z.boolean().describe('Whether there is no finding'),
    totals: z.strictObject({
      requirements: count,
      verdicts: counts(keysOf<RequirementVerdict>(VERDICTS)),
      evidence: count,
      outcomes: counts(TEST_OUTCOMES),
      orphans: count.describe('Evidence that names no requirement'),
      findings: count,
    }),
    results: z.array(
      z.strictObject({
        kind: z.enum(EVIDENCE_KINDS),
        path: z.string(),
        sha256: z.string(),
        passed: count,
        failed: count,
        skipped: count,
      }),
    ),
    requirements: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        text: z.string(),
        fingerprint: z.string().describe('Of title and text'),
        area: z.string(),
        source: z.array(z.string()),
        level: z.enum(REQUIREMENT_LEVELS),
        verification: z.enum(VERIFICATION_METHODS),
        status: z.enum(REQUIREMENT_STATUSES),
        reason: z.string().optional(),
        verdict: z.enum(keysOf<RequirementVerdict>(VERDICTS)),
        refines: z.array(z.string()),
        design: z.array(z.string()),
        code: z.array(z.string()),
        record: z.string().optional(),
        place: z.string(),
        evidence: z.array(count).describe('Indices into `evidence`'),
        scenarios: z.array(z.string()).describe('Scenarios that name it'),
      }),
    ),
    evidence: z.array(
      z.strictObject({
        kind: z.enum(EVIDENCE_KINDS),
        group: z.string().describe('File, module or class'),
        name: z.string(),
        outcome: z.enum(TEST_OUTCOMES),
        skipReason: z.string().optional(),
        requirements: z.array(z.string()),
        result: count.optional().describe('Index into `results`'),
      }),
    ),
    findings: z.array(
      z.strictObject({
        kind: z.enum(keysOf<TraceFindingKind>(FINDING_KINDS)),
        id: z.string().optional(),
        place: z.string(),
        message: z.string(),
      }),
    ),
  })
  .describe('Requirements and what verifies them, both ways')

export type Matrix = z.infer<typeof matrixSchema>

export function matrixOf(traced: Trace): Matrix {
  const { requirements, evidence, files, findings, verdicts, outcomes, orphans } = traced
  const resultAt = new Map(files.map(({ path }, index) => [path, index]))
  return {
    formatVersion: MATRIX_FORMAT_VERSION,
    verified: findings.length === 0,
    totals: {
      requirements: requirements.length,
      verdicts: { ...verdicts },
      evidence: evidence.length,
      outcomes: { ...outcomes },
      orphans,
      findings: findings.length,
    },
    results: files.map((file) => ({ ...file })),
    requirements: requirements.map(({ requirement, verdict, evidence: own, claims }) => ({
      id: requirement.id,
      title: requirement.title,
      text: requirement.text,
      fingerprint: textFingerprint(requirement),
      area: requirement.area,
      source: [...requirement.source],
      level: requirement.level,
      verification: requirement.verification,
      status: requirement.status,
      ...(requirement.reason === undefined ? {} : { reason: requirement.reason }),
      verdict,
      refines: [...requirement.refines],
      design: [...requirement.design],
      code: [...requirement.code],
      ...(requirement.record === undefined ? {} : { record: requirement.record }),
      place: `${requirement.path}:${requirement.line}`,
      evidence: [...own],
      scenarios: claims.map(({ name }) => name),
    })),
    evidence: evidence.map(({ kind, group, name, outcome, skipReason, requirements: ids, path }) => {
      const result = resultAt.get(path)
      return {
        kind,
        group,
        name,
        outcome,
        ...(outcome === 'skipped' ? { skipReason } : {}),
        requirements: [...ids],
        ...(result === undefined ? {} : { result }),
      }
    }),
    findings: findings.map(({ kind, id, place, message }) => ({
      kind,
      ...(id === undefined ? {} : { id }),
      place,
      message,
    })),
  }
}

/** The published JSON Schema (draft 2020-12) of rtm.json. */
export function matrixJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Powercut traceability matrix', ...z.toJSONSchema(matrixSchema, { io: 'input' }) }
}
