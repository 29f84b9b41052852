import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JunitCases, writeReports } from '../../../reports/index.ts'
import { xmlElement } from '../../../reports/junit/xml.ts'
import { sampleRecord } from '../sample-campaign.ts'
import { sampleFolder } from '../sample-folder.ts'
import { elements, parseXml } from '../xml-check.ts'

const options = { scenario: 'core20', runs: 400, badEvery: 7 }

function junitOf(over: Parameters<typeof sampleFolder>[1] = {}): ReturnType<typeof parseXml> {
  const { directory } = sampleFolder(options, over)
  writeReports(directory, ['junit'])
  return parseXml(readFileSync(join(directory, 'junit.xml'), 'utf8'))
}

function kept(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}

describe('XML', { tags: ['RES-07'] }, () => {
  it('gives back any text and attribute, but for what XML cannot hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, value) => {
        const root = parseXml(xmlElement({ name: 'a', attributes: { value }, children: [text] }))
        expect(root.attributes['value']).toBe(kept(value))
        expect(root.text).toBe(kept(text))
      }),
    )
  })
})

describe('junit.xml', { tags: ['RES-07'] }, () => {
  it('has a suite for each family and a case for each phase and form, all runs counted', () => {
    const root = junitOf()
    expect(elements(root, 'testsuite').map(({ attributes }) => attributes['name'])).toEqual([
      'campaign',
      'core20.allocation',
      'core20.io',
      'core20.crash',
    ])
    const cases = elements(root, 'testcase')
    expect(cases.reduce((sum, { attributes }) => sum + Number(attributes['assertions'] ?? 0), 0)).toBe(options.runs)
    const names = cases.map(({ attributes }) => `${attributes['classname']} ${attributes['name']}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it('counts failures, errors and tests as they stand in it', () => {
    for (const suite of [junitOf(), ...elements(junitOf(), 'testsuite')]) {
      expect(Number(suite.attributes['tests'])).toBe(elements(suite, 'testcase').length)
      expect(Number(suite.attributes['failures'])).toBe(elements(suite, 'failure').length)
      expect(Number(suite.attributes['errors'])).toBe(elements(suite, 'error').length)
    }
    expect(elements(junitOf(), 'failure').length).toBeGreaterThan(0)
  })

  it('gives the command that repeats a failure, and the message as it was', () => {
    const [failure] = elements(junitOf(), 'failure')
    expect(failure?.text).toMatch(/npx powercut replay pc1-/)
    expect(failure?.attributes['message']).toContain(`expected <19> rows & got <18>:\n- row 18 { "value": 'x' }`)
  })

  it('shows an incomplete campaign as a skipped case and a finding as a failure', () => {
    const finding = { oracle: 'claim-audit', message: 'm', token: 't', fingerprint: 'f' }
    const root = junitOf({ findings: [finding], milestones: {} })
    expect(elements(root, 'skipped')[0]?.attributes['message']).toContain('rollOver')
    expect(elements(root, 'failure')[0]?.attributes['message']).toBe('claim-audit: m')
  })

  it('lists twenty different problems of a case and counts the others', () => {
    const cases = new JunitCases()
    for (let order = 0; order < 50; order += 1)
      cases.add({
        ...sampleRecord(order, options),
        family: 'io',
        form: 'warm',
        phase: 'p',
        outcome: 'violation',
        fingerprint: `f${order}`,
      })
    const [failure] = elements(parseXml(cases.xml(sampleFolder(options).campaign)), 'failure')
    expect(failure?.text.match(/powercut replay/g)?.length).toBe(20)
    expect(failure?.text).toContain('and 30 runs with other problems')
  })
})
