// A scenario with `accepts` says itself which stores are right after a crash. What its next step must lead to is then told by
// what the store holds, and not by the model of a step that was under way and left nothing.

import { expect, it } from 'vitest'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { scenario, step, times } from '../../../scenarios/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

const names = scenario<string, readonly string[]>({
  name: 'names',
  summary: 'files that may be forgotten',
  parameters: {},
  usesNodeFs: true,
  open: ({ directory }) => directory,
  steps: () =>
    times(2, (i) =>
      step(`name ${i}`, {
        run: (directory) => {
          readdirSync(directory)
          closeSync(openSync(`${directory}/${i}`, 'w'))
        },
        model: (all) => [...all, String(i)],
        durability: 'ordered',
      }),
    ),
  initial: () => [],
  read: (directory) => readdirSync(directory),
  accepts: (found, models) => found.every((each) => models.at(-1)?.includes(each) === true),
  close: () => {},
})

it(
  'goes on from what an accepted store holds, after a kill in a step that had changed nothing yet',
  { tags: ['ORA-06'] },
  async () => {
    const subject = { scenario: 'names', parameters: {}, seed: 1, model: 'process-kill', sectorBytes: 512 as const }
    const { oracles, records } = await runCampaign(names, { subject, families: ['crash'] })
    expect(oracles).toEqual([])
    expect(records.length).toBeGreaterThan(2)
  },
)
