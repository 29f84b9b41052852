export { htmlReport } from './report.ts'
export type { ShownRecords } from './sections/index.ts'
