export {
  compareCampaigns,
  POINTS_NAMED_MAX,
  type ComparedCampaign,
  type ComparedPoint,
  type Comparison,
  type PointList,
} from './compare-campaigns.ts'
export { lcovLosses, mutantLosses, sweepLosses, type CoverageTotals, type SelftestResult } from './losses.ts'
export { comparisonText } from './comparison-text.ts'
