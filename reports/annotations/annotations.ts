// reports/annotations/annotations.ts: violations as lines that a CI system shows at the lines of the source.
//
// 1. What is expected is a warning, what is not an error. At most SHOWN_MAX lines: systems show no more (GitHub: ten of a
//    kind in a step); the last one says how many there are.
// 2. A line is one line, whatever names and messages hold: each system's own escapes are used, so that nothing of a
//    scenario can end the line or begin a command of its own.

import { verdictOf, type Campaign, type Failure, type SourcePosition, type Violation } from '../format/index.ts'
import {
  circumstances,
  expectedSentence,
  plural,
  primaryPosition,
  replayCommand,
  unexpectedFirst,
  verdictSentence,
} from '../text/index.ts'

/** Systems that read lines of the log. */
export const ANNOTATION_SYSTEMS = ['github', 'azure', 'teamcity'] as const
export type AnnotationSystem = (typeof ANNOTATION_SYSTEMS)[number]

export const SHOWN_MAX = 9

type Note = Readonly<{
  level: 'error' | 'warning'
  title: string
  text: string
  position: SourcePosition | undefined
}>
type Writer = (notes: readonly Note[]) => readonly string[]

/** The system whose environment this is; undefined for another one, or none. */
export function detectAnnotationSystem(
  environment: Readonly<Record<string, string | undefined>>,
): AnnotationSystem | undefined {
  if (environment['GITHUB_ACTIONS'] === 'true') return 'github'
  if (environment['TF_BUILD'] !== undefined) return 'azure'
  return environment['TEAMCITY_VERSION'] === undefined ? undefined : 'teamcity'
}

/** Lines without a newline, for the log of the job. */
export function annotationLines(campaign: Campaign, system: AnnotationSystem): readonly string[] {
  const rows = unexpectedFirst<Violation | Failure>([...campaign.violations, ...campaign.failures])
  const notes = rows.slice(0, SHOWN_MAX).map(noteOf)
  const verdict = verdictOf(campaign)
  const last: Note = {
    level: verdict === 'violations' ? 'error' : 'warning',
    title: 'Powercut',
    text: `${campaign.scenario}: ${verdictSentence(campaign)}. ${campaign.incomplete.slice(0, 3).join(' ')}`.trim(),
    position: undefined,
  }
  const isTold = verdict === 'passed' && notes.length === rows.length
  return WRITERS[system](isTold ? notes : [...notes, last])
}

function noteOf(row: Violation | Failure): Note {
  const known = expectedSentence(row)
  return {
    level: known === undefined ? 'error' : 'warning',
    title: `${row.oracle} (${row.scenario}, ${row.family})`,
    text: [
      row.message,
      `${circumstances(row)}, in ${plural(row.count, 'run')}`,
      ...(known === undefined ? [] : [known]),
      replayCommand(row.minimised?.token ?? row.token),
    ].join('\n'),
    position: primaryPosition(row),
  }
}

const WRITERS: Readonly<Record<AnnotationSystem, Writer>> = { github, azure, teamcity }

/** Workflow commands: `%`, line ends and, in properties, `:` and `,` are percent-encoded. */
function github(notes: readonly Note[]): readonly string[] {
  return notes.map(({ level, title, text, position }) => {
    const place =
      position === undefined
        ? []
        : [
            ['file', position.file],
            ['line', String(position.line)],
            ...(position.column === undefined ? [] : [['col', String(position.column)]]),
          ]
    const properties = [...place, ['title', title]].map(
      ([key, value]) => `${key}=${percent(value ?? '', /[%\r\n:,]/g)}`,
    )
    return `::${level} ${properties.join(',')}::${percent(text, /[%\r\n]/g)}`
  })
}

/** Logging commands: `%` is `%AZP25`, and in properties `;` and `]` are encoded too. */
function azure(notes: readonly Note[]): readonly string[] {
  return notes.map(({ level, title, text, position }) => {
    const place =
      position === undefined
        ? ''
        : `sourcepath=${azurePercent(position.file, /[\r\n;\]]/g)};linenumber=${position.line};` +
          (position.column === undefined ? '' : `columnnumber=${position.column};`)
    const said = azurePercent(`${title}: ${text}`, /[\r\n]/g)
    return `##vso[task.logissue type=${level};${place}code=${azurePercent(title.split(' ')[0] ?? '', /[\r\n;\]]/g)};]${said}`
  })
}

function azurePercent(text: string, what: RegExp): string {
  return text.replaceAll('%', '%AZP25').replaceAll(what, (character) => percent(character, /[\s\S]/g))
}

/** Service messages: inspections have a place; what has none is a build problem if it is an error. */
function teamcity(notes: readonly Note[]): readonly string[] {
  const types = new Map<string, string>()
  const lines = notes.map(({ level, title, text, position }) => {
    const type = title.split(' ')[0] ?? 'powercut'
    if (position === undefined)
      return level === 'error'
        ? `##teamcity[buildProblem description='${bar(`${title}: ${text}`.slice(0, 3900))}']`
        : `##teamcity[message text='${bar(`${title}: ${text}`)}' status='WARNING']`
    types.set(type, title)
    return (
      `##teamcity[inspection typeId='${bar(type)}' message='${bar(text)}' file='${bar(position.file)}' ` +
      `line='${position.line}' SEVERITY='${level.toUpperCase()}']`
    )
  })
  const declared = [...types.keys()].map(
    (type) =>
      `##teamcity[inspectionType id='${bar(type)}' name='${bar(type)}' description='${bar(`Powercut: ${type}`)}' category='Powercut']`,
  )
  return [...declared, ...lines]
}

function percent(text: string, what: RegExp): string {
  return text.replaceAll(
    what,
    (character) => `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** TeamCity's escapes, with a bar. */
function bar(text: string): string {
  return text
    .replaceAll(/['|[\]]/g, (character) => `|${character}`)
    .replaceAll('\n', '|n')
    .replaceAll('\r', '|r')
    .replaceAll(
      /[\u0085\u2028\u2029]/g,
      (character) => `|0x${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    )
}
