// reports/sarif/sarif-log.ts: results.sarif, for code scanning: one result for each fingerprint, at the line where it began.
//
// 1. Places come from the campaign's evidence: a line that no replay has shown is not named. Without one, a result stands
//    at its scenario's module, where that is known.
// 2. A known open anomaly is a result with a suppression and its reason: told, never left out.
// 3. Runs without a verdict on the store, and what speaks against completeness, are notifications: nothing is wrong with a
//    line of code there.
// 4. RESULTS_MAX results are told, unexpected ones first; the others are counted in a notification.

import {
  verdictOf,
  type Campaign,
  type EvidenceEvent,
  type Failure,
  type SourcePosition,
  type Violation,
} from '../format/index.ts'
import { circumstances, notCovered, plural, primaryPosition, replayCommand } from '../text/index.ts'
import { rulesOf } from './rules.ts'
import {
  SARIF_SCHEMA,
  SARIF_VERSION,
  type SarifLocation,
  type SarifLog,
  type SarifNotification,
  type SarifResult,
  type SarifThreadFlowLocation,
} from './sarif-format.ts'

/** Code scanning services show a few thousand; a report that nobody can load says nothing. */
export const RESULTS_MAX = 1000
const SOURCE_ROOT = 'SRCROOT'
/** Bump the number when the fingerprint's recipe changes: results before and after are then no longer taken for one. */
const FINGERPRINT_NAME = 'powercut/v1'

export function sarifLog(campaign: Campaign): SarifLog {
  const rules = rulesOf(campaign)
  const indices = new Map(rules.map(({ id }, index) => [id, index]))
  const rows = [...campaign.violations, ...campaign.failures.filter(({ outcome }) => outcome === 'scenario-failure')]
  const ordered = [...rows.filter(isOpen), ...rows.filter((row) => !isOpen(row))]
  const sources = new Map(
    campaign.scenarios.flatMap(({ name, source }) => (source === undefined ? [] : [[name, source]])),
  )
  const results = ordered
    .slice(0, RESULTS_MAX)
    .map((row) => resultOf(row, indices.get(row.oracle) ?? 0, sources.get(row.scenario)))
  return {
    $schema: SARIF_SCHEMA,
    version: SARIF_VERSION,
    runs: [
      {
        tool: { driver: { name: 'powercut', version: campaign.tool.powercut, rules } },
        automationDetails: { id: `powercut/${campaign.scenario}/${campaign.model}/` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [SOURCE_ROOT]: { description: { text: 'The working directory of the campaign' } } },
        invocations: [
          {
            commandLine: campaign.commandLine,
            ...timesOf(campaign),
            executionSuccessful: campaign.complete || verdictOf(campaign) === 'violations',
            toolExecutionNotifications: notificationsOf(campaign, ordered.length),
          },
        ],
        results,
        properties: { seed: campaign.seed, traceHash: campaign.traceHash, complete: campaign.complete },
      },
    ],
  }
}

/** The document, with a newline at its end. */
export function sarifText(campaign: Campaign): string {
  return `${JSON.stringify(sarifLog(campaign), undefined, 2)}\n`
}

