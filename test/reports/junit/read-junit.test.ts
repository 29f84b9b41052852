import { describe, expect, it } from 'vitest'
import { ReportError } from '../../../reports/index.ts'
import { readJunit } from '../../../reports/junit/index.ts'

const read = (text: string) => readJunit('results.xml', text).cases
const refusal = (text: string): ReportError => {
  try {
    readJunit('results.xml', text)
  } catch (error) {
    if (error instanceof ReportError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('test results in JUnit XML', { tags: ['TRC-04'] }, () => {
  it('of vitest are read: outcomes, messages, properties of the case and of the suites around it', () => {
    const cases = read(`<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="4" failures="1">
  <testsuite name="a.test.ts" timestamp="2026-01-02T03:04:05.678Z" tests="4">
    <properties><property name="team" value="x"/></properties>
    <testcase classname="a.test.ts" name="s &gt; passes &quot;&lt;&amp;&quot;">
      <system-out>hello</system-out>
      <properties><property name="requirement" value="STO-04"></property><property name="note"> text </property></properties>
    </testcase>
    <testcase classname="a.test.ts" name="fails"><failure message="not equal" type="AssertionError">at a.ts</failure></testcase>
    <testcase classname="a.test.ts" name="is skipped"><skipped/></testcase>
    <testcase name="has no class"/>
  </testsuite>
</testsuites>`)
    expect(cases.map(({ group, name, outcome, message }) => [group, name, outcome, message])).toEqual([
      ['a.test.ts', 's > passes "<&"', 'passed', ''],
      ['a.test.ts', 'fails', 'failed', 'not equal'],
      ['a.test.ts', 'is skipped', 'skipped', ''],
      ['a.test.ts', 'has no class', 'passed', ''],
    ])
    expect(cases[0]?.properties).toEqual([
      { name: 'team', value: 'x' },
      { name: 'requirement', value: 'STO-04' },
      { name: 'note', value: 'text' },
    ])
    expect(cases.map(({ line }) => line)).toEqual([5, 9, 10, 11])
  })

  it('of other runners are read: one suite alone, suites in suites, errors, reasons as text, tests that were not run', () => {
    const cases = read(`<testsuite name="outer"><testsuite name="inner">
      <testcase classname="c" name="e"><error>broke</error></testcase>
      <testcase classname="c" name="s"><skipped>no network</skipped></testcase>
      <testcase classname="c" name="n" status="notrun"/>
    </testsuite></testsuite>`)
    expect(cases.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['failed', 'broke'],
      ['skipped', 'no network'],
      ['skipped', ''],
    ])
  })

  it('are refused with path and line if they are cut off, no JUnit XML, or hold fewer tests than they say', () => {
    expect(refusal('<testsuites>\n<testsuite>')).toMatchObject({ code: 'damaged', path: 'results.xml', line: 2 })
    expect(refusal('<html/>').message).toContain('begins with <html>')
    const lost = refusal('<testsuites tests="2">\n<testsuite tests="2"><testcase name="a"/></testsuite></testsuites>')
    expect(lost.message).toContain('says that it holds 2 tests and holds 1')
    expect(lost.line).toBe(2)
  })

  it('say of when they are', () => {
    const { timestamp } = readJunit(
      'a.xml',
      '<testsuites><testsuite timestamp="2026-01-01T00:00:00Z"/><testsuite timestamp="2026-02-01T00:00:00Z"/></testsuites>',
    )
    expect(timestamp).toBe('2026-02-01T00:00:00Z')
  })
})
