// reports/format/json-schema.ts: the published JSON Schemas (draft 2020-12), generated from what the code checks with.
//
// The files beside this one are written by `npx tsx reports/store/write-schemas.ts`; a test holds them to be current.

import { z } from 'zod'
import { campaignSchema } from './campaign.ts'
import { mcdcJustificationsSchema, mcdcSchema } from './mcdc.ts'
import { faultCoverageSchema } from './fault-coverage.ts'
import { runRecordSchema } from './run-record.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** Of campaign.json. */
export function campaignJsonSchema(): JsonSchema {
  return { title: 'Powercut campaign', ...z.toJSONSchema(campaignSchema, { io: 'input' }) }
}

/** Of one line of runs.ndjson. */
export function runRecordJsonSchema(): JsonSchema {
  return { title: 'Powercut run record', ...z.toJSONSchema(runRecordSchema, { io: 'input' }) }
}

/** Of mcdc.json. */
export function mcdcJsonSchema(): JsonSchema {
  return { title: 'Powercut MC/DC', ...z.toJSONSchema(mcdcSchema, { io: 'input' }) }
}

/** Of a project's justifications.json. */
export function mcdcJustificationsJsonSchema(): JsonSchema {
  return { title: 'Powercut MC/DC justifications', ...z.toJSONSchema(mcdcJustificationsSchema, { io: 'input' }) }
}

/** Of fault-coverage.json. */
export function faultCoverageJsonSchema(): JsonSchema {
  return { title: 'Powercut fault coverage', ...z.toJSONSchema(faultCoverageSchema, { io: 'input' }) }
}

/** The published files by name. */
export const JSON_SCHEMA_FILES: Readonly<Record<string, () => JsonSchema>> = {
  'campaign.schema.json': campaignJsonSchema,
  'mcdc-justifications.schema.json': mcdcJustificationsJsonSchema,
  'mcdc.schema.json': mcdcJsonSchema,
  'fault-coverage.schema.json': faultCoverageJsonSchema,
  'run-record.schema.json': runRecordJsonSchema,
}

/** A schema as its file holds it. */
export function jsonSchemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`
}
