// test/evidence/coverage-formats.ts: a report of coverage in LCOV and in Cobertura, read by readers of others, whose totals must
// be those of the figures that both were made of.
//
// c8 counts each line as one statement, so that lines are the same in all three.

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import parseLcov from '@friedemannsommer/lcov-parser'
import { coverageSchema, figuresOf, type Share } from '../coverage/figures.ts'

const require = createRequire(import.meta.url)

type CoberturaClass = Readonly<Record<'functions' | 'lines', Readonly<{ found: number; hit: number }>>>
type CoberturaReader = Readonly<{ parseContent: (xml: string) => Promise<readonly CoberturaClass[]> }>
type Totals = Readonly<Record<'lines' | 'functions' | 'branches', Share>>

/** Sentences about what was compared. Throws an Error that says what does not fit. */
export async function checkCoverageFormats(directory: string): Promise<readonly string[]> {
  const { statements, functions, branches } = figuresOf(
    Object.values(coverageSchema.parse(JSON.parse(text(directory, 'coverage-final.json')))),
  )
  const told: Totals = { lines: statements, functions, branches }
  return [
    compare('lcov.info', await lcov(text(directory, 'lcov.info')), told),
    compare('cobertura-coverage.xml', await cobertura(text(directory, 'cobertura-coverage.xml')), told),
  ]
}

/** Whether a folder has all that is compared. */
export function hasCoverageFormats(directory: string): boolean {
  return ['coverage-final.json', 'lcov.info', 'cobertura-coverage.xml'].every((name) =>
    existsSync(join(directory, name)),
  )
}

function text(directory: string, name: string): string {
  return readFileSync(join(directory, name), 'utf8')
}

async function lcov(given: string): Promise<Totals> {
  const sections = await parseLcov({ from: given })
  const sum = (of: 'lines' | 'functions' | 'branches'): Share => ({
    covered: sections.reduce((total, { [of]: { hit } }) => total + hit, 0),
    total: sections.reduce((total, { [of]: { instrumented } }) => total + instrumented, 0),
  })
  // Functions of one file with one name are one to the format, so that only their sums can be compared.
  for (const of of ['lines', 'branches'] as const) {
    const { covered, total } = sum(of)
    const details = sections.flatMap(({ [of]: { details: all } }): readonly { hit: number }[] => all)
    const hits = details.filter(({ hit }) => hit > 0).length
    if (hits !== covered || details.length !== total)
      throw new Error(
        `lcov.info: ${of}: its own sums say ${covered} of ${total}, its lines ${hits} of ${details.length}`,
      )
  }
  return { lines: sum('lines'), functions: sum('functions'), branches: sum('branches') }
}

async function cobertura(given: string): Promise<Totals> {
  const reader = require('@cvrg-report/cobertura-json') as CoberturaReader
  const classes = await reader.parseContent(given)
  const sum = (of: 'lines' | 'functions'): Share => ({
    covered: classes.reduce((total, { [of]: { hit } }) => total + hit, 0),
    total: classes.reduce((total, { [of]: { found } }) => total + found, 0),
  })
  const head = /<coverage [^>]*>/.exec(given)?.[0] ?? ''
  const attribute = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? Number.NaN)
  return {
    lines: sum('lines'),
    functions: sum('functions'),
    // Its reader leaves branches out: what its head says of them.
    branches: { covered: attribute('branches-covered'), total: attribute('branches-valid') },
  }
}

function compare(file: string, read: Totals, told: Totals): string {
  const parts = (['lines', 'functions', 'branches'] as const).map((of) => {
    const { covered, total } = read[of]
    if (covered !== told[of].covered || total !== told[of].total)
      throw new Error(`${file}: read ${covered} of ${total} ${of}, measured ${told[of].covered} of ${told[of].total}`)
    return `${covered} of ${total} ${of}`
  })
  return `${file}: ${parts.join(', ')}, as another reader counts them`
}
