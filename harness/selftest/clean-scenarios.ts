// harness/selftest/clean-scenarios.ts: the built-in scenarios as the clean engine is shown with them: small enough to be
// run whole at every selftest, large enough for the borders (markers, roll-overs, levels) that their defects live at.

import type { ParameterValue } from '../../scenarios/index.ts'

export const CLEAN_SCENARIOS: readonly Readonly<{
  scenario: string
  parameters: Readonly<Record<string, ParameterValue>>
}>[] = [
  { scenario: 'core20', parameters: { iterations: 12 } },
  { scenario: 'bank', parameters: { transfers: 12, accounts: 8 } },
  { scenario: 'rows', parameters: { rows: 6 } },
  { scenario: 'lazy-log', parameters: { entries: 16 } },
  { scenario: 'atomic-file', parameters: {} },
]
