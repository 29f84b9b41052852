// reports/summary/console-summary.ts: how a campaign ended, for a terminal and for a CI log.
//
// The verdict comes last: what is at the end of a log is what is seen.

import pc from 'picocolors'
import { verdictOf, type Campaign, type Violation } from '../format/index.ts'
import {
  crashStateSentence,
  expectationNotes,
  expectedSentence,
  unexpectedFirst,
  formatBytes,
  formatCount,
  formatDuration,
  mergedSentences,
  minimisedSentence,
  modelRows,
  notCovered,
  notMinimised,
  plural,
  replayCommands,
  scenarioPrefix,
  retrySentence,
  scenarioRows,
  verdictSentence,
} from '../text/index.ts'

export type ConsoleSummaryOptions = Readonly<{
  /** ANSI colours. */
  colors: boolean
  /** Where the results are, as the reader would type it. */
  directory?: string
  /** Most violations that are listed (default 10); the others are counted. */
  violationsMax?: number
}>

/** Lines with a newline after each. */
export function consoleSummary(campaign: Campaign, options: ConsoleSummaryOptions): string {
  const color = pc.createColors(options.colors)
  const { bytesRead, boundBytes } = campaign.recovery
  const max = options.violationsMax ?? 10
  const milestones = Object.entries(campaign.milestones)
  const retries = Object.entries(campaign.retries)
  const complaints = unexpectedFirst([...campaign.violations, ...campaign.failures])
  const missing = notCovered(campaign)
  const notes = expectationNotes(campaign)
  const crashStates = crashStateSentence(campaign)
  const perScenario = scenarioRows(campaign)
  const lines = [
    `${color.bold(campaign.scenario)}  seed ${campaign.seed}, ${campaign.model}, ${campaign.sectorBytes}-byte sectors`,
    `${plural(campaign.points.allocations, 'allocation')}, ${plural(campaign.points.fileSystemCalls, 'file-system call')}, ${plural(campaign.points.syncs, 'sync')}`,
    '',
    ...table(familyRows(campaign)),
    ...(perScenario.length === 0 ? [] : ['', ...table(perScenario, 2)]),
    ...(campaign.models === undefined
      ? []
      : ['', 'violations of crash states, by persistence model:', ...table(modelRows(campaign))]),
    '',
    ...(crashStates === undefined ? [] : [crashStates]),
    ...mergedSentences(campaign),
    ...retries.map(([family, counts]) => `after a fault of ${family}: ${retrySentence(counts)}`),
    ...(bytesRead.count === 0
      ? []
      : [
          `recovery read ${formatBytes(bytesRead.median)} in the median, ${formatBytes(bytesRead.maximum)} at most${boundBytes === undefined ? '' : ` (bound ${formatBytes(boundBytes)})`}`,
        ]),
    ...(milestones.length === 0 ? [] : [`milestones: ${milestones.map(milestoneText).join(', ')}`]),
    ...complaints
      .slice(0, max)
      .flatMap((row) => [
        '',
        `${color.red(row.oracle)}  ${scenarioPrefix(campaign, row)}${row.family}, ${plural(row.count, 'run')}  ${color.dim(row.fingerprint)}`,
        ...indent(row.message),
        ...indent([row.phase, row.fault, row.site ?? ''].filter((part) => part !== '').join(', ')),
        ...indent(expectedSentence(row) ?? ''),
        ...minimisedLines(campaign, row),
        ...replayCommands(row).map((command) => `  ${color.cyan(command)}`),
      ]),
    ...(complaints.length > max ? ['', `and ${formatCount(complaints.length - max)} more`] : []),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...(missing.length === 0 ? [] : ['', 'Not covered:', ...missing.flatMap(indent)]),
    '',
    ...(options.directory === undefined ? [] : [`results in ${options.directory}`]),
    `${verdictMark(campaign, color)} (${formatDuration(campaign.durationMs)}, ${formatCount(campaign.cost.runsPerSecond)} runs/s)`,
  ]
  return `${lines.join('\n')}\n`
}

function minimisedLines(campaign: Campaign, row: Violation): string[] {
  if (row.minimised !== undefined) return indent(minimisedSentence(row.minimised))
  return indent(notMinimised(campaign, row) ?? '')
}

function verdictMark(campaign: Campaign, color: ReturnType<typeof pc.createColors>): string {
  const sentence = verdictSentence(campaign)
  switch (verdictOf(campaign)) {
    case 'violations':
      return color.bold(color.red(sentence))
    case 'incomplete':
      return color.bold(color.yellow(sentence))
    case 'passed':
      return color.bold(color.green(sentence))
  }
}

function familyRows(campaign: Campaign): string[][] {
  const head = ['family', 'planned', 'run', 'merged', 'skipped', 'delivered', 'violations', 'every point']
  const rows = Object.entries(campaign.families).map(([name, row]) => [
    name,
    ...[row.planned, row.run, row.merged, row.skipped, row.delivered, row.violations].map((count) =>
      formatCount(count),
    ),
    row.exhaustive ? 'yes' : 'no',
  ])
  return [head, ...rows]
}

/** The first columns left, the others right. */
function table(rows: readonly (readonly string[])[], left = 1): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

function indent(text: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => `  ${line}`)
}

function milestoneText([name, { count, wanted }]: readonly [string, Campaign['milestones'][string]]): string {
  return `${name} ${formatCount(count)}${wanted === 0 ? '' : ` of ${formatCount(wanted)} wanted`}`
}
