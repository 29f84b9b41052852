// test/bench/print.ts: tables and figures as text.

import type { BenchResult, Figure, Table } from './bench.ts'

export function tableLines({ title, rows }: Table): string[] {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? numberText(cell) : cell)))
  const widths: number[] = []
  for (const row of texts) row.forEach((text, i) => void (widths[i] = Math.max(widths[i] ?? 0, text.length)))
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ')
  return [title, ...texts.map((row) => `  ${line(row).trimEnd()}`)]
}

export function summaryTable(results: readonly (readonly [bench: string, result: BenchResult])[]): Table {
  const rows = results.flatMap(([bench, { figures }]) =>
    figures.map((figure) => [
      `${bench}: ${figure.name}`,
      `${numberText(figure.value)} ${figure.unit}`,
      goalText(figure),
    ]),
  )
  return { title: 'Summary', rows: [['figure', 'value', 'goal'], ...rows] }
}

function goalText({ value, goal }: Figure): string {
  if (goal === undefined) return ''
  const isMet = goal.kind === 'at least' ? value >= goal.value : value <= goal.value
  return `${goal.kind} ${numberText(goal.value)}${isMet ? '' : ': missed'}`
}

/** Three digits that count. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}
