// test/reports/sample-measured.ts: small results of other commands, with a name of the caller's in every text.

import { faultCoverageSchema, matrixSchema, mcdcSchema } from '../../reports/index.ts'
import type { Measured } from '../../reports/html/index.ts'

const counts = (covered: number, all: number) => ({ covered, all })

export function sampleMeasured(name = 'a'): Measured {
  const count = {
    sites: 3,
    reached: 2,
    failed: 1,
    justified: 1,
    contexts: 2,
    contextsFailed: 1,
    ordinals: 9,
    ordinalsFailed: 4,
  }
  const totals = {
    files: 1,
    filesLoaded: 1,
    decisions: 2,
    decisionsCovered: 1,
    conditions: 3,
    conditionsCovered: 2,
    conditionsUniqueCause: 1,
    conditionsJustified: 0,
    aborted: 0,
    outcomes: 2,
    outcomesCovered: 1,
    outcomesJustified: 0,
  }
  const item = { line: 3, column: 7, function: name, text: name, hash: name, occurrence: 1 }
  return {
    coverage: [
      { path: `${name}.info`, facts: { format: 'lcov', counts: { lines: counts(9, 10), branches: counts(3, 3) } } },
    ],
    mcdc: mcdcSchema.parse({
      formatVersion: 1,
      form: 'masking',
      tool: { name: 'powercut', version: '0', parser: 'x', node: 'v20' },
      runs: [{ command: [name], exitCode: 0, processes: 2, processesLost: 1 }],
      include: [],
      exclude: [],
      complete: false,
      problems: [{ kind: 'changed', path: name, message: name }],
      totals,
      files: [
        {
          path: `${name}.ts`,
          sha256: name,
          loaded: true,
          totals,
          decisions: [
            {
              kind: 'if',
              ...item,
              tree: '0',
              evaluations: 4,
              aborted: 0,
              vectors: [{ conditions: 'T', outcome: true, count: 4 }],
              conditions: [
                {
                  text: name,
                  line: 3,
                  column: 7,
                  constant: false,
                  covered: false,
                  uniqueCause: false,
                  missing: [{ value: false, vectors: ['F'] }],
                },
              ],
            },
          ],
          valuePaths: [{ kind: 'nullish', ...item, outcomes: [{ name, count: 0 }] }],
        },
      ],
    }),
    faultCoverage: faultCoverageSchema.parse({
      formatVersion: 1,
      sources: [name],
      campaigns: [{ scenario: name, seed: 1, runs: 9 }],
      totals: count,
      families: { io: count },
      sites: ['failed', 'reached', 'never'].map((state) => ({
        id: `${name}#${state}`,
        family: 'io',
        call: name,
        path: name,
        line: 4,
        column: 1,
        ordinals: state === 'never' ? 0 : 4,
        failed: state === 'failed' ? 4 : 0,
        contexts:
          state === 'never'
            ? []
            : [{ callers: [name], scenarios: [name], ordinals: 4, failed: state === 'failed' ? 4 : 0 }],
        cells: state === 'failed' ? [{ fault: name, followUp: 'once', outcome: name, runs: 4 }] : [],
        ...(state === 'never' ? { reason: name } : {}),
      })),
      unlisted: [{ family: 'io', kind: name, place: name }],
      unused: [name],
    }),
    matrix: matrixSchema.parse({
      formatVersion: 1,
      verified: false,
      totals: {
        requirements: 2,
        verdicts: {
          verified: 1,
          'by-record': 0,
          'partly-verified': 0,
          'not-built': 1,
          untested: 0,
          'not-run': 0,
          failed: 0,
        },
        evidence: 2,
        outcomes: { passed: 2, failed: 0, skipped: 0 },
        orphans: 1,
        findings: 1,
      },
      results: [{ kind: 'test', path: name, sha256: name, passed: 2, failed: 0, skipped: 0 }],
      requirements: ['A-1', 'A-2'].map((id) => ({
        id,
        title: name,
        text: name,
        fingerprint: 'x',
        area: name,
        source: [name],
        level: 'high',
        verification: 'test',
        status: id === 'A-1' ? 'built' : 'not-built',
        ...(id === 'A-1' ? {} : { reason: name }),
        verdict: id === 'A-1' ? 'verified' : 'not-built',
        refines: [],
        design: [],
        code: [],
        place: name,
        evidence: id === 'A-1' ? [0] : [],
        scenarios: [name],
      })),
      evidence: [['A-1'], []].map((requirements) => ({
        kind: 'test',
        group: name,
        name,
        outcome: 'passed',
        requirements,
      })),
      findings: [{ kind: 'orphan-test', place: name, message: name }],
    }),
  }
}
