import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySettings, checkSettings, progressLine, suggestion, UsageError } from '../../../harness/campaign/index.ts'
import { parseDuration, parseInteger, parseRange, parseWords } from '../../../harness/cli/parse.ts'

const refusal = (call: () => unknown): string => {
  try {
    call()
    return 'taken'
  } catch (error) {
    return error instanceof UsageError ? error.message : 'not a UsageError'
  }
}

describe('option values', { tags: ['CLI-02'] }, () => {
  it('take what they print, and refuse everything else with a UsageError', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => parseInteger('--at', String(value), 0) === value))
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (from, length) => {
        expect(parseRange('--points', `${from}..${from + length}`, 0)).toEqual({ from, to: from + length })
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [
          parseDuration,
          (o: string, t: string) => parseInteger(o, t, 0),
          (o: string, t: string) => parseRange(o, t, 0),
        ]) {
          expect(refusal(() => parse('--x', text))).not.toBe('not a UsageError')
        }
      }),
    )
  })

  it('read durations with their units', () => {
    expect(['90s', '10m', '1.5h', '500ms'].map((text) => parseDuration('--budget', text))).toEqual([
      90_000, 600_000, 5_400_000, 500,
    ])
  })

  it('take lists, repeated or with commas, once each and in the order of what is valid', () => {
    expect(parseWords('--mode', ['from,once', 'once'], ['once', 'from', 'budget'])).toEqual(['once', 'from'])
    expect(refusal(() => parseWords('--mode', ['fron'], ['once', 'from']))).toMatch(
      /valid are once, from\. Did you mean 'from'\?/,
    )
  })

  it('suggest the nearest word, and none when nothing is near', () => {
    expect(suggestion('croe20', ['core20', 'bank'])).toBe(" Did you mean 'core20'?")
    expect(suggestion('nosuch', ['core20', 'bank', 'rows', 'lazy-log'])).toBe('')
  })

  it('keep the type of the parameter that they set', () => {
    const defaults = { rows: 10, mode: 'lazy', deep: false }
    expect(applySettings('s', defaults, { rows: '12', mode: '7', deep: 'true' })).toEqual({
      rows: 12,
      mode: '7',
      deep: true,
    })
    expect(refusal(() => applySettings('s', defaults, { deep: 'yes' }))).toMatch(/true or false/)
    expect(refusal(() => applySettings('s', defaults, { toString: '1' }))).toMatch(/valid are rows, mode, deep/)
  })
})

describe('a setting with a scenario before it', { tags: ['CLI-03', 'CLI-02'] }, () => {
  it('is of that scenario alone, a path too, and is refused for one that is not asked for', () => {
    const set = { 'core20.iterations': '2', './notes.scenario.ts.notes': '3', fanOut: '8' }
    expect(applySettings('core20', { iterations: 64, fanOut: 4 }, set)).toEqual({ iterations: 2, fanOut: 8 })
    expect(applySettings('./notes.scenario.ts', { notes: 6, fanOut: 4 }, set)).toEqual({ notes: 3, fanOut: 8 })
    expect(refusal(() => applySettings('core20', { fanOut: 4 }, set))).toMatch(/no parameter 'iterations'/)
    expect(() => checkSettings(set, ['core20', './notes.scenario.ts'])).not.toThrow()
    expect(refusal(() => checkSettings({ 'croe20.rows': '1' }, ['core20']))).toMatch(/valid are core20\. Did you mean/)
  })
})

describe('progressLine', { tags: ['CLI-08', 'QA-11'] }, () => {
  it('says done, total, rate, time left and violations', () => {
    expect(
      progressLine({ scenario: 'core20', done: 1000, total: 4000, runs: 1000, violations: 1, elapsedMs: 2000 }),
    ).toBe('core20  1000 of 4000 (25 %), 500 runs/s, 6 s left, 1 violation')
  })
})
