// reports/mcdc/gaps.ts: what is neither covered nor justified, one line each, and shares of what is.

import type { McdcFile, McdcTotals } from '../format/index.ts'

export type McdcGap = Readonly<{ path: string; line: number; column: number; message: string }>

const TEXT_MAX = 60

/** The share of conditions that are covered or justified, in percent; 100 if there is none. */
export function conditionPercent(totals: McdcTotals): number {
  return percent(totals.conditionsCovered + totals.conditionsJustified, totals.conditions)
}

/** The same of the outcomes of value paths. */
export function outcomePercent(totals: McdcTotals): number {
  return percent(totals.outcomesCovered + totals.outcomesJustified, totals.outcomes)
}

export function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole
}

/** Conditions first, in the order of the file. */
export function conditionGaps({ path, loaded, decisions }: McdcFile): readonly McdcGap[] {
  return decisions.flatMap((decision) =>
    decision.conditions.flatMap(({ text, line, column, covered, justified, constant, missing }) => {
      if (covered || justified !== undefined) return []
      const whole = decision.conditions.length === 1 ? '' : ` of '${short(decision.text)}'`
      const what = `'${short(text)}'${whole}`
      return [{ path, line, column, message: `${what} ${reason()}` }]

      function reason(): string {
        if (!loaded) return 'was not loaded'
        if (decision.unmeasured === 'boolean-operator')
          return 'joins Booleans without a short circuit, which is not measured: write it with &&, || and !'
        if (decision.unmeasured === 'too-large') return 'is in a decision with too many paths: split it'
        if (decision.unmeasured === 'not-found') return 'was not found in what was compiled'
        if (decision.evaluations === 0) return 'was never evaluated'
        if (constant) return 'has one value only'
        const values = missing.map(({ value }) => String(value)).join(' or ')
        const vector = decision.conditions.length === 1 ? undefined : missing[0]?.vectors[0]
        return `never decided as ${values}${vector === undefined ? '' : ` (needs ${vector})`}`
      }
    }),
  )
}

export function outcomeGaps({ path, loaded, valuePaths }: McdcFile): readonly McdcGap[] {
  return valuePaths.flatMap(({ line, column, text, outcomes, unmeasured }) =>
    outcomes.flatMap(({ name, count, justified }) =>
      count > 0 || justified !== undefined
        ? []
        : [
            {
              path,
              line,
              column,
              message: `'${short(text)}' never went '${short(name)}'${loaded ? '' : ' (not loaded)'}${unmeasured === undefined ? '' : ' (not found in what was compiled)'}`,
            },
          ],
    ),
  )
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 3)}...` : line
}
