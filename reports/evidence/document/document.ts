// reports/evidence/document/document.ts: the report as blocks, so that the page and the print say the same.

import type { EvidenceInput } from '../inputs/index.ts'
import type { HealthTable } from '../bundle/index.ts'

export type Tone = 'plain' | 'good' | 'bad'
export type Block =
  | Readonly<{ kind: 'text'; text: string; tone?: Tone }>
  | Readonly<{ kind: 'heading'; text: string }>
  | Readonly<{ kind: 'list'; items: readonly string[] }>
  | Readonly<{ kind: 'code'; text: string }>
  | Readonly<{ kind: 'questions'; rows: readonly QuestionRow[] }>
  | Readonly<{ kind: 'table'; head: readonly string[]; rows: readonly (readonly string[])[] }>

/** A question, its short answer, and the chapter that has the whole. */
export type QuestionRow = Readonly<{ question: string; answer: string; chapter: string; title: string }>

/** `answers` are numbers of QUESTIONS. */
export type Chapter = Readonly<{ id: string; title: string; answers: readonly number[]; blocks: readonly Block[] }>
export type EvidenceDocument = Readonly<{
  title: string
  void: readonly string[]
  date: string
  chapters: readonly Chapter[]
}>

/** What a chapter is written from. */
export type Facts = Readonly<{
  input: EvidenceInput
  health: HealthTable
  void: readonly string[]
  /** Files of the bundle that are known when the report is written, with their hashes. */
  files: readonly Readonly<{ path: string; sha256: string; sizeBytes: number }>[]
}>

/** Rows that a table of the report shows; the whole list is in the file that is named below it. */
export const ROWS_MAX = 200

export const QUESTIONS: readonly string[] = [
  'Exactly which bits were tested, and are they the bits shipped? Did instrumented and plain runs agree?',
  'Show one requirement end to end, and then every requirement without a test and every test without a requirement.',
  'Which tests did not run, and why? Who approved that?',
  'Was coverage obtained from requirements-based tests, and what happened to each uncovered line, branch and condition?',
  'Which form of MC/DC, what counts as a decision, and how is it known that the tool measures it correctly?',
  'Which I/O and allocation sites were never failed, in which contexts, and what happened in each of the others?',
  'Which crash states does the fault model exclude, and why is that acceptable?',
  'How is it known that the harness can fail: which seeded defects did it catch, and which did it miss?',
  'What is still wrong (anomalies, versions, effect, work-around), and how does one learn of new ones?',
  'Run case N again, on another machine: the same result? Who signed this, in which role, and would one changed byte be noticed?',
]

export const text = (words: string, tone: Tone = 'plain'): Block => ({ kind: 'text', text: words, tone })
export const heading = (words: string): Block => ({ kind: 'heading', text: words })
export const code = (words: string): Block => ({ kind: 'code', text: words })
export const list = (items: readonly string[]): Block => ({ kind: 'list', items })

/** A table, or a sentence where it would be empty; cut at ROWS_MAX with a word about the rest. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
  whole = '',
): Block[] {
  if (rows.length === 0) return [text(none)]
  const shown: Block = { kind: 'table', head, rows: rows.slice(0, ROWS_MAX) }
  if (rows.length <= ROWS_MAX) return [shown]
  return [shown, text(`${rows.length - ROWS_MAX} more rows${whole === '' ? '' : ` are in ${whole}`}.`)]
}