function isOpen({ expected }: Violation): boolean {
  return expected === undefined
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/

/** Times that are no times are left out: a wrong clock makes no report invalid. */
function timesOf({ startedAt, endedAt }: Campaign): Readonly<{ startTimeUtc?: string; endTimeUtc?: string }> {
  return {
    ...(TIME.test(startedAt) ? { startTimeUtc: startedAt } : {}),
    ...(TIME.test(endedAt) ? { endTimeUtc: endedAt } : {}),
  }
}

function notificationsOf(campaign: Campaign, resultCount: number): readonly SarifNotification[] {
  const noVerdict = campaign.failures.filter(({ outcome }) => outcome !== 'scenario-failure')
  return [
    ...(resultCount > RESULTS_MAX
      ? [
          {
            level: 'warning' as const,
            message: { text: `${plural(resultCount - RESULTS_MAX, 'more result')} left out.` },
          },
        ]
      : []),
    ...noVerdict.slice(0, RESULTS_MAX).map((row) => ({
      level: 'error' as const,
      message: { text: `${titleOf(row)} (${plural(row.count, 'run')}) ${replayCommand(row.token)}` },
    })),
    ...notCovered(campaign).map((text) => ({ level: 'warning' as const, message: { text } })),
    ...(campaign.expectations ?? [])
      .filter(({ state }) => state === 'not-found' || state === 'expired')
      .map(({ fingerprint, state, owner }) => ({
        level: 'warning' as const,
        message: {
          text: `The known anomaly ${fingerprint} (${owner}) ${state === 'expired' ? 'was to be mended by now' : 'no longer occurs: take it off the list'}.`,
        },
      })),
  ]
}

function resultOf(row: Violation | Failure, ruleIndex: number, source: string | undefined): SarifResult {
  const { evidence, expected } = row
  const place = primaryPosition(row)
  const logical = {
    logicalLocations: [
      { fullyQualifiedName: `${row.scenario}/${row.phase === '' ? 'no step' : row.phase}`, kind: 'function' },
    ],
  }
  const location: SarifLocation =
    place === undefined
      ? { ...(source === undefined ? {} : { physicalLocation: artifact(source) }), ...logical }
      : { ...locationOf(place), ...logical }
  const related = evidence?.cause === undefined ? [] : relatedOf(evidence.stack, place)
  return {
    ruleId: row.oracle,
    ruleIndex,
    kind: 'fail',
    level: 'error',
    message: messageOf(row),
    locations: [location],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    partialFingerprints: { [FINGERPRINT_NAME]: row.fingerprint },
    occurrenceCount: Math.max(1, row.count),
    ...(evidence === undefined || evidence.stack.length === 0 ? {} : { stacks: stacksOf(evidence) }),
    ...(evidence === undefined || evidence.events.length === 0 ? {} : { codeFlows: flowsOf(evidence.events) }),
    suppressions:
      expected === undefined
        ? []
        : [
            {
              kind: 'external',
              status: 'accepted',
              justification: expected.reason,
              properties: {
                owner: expected.owner,
                ...(expected.expires === undefined ? {} : { expires: expected.expires }),
              },
            },
          ],
    properties: {
      scenario: row.scenario,
      family: row.family,
      phase: row.phase,
      fault: row.fault,
      token: row.token,
      ...(row.site === undefined ? {} : { site: row.site }),
      ...(row.minimised === undefined ? {} : { minimisedToken: row.minimised.token }),
    },
  }
}

function titleOf({ oracle, message }: Violation): string {
  return `${oracle}: ${message}`
}

function messageOf(row: Violation | Failure): SarifResult['message'] {
  const lines = [
    titleOf(row),
    [circumstances(row), `in ${plural(row.count, 'run')}`].filter((part) => part !== '').join(', '),
    replayCommand(row.minimised?.token ?? row.token),
  ]
  // Square brackets are links in a SARIF message; a backslash takes that from them.
  return { text: lines.join('\n').replaceAll(/[\\[\]]/g, (character) => `\\${character}`) }
}

function artifact(uri: string): NonNullable<SarifLocation['physicalLocation']> {
  return { artifactLocation: { uri: encodeURI(uri).replaceAll(/[?#]/g, encodeURIComponent), uriBaseId: SOURCE_ROOT } }
}

function locationOf({ file, line, column, text }: SourcePosition, message?: string): SarifLocation {
  return {
    ...(message === undefined ? {} : { message: { text: message } }),
    physicalLocation: {
      ...artifact(file),
      region: {
        startLine: Math.max(1, line),
        ...(column === undefined || column < 1 ? {} : { startColumn: column }),
        ...(text === undefined ? {} : { snippet: { text } }),
      },
    },
  }
}

/** Where the fault was, if the result stands where what it names began. */
function relatedOf(stack: readonly SourcePosition[], place: SourcePosition | undefined): readonly SarifLocation[] {
  const [first] = stack
  if (first === undefined || first === place) return []
  return [{ id: 1, ...locationOf(first, 'The fault was put here') }]
}

function stacksOf({ stack, cause = [] }: NonNullable<Violation['evidence']>): NonNullable<SarifResult['stacks']> {
  return [
    { message: { text: 'The call at the fault' }, frames: framesOf(stack) },
    ...(cause.length === 0
      ? []
      : [{ message: { text: 'The call that the complaint names' }, frames: framesOf(cause) }]),
  ]
}

function framesOf(positions: readonly SourcePosition[]): readonly Readonly<{ location: SarifLocation }>[] {
  return positions.map((position) => ({ location: locationOf(position, position.function) }))
}

function flowsOf(events: readonly EvidenceEvent[]): NonNullable<SarifResult['codeFlows']> {
  const locations = events.map((event): SarifThreadFlowLocation => {
    const { index, phase, detail, kind, role, failed, position } = event
    const text = `${phase}: ${kind === 'phase' ? 'begins' : detail}`
    return {
      executionOrder: index,
      importance: role === undefined && failed !== true ? 'unimportant' : 'essential',
      ...(role === undefined ? {} : { kinds: [role] }),
      location: position === undefined ? { message: { text } } : locationOf(position, text),
    }
  })
  return [{ message: { text: 'Events around the fault, in the order of the run' }, threadFlows: [{ locations }] }]
}
