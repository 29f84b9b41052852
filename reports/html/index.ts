export { Html, html, raw } from './html.ts'
export { htmlReport } from './report.ts'
export type { ShownRecords } from './sections/index.ts'
export type { Measured } from './measured.ts'
