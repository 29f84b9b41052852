// Bills of materials: the one of npm, normalised, judged by the published schema of CycloneDX.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { billsOfMaterials } from '../../../harness/host/index.ts'
import { normaliseCycloneDx, normaliseSpdx } from '../../../reports/index.ts'

const require = createRequire(import.meta.url)
const CREATED = '2025-03-04T05:06:07.000Z'

function schema(name: string): object {
  const library = dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json'))
  return JSON.parse(readFileSync(join(library, 'res', 'schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object
}

describe('a bill of materials', { tags: ['EVD-06'] }, () => {
  it('of npm, normalised, is valid CycloneDX by the published schema', () => {
    const { cyclonedx, unknown } = billsOfMaterials(process.cwd(), CREATED)
    expect(unknown).toEqual([])
    const bom = JSON.parse(cyclonedx ?? '{}') as { specVersion: string; components: unknown[] }
    const ajv = new Ajv({ strict: false, validateFormats: true })
    addFormats.default(ajv, ['date-time', 'email', 'uri'])
    ajv.addFormat('iri-reference', true)
    ajv.addFormat('idn-email', true)
    ajv.addSchema(schema('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json')
    ajv.addSchema(schema('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json')
    const validate = ajv.compile(schema(`bom-${bom.specVersion}`))
    validate(bom)
    expect(validate.errors).toBeNull()
    expect(bom.components.length).toBeGreaterThan(10)
    expect(validate({ ...bom, components: [{ type: 'nonsense' }] })).toBe(false)
  })

  it('is the same whatever serial number, time and order npm gave it', () => {
    const one = {
      bomFormat: 'CycloneDX',
      serialNumber: 'urn:uuid:1',
      metadata: { timestamp: 'now' },
      components: [{ 'bom-ref': 'b' }, { 'bom-ref': 'a' }],
    }
    const other = {
      ...one,
      serialNumber: 'urn:uuid:2',
      metadata: { timestamp: 'then' },
      components: one.components.toReversed(),
    }
    expect(normaliseCycloneDx(JSON.stringify(one))).toBe(normaliseCycloneDx(JSON.stringify(other)))
    const spdx = {
      spdxVersion: 'SPDX-2.3',
      name: 'x@1',
      documentNamespace: 'a',
      creationInfo: { created: 'now', creators: ['Tool: npm'] },
    }
    const again = { ...spdx, documentNamespace: 'b', creationInfo: { ...spdx.creationInfo, created: 'then' } }
    expect(normaliseSpdx(JSON.stringify(spdx), CREATED)).toBe(normaliseSpdx(JSON.stringify(again), CREATED))
  })
})
