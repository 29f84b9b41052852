// reports/summary/markdown-summary.ts: summary.md, for the page that a CI server shows of a job.

import { verdictOf, type Campaign, type Failure, type Violation } from '../format/index.ts'
import {
  crashStateSentence,
  expectationNotes,
  expectedSentence,
  positionText,
  primaryPosition,
  unexpectedFirst,
  familyLabel,
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

/** Characters of a message that are shown. */
const MESSAGE_MAX = 2000
/** Complaints that are listed; the others are counted. */
const COMPLAINTS_MAX = 50

/** GitHub-flavoured Markdown. */
export function markdownSummary(campaign: Campaign): string {
  const mark = { violations: '❌', incomplete: '⚠️', passed: '✅' }[verdictOf(campaign)]
  const crashStates = crashStateSentence(campaign)
  const parts = [
    `# Powercut: ${plain(campaign.scenario)}`,
    `${mark} **${verdictSentence(campaign)}** (${formatDuration(campaign.durationMs)}).`,
    `Seed ${campaign.seed}, persistence model ${plain(campaign.model)}, ${campaign.sectorBytes}-byte sectors, trace ${code(campaign.traceHash)}. ` +
      `${plural(campaign.points.allocations, 'allocation')}, ${plural(campaign.points.fileSystemCalls, 'file-system call')}, ${plural(campaign.points.syncs, 'sync')}.`,
    familyTable(campaign),
    ...(crashStates === undefined ? [] : [`${crashStates}.`]),
    ...mergedSentences(campaign).map((sentence) => `${sentence}.`),
    ...scenarioParts(campaign),
    ...modelParts(campaign),
    ...complaintParts(campaign, 'Violations', campaign.violations),
    ...complaintParts(campaign, 'Runs without a verdict', campaign.failures),
    ...milestoneParts(campaign),
    ...costParts(campaign),
    ...listParts('Known anomalies', expectationNotes(campaign)),
    ...listParts('Not covered', notCovered(campaign)),
    `${code(campaign.commandLine)}, powercut ${plain(campaign.tool.powercut)}, Node ${plain(campaign.tool.node)}, ${plain(campaign.tool.platform)}`,
  ]
  return `${parts.join('\n\n')}\n`
}

function familyTable({ families }: Campaign): string {
  return table(
    ['Family', 'planned', 'run', 'merged', 'skipped', 'delivered', 'violations', 'every point'],
    Object.entries(families).map(([name, row]) => [
      familyLabel(name),
      ...[row.planned, row.run, row.merged, row.skipped, row.delivered, row.violations].map((value) =>
        formatCount(value),
      ),
      row.exhaustive ? 'yes' : 'no',
    ]),
  )
}

function scenarioParts(campaign: Campaign): string[] {
  const [head, ...rows] = scenarioRows(campaign)
  return head === undefined
    ? []
    : [
        table(
          head,
          rows.map((row) => row.map(plain)),
        ),
      ]
}

function modelParts(campaign: Campaign): string[] {
  const [head, ...rows] = modelRows(campaign)
  if (head === undefined) return []
  return ['## Violations of crash states, by persistence model', table(head.map(plain), rows)]
}

function complaintParts(campaign: Campaign, title: string, rows: readonly (Violation | Failure)[]): string[] {
  if (rows.length === 0) return []
  const more = rows.length - COMPLAINTS_MAX
  return [
    `## ${title}`,
    ...unexpectedFirst(rows)
      .slice(0, COMPLAINTS_MAX)
      .map((row) =>
        [
          `### ${plain(row.oracle)}`,
          fenced(shortened(row.message)),
          [
            `${plain(scenarioPrefix(campaign, row))}${familyLabel(row.family)}, ${plural(row.count, 'run')}`,
            plain([row.phase, row.fault, row.site ?? ''].filter((part) => part !== '').join(', ')),
            `fingerprint ${code(row.fingerprint)}`,
          ].join(' · '),
          ...lineParts(row),
          ...minimisedParts(campaign, row),
          fenced(replayCommands(row).join('\n')),
        ].join('\n\n'),
      ),
    ...(more > 0 ? [`And ${formatCount(more)} more.`] : []),
  ]
}

/** The line of the source, and that it is known. */
function lineParts(row: Violation): string[] {
  const place = primaryPosition(row)
  const line =
    place === undefined
      ? []
      : [`at ${code(positionText(place))}${place.text === undefined ? '' : `: ${code(place.text)}`}`]
  const known = expectedSentence(row)
  return [...line, ...(known === undefined ? [] : [plain(known)])]
}

/** A page of a CI server has a limit, and the message is in the other reports, too. */
function shortened(text: string): string {
  return text.length <= MESSAGE_MAX ? text : `${text.slice(0, MESSAGE_MAX)}…`
}

function minimisedParts(campaign: Campaign, row: Violation): string[] {
  const text = row.minimised === undefined ? notMinimised(campaign, row) : minimisedSentence(row.minimised)
  return text === undefined ? [] : [plain(text)]
}

function milestoneParts({ milestones }: Campaign): string[] {
  const rows = Object.entries(milestones).map(([name, { count, wanted }]) => [
    plain(name),
    formatCount(count),
    wanted === 0 ? 'any' : formatCount(wanted),
  ])
  return rows.length === 0 ? [] : ['## Milestones', table(['Milestone', 'met', 'wanted'], rows)]
}

function costParts({ recovery, cost, retries }: Campaign): string[] {
  const { bytesRead, boundBytes } = recovery
  const read =
    bytesRead.count === 0
      ? []
      : [
          `Recovery read ${formatBytes(bytesRead.median)} in the median and ${formatBytes(bytesRead.maximum)} at most` +
            (boundBytes === undefined ? '.' : `; the bound is ${formatBytes(boundBytes)}.`),
        ]
  return listParts('Recovery and cost', [
    ...read,
    `${formatDuration(cost.recoveryMs)} in recovery, ${formatDuration(cost.checkMs)} in the model check, over all workers; ${formatCount(cost.runsPerSecond)} runs a second.`,
    ...Object.entries(retries).map(([family, counts]) => `${familyLabel(family)} faults: ${retrySentence(counts)}.`),
  ])
}

function listParts(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, items.map((item) => `- ${plain(item)}`).join('\n')]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Text in which Markdown and HTML see nothing of their own. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~]/g, (character) => `\\${character}`)
}

/** Inline code, whatever back-ticks the text holds. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  const ticks = '`'.repeat(1 + longestRun(line))
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${ticks}${pad}${line}${pad}${ticks}`
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, 1 + longestRun(text)))
  return `${fence}\n${text}\n${fence}`
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}
