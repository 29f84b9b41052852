// harness/vitest: the front for vitest, exported as `powercut/vitest`.
export { campaign, type CampaignTestOptions } from './campaign-suite.ts'
export { sweep, type SweepTestOptions } from './sweep-suite.ts'
export { PowercutFailure } from './failure.ts'
export type { World } from '../../scenarios/index.ts'
