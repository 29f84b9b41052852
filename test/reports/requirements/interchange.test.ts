import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  matrixCsv,
  matrixJsonSchema,
  matrixOf,
  needsJson,
  reqifXml,
  requirementsCsv,
  requirementsJsonSchema,
  TRACE_FILES,
  writeTrace,
  type Matrix,
} from '../../../reports/index.ts'
import { jsonSchemaText } from '../../../reports/format/index.ts'
import { REQUIREMENT_SCHEMA_FILES } from '../../../reports/requirements/index.ts'
import { elements, parseXml, type XmlNode } from '../xml-check.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { requirementFile, sampleTrace, type SampleCase, type SampleRequirement } from './sample.ts'

const NASTY = [
  `<script>alert("x")</script>`,
  `quote " and ' and , and ;`,
  'two\nlines',
  '=SUM(A1)',
  '@x',
  ']]>',
  '&amp;',
]
const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }))

const nonBlank = nasty.filter((text) => text.trim() !== '')
const ids = ['A-1', 'A-2', 'B-1', 'Z-9']
const requirements = fc
  .array(
    fc.record({
      title: nonBlank,
      text: nonBlank,
      source: fc.array(nonBlank, { minLength: 1, maxLength: 2 }),
      refines: fc.subarray(ids),
      built: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((list): SampleRequirement[] =>
    list.map(({ built, ...own }, index) => ({
      ...own,
      id: ids[index] ?? 'A-1',
      ...(built ? {} : { status: 'not-built', reason: own.title }),
    })),
  )
const cases = fc
  .array(fc.record({ name: nasty, ids: fc.subarray(ids), kind: fc.nat(2) }), { maxLength: 4 })
  .map((list): SampleCase[] =>
    list.map(({ name, ids: own, kind }) => {
      if (kind === 0) return { name, ids: own }
      return kind === 1 ? { name, ids: own, outcome: 'failed' } : { name, ids: own, outcome: 'skipped', reason: 'r' }
    }),
  )

/** Rows of RFC 4180. */
function csvRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quotedCell, cell, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quotedCell === undefined ? (cell ?? '') : quotedCell.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })

describe('the published JSON Schemas of requirements and of the matrix', { tags: ['TRC-03'] }, () => {
  it('are what the code checks with; `npx tsx reports/store/write-schemas.ts` writes them again', () => {
    for (const [name, schema] of Object.entries(REQUIREMENT_SCHEMA_FILES)) {
      const text = readFileSync(new URL(`../../../reports/requirements/${name}`, import.meta.url), 'utf8')
      expect(JSON.parse(text)).toEqual(JSON.parse(jsonSchemaText(schema())))
    }
  })

  it('accept what is read and written, and nothing without an id', () => {
    const file: unknown = JSON.parse(requirementFile([{ id: 'A-1', refines: ['B-1'] }]).text)
    const isFile = ajv.compile(requirementsJsonSchema())
    expect(isFile(file), JSON.stringify(isFile.errors)).toBe(true)
    expect(isFile({ area: 'a', title: 't', requirements: [{ title: 't' }] })).toBe(false)
    const isMatrix = ajv.compile(matrixJsonSchema())
    fc.assert(
      fc.property(requirements, cases, (stated, run) => {
        const matrix: unknown = JSON.parse(JSON.stringify(matrixOf(sampleTrace(stated, run))))
        expect(isMatrix(matrix), JSON.stringify(isMatrix.errors)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the matrix', { tags: ['TRC-03'] }, () => {
  it('says the same from both ends, whatever names hold', () => {
    fc.assert(
      fc.property(requirements, cases, (stated, run) => {
        const matrix: Matrix = matrixOf(sampleTrace(stated, run))
        const there = matrix.requirements.flatMap(({ id, evidence }) => evidence.map((index) => `${id} ${index}`))
        const known = new Set(matrix.requirements.map(({ id }) => id))
        const back = matrix.evidence.flatMap((one, index) =>
          one.requirements.filter((id) => known.has(id)).map((id) => `${id} ${index}`),
        )
        expect(there.toSorted()).toEqual(back.toSorted())
        const { verdicts, requirements: count, findings } = matrix.totals
        expect(Object.values(verdicts).reduce((sum, one) => sum + one, 0)).toBe(count)
        expect(findings).toBe(matrix.findings.length)
        expect(matrix.verified).toBe(matrix.findings.length === 0)
      }),
    )
  })

  it('has a row of CSV for each pair, for each requirement that nothing names, and for each result that names nothing', () => {
    fc.assert(
      fc.property(requirements, cases, (stated, run) => {
        const traced = sampleTrace(stated, run)
        const rows = csvRows(matrixCsv(traced))
        expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([13]))
        const pairs = run.reduce((sum, { ids: own = [] }) => sum + own.length, 0)
        const unnamed = traced.requirements.filter(({ evidence }) => evidence.length === 0).length
        const unnaming = run.filter(({ ids: own = [] }) => own.length === 0).length
        expect(rows.length).toBe(1 + pairs + unnamed + unnaming)
        for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
        expect(csvRows(requirementsCsv(traced))).toHaveLength(1 + stated.length)
      }),
    )
  })
})

const attribute = (node: XmlNode, name: string): string => node.attributes[name] ?? ''

describe('requirements.reqif', { tags: ['TRC-03'] }, () => {
  const options = { title: 'T', time: '2026-01-02T03:04:05.000Z' }

  it('has identifiers that are names of XML, each once, and no reference to another place', () => {
    fc.assert(
      fc.property(requirements, cases, (stated, run) => {
        const root = parseXml(reqifXml(sampleTrace(stated, run), options))
        const all = (node: XmlNode): XmlNode[] => [node, ...node.children.flatMap(all)]
        const identifiers = all(root).flatMap(({ attributes }) => attributes['IDENTIFIER'] ?? [])
        expect(new Set(identifiers).size).toBe(identifiers.length)
        for (const one of identifiers) expect(one).toMatch(/^[A-Za-z_][\w.-]*$/)
        const references = all(root).filter(({ name }) => name.endsWith('-REF'))
        expect(references.length).toBeGreaterThan(0)
        for (const { text } of references) expect(identifiers).toContain(text)
      }),
    )
  })

  it('holds every requirement with its text, in one place of one specification, and what it refines', () => {
    fc.assert(
      fc.property(requirements, (stated) => {
        const root = parseXml(reqifXml(sampleTrace(stated, [{ name: 'x', ids: ['A-1'] }]), options))
        const values = elements(root, 'ATTRIBUTE-VALUE-STRING').map((node) => attribute(node, 'THE-VALUE'))
        for (const { id, text } of stated) {
          expect(values).toContain(id)
          expect(values).toContain(String(text).trim())
        }
        expect(elements(root, 'SPEC-HIERARCHY')).toHaveLength(stated.length + 1)
        const known = stated.map(({ id }) => id)
        const refined = stated.flatMap(({ refines }) => (refines as string[]).filter((id) => known.includes(id)))
        expect(elements(root, 'SPEC-RELATION')).toHaveLength(refined.length)
      }),
    )
  })
})

describe('the files of a trace', { tags: ['TRC-03'] }, () => {
  const traced = sampleTrace([{ id: 'A-1', refines: ['A-2'] }, { id: 'A-2' }], [{ name: NASTY.join(), ids: ['A-1'] }])

  it('are the same bytes for the same inputs, with the time of the results', () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()]
    const project = { project: 'p', version: '1.0.0' }
    const paths = writeTrace(join(one, 'sub'), traced, project)
    expect(paths).toEqual(Object.values(TRACE_FILES).map((name) => join(one, 'sub', name)))
    writeTrace(two, traced, project)
    for (const name of Object.values(TRACE_FILES))
      expect(readFileSync(join(two, name), 'utf8')).toBe(readFileSync(join(one, 'sub', name), 'utf8'))
    expect(readFileSync(join(two, TRACE_FILES.reqif), 'utf8')).toContain('2026-03-04T05:06:07.000Z')
  })

  it('hold needs that link tests to requirements, and requirements to those that they refine', () => {
    const { versions } = JSON.parse(needsJson(traced, { project: 'p', version: '1', time: 't' })) as {
      versions: Record<string, { needs_amount: number; needs: Record<string, { type: string; links: string[] }> }>
    }
    const needs = Object.values(versions['1']?.needs ?? {})
    expect(versions['1']?.needs_amount).toBe(3)
    expect(needs.map(({ type, links }) => [type, links])).toEqual([
      ['req', ['A-2']],
      ['req', []],
      ['test', ['A-1']],
    ])
  })
})
