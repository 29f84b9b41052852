// test/reports/evidence/sample-input.ts: what a bundle is made of, for a made-up campaign.

import { gateAnswers, type EvidenceInput } from '../../../reports/index.ts'
import { sampleFolder } from '../sample-folder.ts'

export function sampleEvidence(over: Partial<EvidenceInput> = {}, runs = 40, scenario = 'core20'): EvidenceInput {
  const { directory, campaign } = sampleFolder({ scenario, runs, badEvery: 13 })
  return {
    project: { name: 'notes', version: '1.2.3', commit: 'c0ffee', changed: false, unknown: [] },
    host: {
      node: 'v20.20.2',
      nodeSha256: 'ab',
      v8: '11.3',
      execArguments: [],
      platform: 'linux x64',
      release: '6',
      cpu: 'some',
      cpus: 2,
    },
    powercut: '0.1.0',
    campaigns: [{ directory, campaign }],
    files: [],
    knownAnswers: gateAnswers(),
    planted: [
      {
        id: 'sync-left-out',
        kind: 'engine',
        scenario: 'core20',
        summary: 'no sync',
        verdict: 'caught',
        oracle: 'claim-audit',
        runs: 3,
      },
    ],
    sboms: { unknown: ['none was asked for'] },
    independence: false,
    startedAt: '2025-03-05T00:00:00.000Z',
    producedAt: '2025-03-05T00:01:00.000Z',
    ...over,
  }
}
