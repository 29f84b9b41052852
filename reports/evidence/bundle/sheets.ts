// reports/evidence/bundle/sheets.ts: sheets in Markdown that people complete: the component as others use it, and the harness as a
// tool.
//
// What only people can say is marked «to be completed», never filled with a guess.

import { factsOf, type EvidenceInput } from '../inputs/index.ts'
import { healthOf, EVIDENCE_PARTS, PARTS } from './health.ts'

const OPEN = '«to be completed by the integrator»'

/** Tool operational requirements of the harness, each shown by known answers of the self-check. */
export const TOOL_REQUIREMENTS = {
  'TOR-01': 'A fault that is planned is delivered, exactly once and where it was planned.',
  'TOR-02': 'A defect that loses, leaks or hides something is complained about by the oracle that watches for it.',
  'TOR-03': 'Code without a defect is not complained about.',
  'TOR-04': 'The same seed gives the same run, on any machine.',
  'TOR-05': 'What was planned, run, merged and left out adds up; what was not covered is said.',
  'TOR-06': 'A check of nothing does not pass.',
  'TOR-07': 'A record, a file or a signature that was changed is found.',
} as const
export type ToolRequirement = keyof typeof TOOL_REQUIREMENTS

export function toolRequirements({ knownAnswers }: EvidenceInput): string {
  const rows = Object.entries(TOOL_REQUIREMENTS).map(([id, text]) => {
    const answers = knownAnswers.filter(({ requirement }) => requirement === id)
    const right = answers.filter(({ passed }) => passed).length
    return `| ${id} | ${text} | ${answers.length === 0 ? 'no known answer' : `${right} of ${answers.length} right`} | ${answers.map((one) => one.id).join(', ')} |`
  })
  return `# Operational requirements of the tool

What is asked of the harness, and the known answers by which each was shown in the run that made this bundle. The answers
themselves are in \`known-answers.xml\`.

| requirement | text | shown | by |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

export function toolTable({ host, powercut }: EvidenceInput): string {
  return `# Tools

| tool | version | used for | class† (IEC 61508, EN 50716; ISO 26262; DO-330) | how it can fail | what is done about it |
| --- | --- | --- | --- | --- | --- |
| powercut | ${powercut} | injects faults, judges, reports | T2; TI2; criterion 3, TQL-5 | a fault is not delivered; an oracle is blind; a run is not the same again; a report says more than was seen | deliveries are counted by the injector; planted defects must be caught; runs are compared by their trace hash; three sources of counts are held against each other; the self-check of this bundle |
| Node.js | ${host.node} (V8 ${host.v8}) | executes the code under test and the harness | T3; TI2; ${OPEN} | compiles wrongly | ${OPEN} |
| coverage and mutation tools | as their files say | measure the tests | T2; TI2; criterion 3 | count what did not run | files that count nothing are refused; the known answers of powercut mcdc self-check |

† Classes were not checked against a copy of any of the standards.
`
}

/** The sheet of a component as others take it over: IEC 62304 SOUP, ISO 26262-8 clause 12†, IEC 61508-3 annex D†. */
export function soupSheet(input: EvidenceInput): string {
  const { project, campaigns, files } = input
  const health = healthOf(input)
  const open = campaigns.flatMap(({ campaign }) => campaign.violations)
  const matrix = factsOf(files, 'matrix')[0]?.content.facts
  const platforms = [...new Set(campaigns.map(({ campaign: { tool } }) => `Node.js ${tool.node}, ${tool.platform}`))]
  const models = [
    ...new Set(campaigns.map(({ campaign }) => `${campaign.model}, sectors of ${campaign.sectorBytes} bytes`)),
  ]
  const parts = PARTS.map((part) => {
    const { state, why } = health[part]
    return `| ${EVIDENCE_PARTS[part].title} | ${state} | ${why.join('; ')} |`
  })
  return `# ${project.name} ${project.version}, as a component of something else

## Identification

| | |
| --- | --- |
| title | ${project.name} |
| version | ${project.version} |
| manufacturer | ${OPEN} |
| commit | ${project.commit ?? 'not known'} |
| package | ${project.packageIntegrity ?? 'not known'} |
| highest level intended | ${OPEN} |

## Requirements

${matrix === undefined ? 'No requirements were given to this bundle.' : `${matrix.totals.requirements} requirements, in requirements.* and rtm.*; ${matrix.totals.findings} findings of the trace.`}

## What it needs

${platforms.map((platform) => `- ${platform}`).join('\n')}

## Behaviour under failure

Tested under these models of a disk:

${models.map((model) => `- ${model}`).join('\n')}

What a model excludes is assumed not to happen: chapter 8 of the report says what that is.

## Assumptions of use

- A sync that the operating system reports as done is durable under the model above. ${OPEN}: is that so on the target?
- One process has the store open for writing.
- The runtime, its compiler and the operating system are not qualified by this bundle.
- ${OPEN}

## Outstanding anomalies

${open.length === 0 ? 'None known to these campaigns.' : open.map(({ fingerprint, oracle, scenario }) => `- ${fingerprint}: ${oracle} in ${scenario}`).join('\n')}

They are in anomalies.csv with blank columns for safety relevance and work-around.

## Evidence

| part | state | why |
| --- | --- | --- |
${parts.join('\n')}
`
}
