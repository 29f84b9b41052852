// harness/coverage/kit/cases.ts: decisions and value paths whose right answers are written down by hand.
//
// The first five are defects that Validas found in a C compiler's MC/DC (llvm-project issues 109930, 109933, 109940 and
// 109944, 109950, 109952): decisions that were not reported, dropped, taken for covered, or negated wrongly.

import { judgeConditions } from '../analyse.ts'
import { numberPaths, pathsOf } from '../boolean-tree.ts'
import type { Item } from '../items.ts'
import { executable, type Executable } from './execute.ts'
import type { Tally } from './tally.ts'

type Case = Readonly<{
  name: string
  /** Body of a function of `a` to `h`. */
  text: string
  /** One string a call: `a` to `h` as T, F, or N for null. */
  calls: readonly string[]
  /** A line for each decision (`kind: conditions covered, in order`) and value path (`kind: outcome=count`). */
  expected: readonly string[]
}>

const PARAMETERS = [...'abcdefgh']

export const CASES: readonly Case[] = [
  {
    name: 'llvm 109930: a decision of one condition is reported',
    text: 'if (a) return 1; return 0',
    calls: ['T'],
    expected: ['if: a-'],
  },
  { name: 'and is covered by both values', text: 'if (a) return 1', calls: ['T', 'F'], expected: ['if: a+'] },
  {
    name: 'llvm 109933: more than six conditions are not dropped',
    text: 'if (a && b && c && d && e && f && g && h) return 1',
    calls: ['TTTTTTTT', 'F', 'TF', 'TTF', 'TTTF', 'TTTTF', 'TTTTTF', 'TTTTTTTF'],
    expected: ['if: a+ b+ c+ d+ e+ f+ g- h+'],
  },
  {
    name: 'llvm 109940, 109944: a constant among conditions is never covered',
    text: 'if (a && true) return 1; if (b || 1) return 2',
    calls: ['TT', 'FF', 'TF', 'FT'],
    expected: ['if: a+ true(constant)-', 'if: b- 1(constant)-'],
  },
  { name: 'a loop over a literal decides nothing', text: 'while (true) { return a }', calls: ['T'], expected: [] },
  {
    name: 'llvm 109950: an operator between Booleans is not taken for a condition that is covered',
    text: 'const x = (a > 0) != (b > 0); if (!a === !b) return x',
    calls: ['TT', 'TF', 'FT', 'FF'],
    expected: [
      'operator(unmeasured): (a > 0) != (b > 0)-',
      'operator(unmeasured): !a === !b-',
      'if: !a === !b+',
      'value: a+',
      'value: b+',
    ],
  },
  {
    name: 'llvm 109952: a negation changes signs, not conditions',
    text: 'if (!a) return 1; if (!(b && !c)) return 2; return !(d || !!e)',
    calls: ['TTFFF', 'TTFFT', 'TTFTF', 'TTT', 'TF', 'F'],
    expected: ['if: a+', 'if: b+ c+', 'value: d+ e+'],
  },
  {
    name: 'each occurrence of a condition is one of its own',
    text: 'return (a && b) || (a && c)',
    calls: ['TTF', 'TFF', 'TFT', 'F'],
    expected: ['value: a+ b+ a+ c+'],
  },
  {
    name: 'what is masked by its neighbour on the right is not shown',
    text: 'return (a && b) || c',
    calls: ['TTF', 'FFT', 'TFT'],
    expected: ['value: a- b- c-'],
  },
  {
    name: 'an evaluation that throws is no path',
    text: 'try { if (a && b.c.d) return 1 } catch { return 2 }',
    calls: ['TN', 'TN', 'F'],
    expected: ['if: a- b.c.d- aborted 2'],
  },
  {
    name: 'nested decisions count apart',
    text: 'return (a || (b ? c : d) || e) && ((x) => x || f)(g)',
    calls: ['T', 'FTT', 'FTF', 'FFFT', 'FFFF'],
    expected: ['value: a- b ? c : d- e- ((x) => x || f)(g)-', 'ternary: b+', 'value: x- f-'],
  },
  {
    name: 'a decision inside of a condition keeps its path apart',
    text: 'return a && [b && c, d || e][0] && f',
    calls: ['TTTFFT', 'F', 'TFFFFT', 'TTTFFF'],
    expected: ['value: a+ [b && c, d || e][0]+ f+', 'value: b+ c-', 'value: d- e-'],
  },
  { name: '??', text: 'return a ?? b', calls: ['N', 'F', 'T'], expected: ['nullish: value=2 nullish=1'] },
  {
    name: '?. with a call of a method, and links that follow',
    text: 'const o = { m() { return a === null ? undefined : this } }; return o?.m?.()?.m?.(1)',
    calls: ['N', 'F', 'T'],
    expected: [
      'ternary: a === null+',
      'chain: o is nullish=0 o is there=3 o?.m is nullish=0 o?.m is there=3 o?.m?.() is nullish=1 o?.m?.() is there=2 o?.m?.()?.m is nullish=0 o?.m?.()?.m is there=2',
    ],
  },
  {
    name: 'a chain that throws has no outcome',
    text: 'try { return a.b?.c } catch {}',
    calls: ['N', 'T'],
    expected: ['chain: a.b is nullish=1 a.b is there=0'],
  },
  {
    name: 'assignments',
    text: 'let x = a; x ??= 1; x ||= 2; x &&= 3',
    calls: ['N', 'F', 'T'],
    expected: ['assignment: kept=2 assigned=1', 'assignment: kept=2 assigned=1', 'assignment: kept=0 assigned=3'],
  },
  {
    name: 'defaults of parameters and patterns',
    text: 'const z = (p = 1, { q = 2, r: [s = 3] = [] } = {}) => p; return a ? z(1, { q: 1, r: [] }) : z()',
    calls: ['F', 'T'],
    expected: [
      'default: given=1 default=1',
      'default: given=1 default=1',
      'default: given=1 default=1',
      'default: given=1 default=1',
      'default: given=0 default=2',
      'ternary: a+',
    ],
  },
  {
    name: 'a switch counts what was chosen, not what was fallen into',
    text: 'switch (a) { case true: case false: b(); case null: }',
    calls: [],
    expected: ['switch: case true=0 case false=0 case null=0 no case=0'],
  },
  {
    name: 'a switch without its default, and one with it in the middle',
    text: 'switch (a) { case true: case false: } switch (b) { case true: break; default: case null: }',
    calls: ['TT', 'TF', 'FN', 'NT'],
    expected: ['switch: case true=2 case false=1 no case=1', 'switch: case true=2 default=1 case null=1'],
  },
]

