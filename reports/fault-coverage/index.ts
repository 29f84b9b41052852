export { FaultCoverageGatherer, openSites, type ListedSite, type MetPoint, type Reason } from './gather.ts'
export { faultCoverageCsv, faultCoverageText } from './tables.ts'
