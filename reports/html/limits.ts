// reports/html/limits.ts: how much of a campaign one page holds, so that a hundred thousand defects open as fast as one.
//
// 1. What is left out is counted on the page, with the file that has it.
// 2. Texts are cut where one alone could fill the page: a scenario's names and messages are as long as it makes them.

/** Violations with everything that is known of them. */
export const CARDS_MAX = 100
/** Bytes of HTML for what a replay saw; violations behind that have their message and their command. */
export const EVIDENCE_BYTES_MAX = 1_500_000
/** Violations behind the cards, a line each. */
export const LINES_MAX = 1000
/** The same of runs without a verdict. */
export const FAILURE_CARDS_MAX = 20
export const FAILURE_LINES_MAX = 100
/** Rows of call sites, over all families. */
export const SITES_MAX = 400
/** Columns of all time lines together. */
export const BUCKETS_MAX = 6000
/** Requirements with what verifies them. */
export const REQUIREMENTS_MAX = 1000
/** Rows of any other list. */
export const ROWS_MAX = 300

export const MESSAGE_MAX = 4000
export const NAME_MAX = 300

/** The text, or as much of it as a page has room for. */
export function cut(text: string, most = NAME_MAX): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
