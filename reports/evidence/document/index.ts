import { healthOf, voidReasons } from '../bundle/index.ts'
import type { EvidenceInput } from '../inputs/index.ts'
import type { Chapter, EvidenceDocument, Facts } from './document.ts'
import {
  coverageChapter,
  identification,
  intendedUse,
  requirementsChapter,
  robustness,
  selfCheck,
  testsChapter,
  verdictChapter,
} from './first-chapters.ts'
import {
  anomalies,
  appendices,
  crashChapter,
  limits,
  reproduction,
  roles,
  sensitivity,
  standards,
  tools,
} from './last-chapters.ts'
import { questionsChapter } from './questions.ts'

export { QUESTIONS, type EvidenceDocument } from './document.ts'
export { documentHtml, profileHtml } from './html.ts'
export { documentPdf } from './pdf.ts'

const CHAPTERS = [
  verdictChapter,
  identification,
  intendedUse,
  selfCheck,
  requirementsChapter,
  testsChapter,
  coverageChapter,
  robustness,
  crashChapter,
  limits,
  sensitivity,
  anomalies,
  tools,
  roles,
  reproduction,
  standards,
]

/** The questions come second: they are what a reader begins with. */
function withQuestions(facts: Facts): readonly Chapter[] {
  const [verdict, ...others] = CHAPTERS.map((chapter) => chapter(facts))
  const first = verdict === undefined ? [] : [verdict]
  return [...first, questionsChapter(facts, others), ...others, ...appendices(facts)]
}

/** The report of a bundle. `files` are those that are written already. */
export function evidenceDocument(input: EvidenceInput, files: Facts['files']): EvidenceDocument {
  const facts: Facts = { input, health: healthOf(input), void: voidReasons(input), files }
  const dates = input.campaigns.map(({ campaign }) => campaign.endedAt).toSorted()
  return {
    title: `Evidence for ${input.project.name} ${input.project.version}`,
    void: facts.void,
    date: dates.at(-1) ?? input.producedAt,
    chapters: withQuestions(facts),
  }
}
