// reports/requirements/csv.ts: rows as RFC 4180 has them, safe to open in a spreadsheet.
//
// 1. A cell that a spreadsheet would take for a formula begins with an apostrophe: names come from whoever wrote the tests.

const FORMULA = /^[=+\-@\t\r]/

export type Cell = string | number | undefined

/** The rows with CRLF at the end of each. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('')
}

function cellText(cell: Cell): string {
  const raw = cell === undefined ? '' : String(cell)
  const text = typeof cell === 'string' && FORMULA.test(raw) ? `'${raw}` : raw
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
