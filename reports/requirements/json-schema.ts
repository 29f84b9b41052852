// reports/requirements/json-schema.ts: the published JSON Schemas of this folder, generated from what the code checks with.
//
// The files beside this one are written by `npx tsx reports/store/write-schemas.ts`; a test holds them to be current.

import { matrixJsonSchema } from './matrix-json.ts'
import { requirementsJsonSchema } from './requirement.ts'

/** By file name. */
export const REQUIREMENT_SCHEMA_FILES: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  'requirements.schema.json': requirementsJsonSchema,
  'rtm.schema.json': matrixJsonSchema,
}
