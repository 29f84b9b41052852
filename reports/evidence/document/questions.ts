// reports/evidence/document/questions.ts: the ten questions that an assessor asks, on a page of their own: each with its short
// answer from the facts, and the chapter that answers it whole.

import { formatCount, plural } from '../../text/index.ts'
import { CRASH_FAMILIES, EVIDENCE_PARTS, plantedRows, type EvidencePart } from '../bundle/index.ts'
import { factsOf } from '../inputs/index.ts'
import { QUESTIONS, text, type Chapter, type Facts } from './document.ts'

/** The chapter that answers each question. */
const CHAPTER_OF = ['1', '4', '5', '6', '6', '7', '8', '10', '11', '14'] as const

/** `chapters` are those of the report: their titles stand beside the questions. */
export function questionsChapter(facts: Facts, chapters: readonly Chapter[]): Chapter {
  const answers = answersOf(facts)
  return {
    id: 'Q',
    title: 'Ten questions, and the page that answers each',
    answers: [],
    blocks: [
      text('Each short answer is from this bundle’s own figures; the chapter beside it has the whole.'),
      {
        kind: 'questions',
        rows: QUESTIONS.map((question, at) => {
          const chapter = CHAPTER_OF[at] ?? '0'
          const title = chapters.find(({ id }) => id === chapter)?.title ?? ''
          return { question, answer: answers[at] ?? '', chapter, title }
        }),
      },
    ],
  }
}

function answersOf(facts: Facts): readonly string[] {
  const { input, health } = facts
  const { project, campaigns, files } = input
  const matrix = factsOf(files, 'matrix')[0]?.content.facts
  const tests = factsOf(files, 'tests').map(({ content }) => content.facts)
  const mcdc = factsOf(files, 'mcdc')[0]?.content.facts
  const faults = factsOf(files, 'fault-coverage')[0]?.content.facts
  const mutation = factsOf(files, 'mutation')[0]?.content.facts
  const planted = plantedRows(input)
  const caught = planted.filter(({ verdict }) => verdict === 'caught').length
  const skipped = tests.flatMap((one) => one.skipped)
  const silent = skipped.filter(({ reason }) => reason === '').length
  const open = campaigns.flatMap(({ campaign }) => campaign.violations.filter(({ expected }) => expected === undefined))
  const known = campaigns.flatMap(({ campaign }) => campaign.violations).length - open.length
  const crashes = campaigns.flatMap(({ campaign }) =>
    Object.entries(campaign.families).flatMap(([name, family]) => (CRASH_FAMILIES.includes(name) ? [family] : [])),
  )
  const sum = (key: 'planned' | 'run' | 'merged' | 'skipped'): string =>
    formatCount(crashes.reduce((total, family) => total + family[key], 0))
  const lines = factsOf(files, 'coverage').flatMap(({ content, path }) =>
    Object.entries(content.facts.counts).map(([name, { covered, all }]) => `${path}: ${covered} of ${all} ${name}`),
  )
  const missing = (part: EvidencePart): string =>
    `Not answered here: ${EVIDENCE_PARTS[part].title} ${health[part].state === 'missing' ? 'is missing' : 'is not whole'}: ${health[part].why.join('; ')}.`
  return [
    `${project.name} ${project.version}, commit ${project.commit ?? 'not known'}${project.changed === true ? ', with changes that are in no commit' : ''}, package ${project.packageIntegrity ?? 'not known'}. ${plural(campaigns.length, 'campaign')} ran the code uninstrumented.`,
    matrix === undefined
      ? missing('trace')
      : `${formatCount(matrix.totals.verdicts.verified)} of ${plural(matrix.totals.requirements, 'requirement')} are verified, ${formatCount(matrix.totals.verdicts['not-built'])} are listed as not built; ${formatCount(matrix.totals.orphans)} of ${plural(matrix.totals.evidence, 'result')} name no requirement; ${plural(matrix.totals.findings, 'finding')}.`,
    tests.length === 0
      ? missing('tests')
      : `${plural(skipped.length, 'test')} did not run, ${formatCount(silent)} of them without a reason; nobody has approved that in this print. What campaigns left out stands there too.`,
    lines.length === 0
      ? missing('coverage')
      : `${lines.join('; ')}. Gaps are resolved one by one where they have a reason.`,
    mcdc === undefined
      ? missing('mcdc')
      : `Masking; a decision is each largest tree of &&, || and !. ${formatCount(mcdc.totals.conditionsCovered)} of ${plural(mcdc.totals.conditions, 'condition')} covered, ${formatCount(mcdc.totals.conditionsJustified)} with a reason. The tool is held against brute force by its known answers.`,
    faults === undefined
      ? missing('faults')
      : `${formatCount(faults.totals.failed)} of ${plural(faults.totals.sites, 'call site')} were failed, from ${formatCount(faults.totals.contextsFailed)} of ${plural(faults.totals.contexts, 'context')} that runs met; ${formatCount(faults.totals.justified)} others have a reason.`,
    crashes.length === 0
      ? missing('crash')
      : `${sum('run')} states were run and ${sum('merged')} merged of ${sum('planned')}; ${sum('skipped')} were left out by a bound. What the model excludes is listed there.`,
    `${formatCount(caught)} of ${plural(planted.length, 'planted defect')} were caught.${
      mutation === undefined
        ? ' No mutation report of the code was given.'
        : ` Mutants of the code: ${Object.entries(mutation.statuses)
            .map(([name, count]) => `${formatCount(count)} ${name}`)
            .join(', ')}.`
    }`,
    `${formatCount(open.length)} open and ${formatCount(known)} known anomalies in ${plural(campaigns.length, 'campaign')}. powercut compare tells new ones.`,
    'Every record has a token that powercut replay runs again. UNSIGNED in this print; powercut verify-evidence finds one changed byte, and who signed since.',
  ]
}
