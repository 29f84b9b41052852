export { salvage } from './scenario.ts'
export { SAMPLE_KINDS, SAMPLE_NAME, sampleOf, type Sample, type SampleKind } from './sample.ts'
