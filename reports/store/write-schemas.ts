// reports/store/write-schemas.ts: writes the published JSON Schemas again: `npx tsx reports/store/write-schemas.ts`.

import { fileURLToPath } from 'node:url'
import { JSON_SCHEMA_FILES, jsonSchemaText } from '../format/index.ts'
import { REQUIREMENT_SCHEMA_FILES } from '../requirements/index.ts'
import { writeFileAtomic } from './atomic-file.ts'

for (const [name, schema] of Object.entries(JSON_SCHEMA_FILES))
  writeFileAtomic(fileURLToPath(new URL(`../format/${name}`, import.meta.url)), jsonSchemaText(schema()))
for (const [name, schema] of Object.entries(REQUIREMENT_SCHEMA_FILES))
  writeFileAtomic(fileURLToPath(new URL(`../requirements/${name}`, import.meta.url)), jsonSchemaText(schema()))