const VALUES: Readonly<Record<string, unknown>> = { T: true, F: false, N: null }

/** Compares every case with its answer. */
export function compareCases(tally: Tally): void {
  for (const { name, text, calls, expected } of CASES) {
    const subject = executable(text, PARAMETERS)
    for (const call of calls)
      subject.run(Object.fromEntries(PARAMETERS.map((parameter, i) => [parameter, VALUES[call[i] ?? 'F']])))
    const found = subject.items.map((item) => describe(item, subject, text))
    tally.same('items of a case', () => name, found.length, expected.length)
    found.forEach((line, index) => tally.same('answer of a case', () => name, line, expected[index]))
  }
}

function describe(item: Item, subject: Executable, text: string): string {
  const sum = (slots: readonly number[]) => slots.reduce((total, slot) => total + subject.count(slot), 0)
  if (item.metric === 'value-path')
    return `${item.kind}: ${item.outcomes.map(({ name, plus, minus }) => `${name}=${sum(plus) - sum(minus)}`).join(' ')}`
  const numbering = numberPaths(item.tree)
  const paths = item.unmeasured !== undefined || numbering === undefined ? [] : pathsOf(item.tree, numbering)
  const taken = paths.filter(({ slot }) => subject.count(item.pathBase + slot) > 0)
  const verdicts = judgeConditions(item.tree, taken)
  const conditions = item.conditions.map(
    ({ inner, constant }, index) =>
      `${text.slice(inner.start, inner.end)}${constant ? '(constant)' : ''}${verdicts[index]?.covered === true ? '+' : '-'}`,
  )
  const started = item.startedSlot === undefined ? 0 : subject.count(item.startedSlot)
  const aborted = item.startedSlot === undefined ? 0 : started - sum(paths.map(({ slot }) => item.pathBase + slot))
  const kind = item.unmeasured === undefined ? item.kind : `${item.kind}(unmeasured)`
  return `${kind}: ${conditions.join(' ')}${aborted > 0 ? ` aborted ${aborted}` : ''}`
}
