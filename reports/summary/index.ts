export { consoleSummary, type ConsoleSummaryOptions } from './console-summary.ts'
export { markdownSummary } from './markdown-summary.ts'
