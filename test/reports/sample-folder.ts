// test/reports/sample-folder.ts: a result folder with a made-up campaign in it.

import {
  CampaignTotals,
  RecordWriter,
  writeCampaign,
  type Campaign,
  type ScenarioInput,
  type UnitInput,
} from '../../reports/index.ts'
import { sampleInput, sampleRecord, type SampleOptions } from './sample-campaign.ts'
import { temporaryFolder } from './temporary-folder.ts'

const unit: UnitInput = {
  scenario: 'core20',
  family: 'crash',
  merged: 0,
  skipped: 0,
  interval: {
    possible: 4096,
    generated: 90,
    distinct: 42,
    run: 40,
    mergedByImage: 48,
    mergedByReadSet: 2,
    exhausted: true,
  },
  recoveryMs: 21,
  checkMs: 8,
}

export function sampleTotals(options: SampleOptions): CampaignTotals {
  const totals = new CampaignTotals()
  for (let order = 0; order < options.runs; order += 1) totals.add(sampleRecord(order, options))
  totals.addUnit({ ...unit, scenario: options.scenario })
  return totals
}

/** The folder, and the campaign that was written into it. */
export function sampleFolder(
  options: SampleOptions,
  over: Partial<ScenarioInput> = {},
): Readonly<{ directory: string; campaign: Campaign }> {
  const directory = temporaryFolder()
  using writer = RecordWriter.create(directory)
  for (let order = 0; order < options.runs; order += 1) writer.append(sampleRecord(order, options))
  const campaign = sampleTotals(options).result(sampleInput(options, over))
  writeCampaign(directory, campaign)
  return { directory, campaign }
}
