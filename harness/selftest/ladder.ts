// harness/selftest/ladder.ts: what a campaign with a planted defect came to: not reached, reached but not seen, or caught;
// or that it is none in that store, by the scenario's own word.
//
// 1. A mutant is caught only by an oracle that may be the one to see it; another complaint is told and is no catch.
// 2. A mutant that no campaign executed is `not-reached`, one that was executed without a complaint is `not-seen`. A
//    complaint about a mutant that was never executed is about something else: that is no catch, and is told.

import type { Campaign } from '../../reports/index.ts'
import { runCampaign, type CampaignHost, type CampaignOptions, type CampaignView } from '../campaign/index.ts'

export const VERDICTS = ['not-applicable', 'not-reached', 'not-seen', 'caught'] as const
export type Verdict = (typeof VERDICTS)[number]

export type MutantRow = Readonly<{
  id: string
  kind: 'engine' | 'harness' | 'kit'
  scenario: string
  summary: string
  verdict: Verdict
  oracle?: string
  /** Runs until it was caught, or all of them. */
  runs: number
  /** How often the planted place was executed, counted there. */
  activations: number
  message?: string
}>

export type CleanRow = Readonly<{ scenario: string; runs: number; violations: number; message?: string }>

export const SILENT: CampaignView = { line: () => {}, progress: () => {}, done: () => {} }

/** The campaign of a planted defect, and its place on the ladder. `oracles`: those that may complain; empty for any. */
export async function plantedRow(
  head: Pick<MutantRow, 'id' | 'kind' | 'scenario' | 'summary'>,
  options: CampaignOptions,
  oracles: readonly string[],
  host: CampaignHost,
): Promise<MutantRow> {
  try {
    const { campaign, activations } = await runCampaign(options, host, SILENT, false)
    const counts = { runs: runsOf(campaign), activations }
    const complaints = [
      ...campaign.violations,
      ...campaign.failures.filter((row) => row.outcome === 'scenario-failure'),
    ]
    const right = complaints.find(({ oracle }) => oracles.length === 0 || oracles.includes(oracle))
    const [other] = complaints
    if (activations > 0 && right !== undefined) {
      return { ...head, verdict: 'caught', oracle: right.oracle, ...counts, message: right.message }
    }
    const message =
      other === undefined
        ? campaign.incomplete.join(' ')
        : activations === 0
          ? `never executed, and yet there is a complaint, which is about something else: ${other.oracle} (${other.message})`
          : `complained: ${other.oracle} (${other.message}); expected: ${oracles.join(', ')}`
    const verdict = activations === 0 ? 'not-reached' : 'not-seen'
    return { ...head, verdict, ...counts, ...(message === '' ? {} : { message }) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ...head, verdict: 'not-reached', runs: 0, activations: 0, message }
  }
}

/** The same campaign without a defect. One without a run would be silent for the wrong reason, and counts as a complaint. */
export async function cleanRowOf(scenario: string, options: CampaignOptions, host: CampaignHost): Promise<CleanRow> {
  const { campaign } = await runCampaign(options, host, SILENT, false)
  const complaints = [...campaign.violations, ...campaign.failures]
  const violations = complaints.reduce((sum, { count }) => sum + count, 0)
  const runs = runsOf(campaign)
  const [first] = complaints
  if (first !== undefined) return { scenario, runs, violations, message: `${first.oracle}: ${first.message}` }
  if (runs === 0) return { scenario, runs, violations: 1, message: campaign.incomplete.join(' ') || 'nothing was run' }
  return { scenario, runs, violations }
}

function runsOf(campaign: Campaign): number {
  return Object.values(campaign.families).reduce((sum, { run }) => sum + run, 0)
}
