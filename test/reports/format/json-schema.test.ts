import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { campaignJsonSchema, runRecordJsonSchema } from '../../../reports/index.ts'
import { JSON_SCHEMA_FILES } from '../../../reports/format/index.ts'
import { sampleRecord } from '../sample-campaign.ts'
import { sampleFolder } from '../sample-folder.ts'

const options = { scenario: 'core20', runs: 80, badEvery: 7 }
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })

describe('the published JSON Schemas', { tags: ['RES-02'] }, () => {
  it('are what the code checks with; `npx tsx reports/store/write-schemas.ts` writes them again', () => {
    for (const [name, schema] of Object.entries(JSON_SCHEMA_FILES)) {
      const text = readFileSync(new URL(`../../../reports/format/${name}`, import.meta.url), 'utf8')
      expect(JSON.parse(text)).toEqual(schema())
    }
  })

  it('accept a campaign and its records', () => {
    const validate = ajv.compile(campaignJsonSchema())
    const { campaign } = sampleFolder(options)
    expect(validate(campaign), JSON.stringify(validate.errors)).toBe(true)
    const validateRecord = ajv.compile(runRecordJsonSchema())
    for (let order = 0; order < options.runs; order += 1)
      expect(validateRecord(sampleRecord(order, options))).toBe(true)
  })

  it('refuse a campaign without its totals and a record without its trace hash', () => {
    const { families: _, ...campaign } = sampleFolder(options).campaign
    expect(ajv.validate(campaignJsonSchema(), campaign)).toBe(false)
    const { traceHash: __, ...record } = sampleRecord(1, options)
    expect(ajv.validate(runRecordJsonSchema(), record)).toBe(false)
  })
})
