// test/reports/sample-evidence.ts: what a replay of a violation may have seen, with a sector in each state of a crash.

import type { Violation } from '../../reports/index.ts'

export const sampleEvidence: NonNullable<Violation['evidence']> = {
  stack: [
    { function: 'commit', file: 'engine/commit.ts', line: 41, column: 7, text: 'file.append(bytes)' },
    { function: 'run', file: 'bank.scenario.ts', line: 12 },
  ],
  events: [
    { index: 7, kind: 'append', phase: 'step 3', detail: "append of 'p1' at 512, 2048 bytes [1] → 2048" },
    { index: 8, kind: 'sync', phase: 'step 3', detail: "sync of 'p1' [1] → done", role: 'fault' },
    {
      index: 9,
      kind: 'read',
      phase: 'recovery: open',
      detail: "read of 'p1' → EIO",
      failed: true,
      site: 'open (pack)',
    },
  ],
  eventsTotal: 120,
  compared: { expected: '[3].balance: 100', found: '[3].balance: 70' },
  disk: {
    sectorBytes: 512,
    filesLeftOut: 2,
    files: [
      {
        path: '/world/p1',
        name: 'durable',
        sizeBytes: 23_040,
        durableSizeBytes: 20_480,
        foundSizeBytes: 22_528,
        sectors: [
          { state: 'durable', count: 40 },
          { state: 'kept', count: 2 },
          { state: 'torn', count: 1 },
          { state: 'lost', count: 2 },
        ],
        sectorsLeftOut: 0,
      },
      { path: '/world/p2', name: 'lost', sizeBytes: 0, durableSizeBytes: 0, sectors: [], sectorsLeftOut: 0 },
    ],
  },
}
