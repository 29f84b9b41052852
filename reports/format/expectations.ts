// reports/format/expectations.ts: known open anomalies, laid over what a campaign found.
//
// 1. An expected violation is told like any other; it only fails nothing. One that is expected too long fails again.
// 2. That one no longer occurs is only said by a campaign that would have met it: complete, whole, of its scenario and
//    family.

import { z } from 'zod'
import { expectationSchema, type Campaign, type ExpectedAnomaly, type Failure, type Violation } from './campaign.ts'

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const words = (what: string) => z.string().refine((text) => text.trim() !== '', { error: `takes ${what}` })

const entrySchema = z.strictObject({
  fingerprint: words("a violation's fingerprint"),
  reason: words('why it is open'),
  owner: words('who answers for it'),
  expires: z.string().regex(DAY, { error: 'takes a day, YYYY-MM-DD' }).optional(),
  scenario: words("a scenario's name, as reports have it").optional(),
  family: words('a fault family').optional(),
})

/** The file of `--expect`. Unknown keys are refused: a misspelt `expires` would never expire. */
export const expectationsSchema = z.strictObject({
  formatVersion: z.literal(1),
  anomalies: z.array(entrySchema),
})

export type ExpectationEntry = Readonly<z.infer<typeof entrySchema>>

/** The campaign with `expected` in its known violations, and what became of each entry. */
export function applyExpectations(campaign: Campaign, entries: readonly ExpectationEntry[]): Campaign {
  const day = campaign.endedAt.slice(0, 10)
  const known = new Map(entries.map((entry) => [entry.fingerprint, entry]))
  const isOver = ({ expires }: ExpectationEntry) => expires !== undefined && expires < day
  const found = new Set<string>()
  const laid = <Row extends Violation | Failure>(row: Row): Row => {
    const { expected: _, ...plain } = row
    const entry = known.get(row.fingerprint)
    if (entry === undefined || (entry.scenario !== undefined && entry.scenario !== row.scenario)) return plain as Row
    found.add(row.fingerprint)
    return isOver(entry) ? (plain as Row) : { ...row, expected: reasonOf(entry) }
  }
  const violations = campaign.violations.map(laid)
  const failures = campaign.failures.map((row) => (row.outcome === 'scenario-failure' ? laid(row) : row))
  const state = (entry: ExpectationEntry): ExpectedAnomaly['state'] => {
    if (found.has(entry.fingerprint)) return isOver(entry) ? 'expired' : 'found'
    return wouldHaveMet(campaign, entry) ? 'not-found' : 'not-asked'
  }
  const expectations = entries.map((entry) => ({
    fingerprint: entry.fingerprint,
    ...reasonOf(entry),
    ...(entry.scenario === undefined ? {} : { scenario: entry.scenario }),
    state: state(entry),
  }))
  return { ...campaign, violations, failures, expectations }
}

function reasonOf({ reason, owner, expires }: ExpectationEntry): z.infer<typeof expectationSchema> {
  return { reason, owner, ...(expires === undefined ? {} : { expires }) }
}

function wouldHaveMet({ complete, selection, scenarios }: Campaign, { scenario, family }: ExpectationEntry): boolean {
  const whole = selection.points === undefined && selection.shard === undefined && selection.rerunOf === undefined
  const asked = scenario === undefined || scenarios.some(({ name }) => name === scenario)
  return complete && whole && asked && (family === undefined || selection.families.includes(family))
}
