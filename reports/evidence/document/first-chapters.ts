// reports/evidence/document/first-chapters.ts: chapters 0 to 7 of the report: verdict, what was tested, self-check, requirements, tests,
// coverage, faults.

import { openSites } from '../../fault-coverage/index.ts'
import { conditionGaps } from '../../mcdc/index.ts'
import { formatCount } from '../../text/index.ts'
import { CRASH_FAMILIES, EVIDENCE_PARTS, PARTS, clockProblems, type EvidencePart } from '../bundle/index.ts'
import { factsOf } from '../inputs/index.ts'
import { heading, list, table, text, type Block, type Chapter, type Facts } from './document.ts'

/** What a part is short of, as sentences in red; nothing for a whole one. */
export function shortfall({ health }: Facts, ...parts: readonly EvidencePart[]): Block[] {
  return parts.flatMap((part) => {
    const { state, why } = health[part]
    if (state === 'whole') return []
    const word = state === 'missing' ? 'MISSING' : 'NOT WHOLE'
    return [text(`${word}: ${EVIDENCE_PARTS[part].title}: ${why.join('; ')}.`, 'bad')]
  })
}

export function verdictChapter(facts: Facts): Chapter {
  const { input, health } = facts
  const clock = clockProblems(input)
  const totals = input.campaigns.map(({ campaign }) => {
    const families = Object.values(campaign.families)
    const run = families.reduce((sum, one) => sum + one.run, 0)
    const open = campaign.violations.filter(({ expected }) => expected === undefined).length
    const known = campaign.violations.length - open
    return [
      campaign.scenario,
      formatCount(run),
      String(open),
      String(known),
      campaign.complete ? 'yes' : 'no',
      campaign.endedAt,
    ]
  })
  return {
    id: '0',
    title: 'Verdict',
    answers: [],
    blocks: [
      ...facts.void.map((reason) => text(`VOID: ${reason}`, 'bad')),
      ...(facts.void.length > 0
        ? [text('The self-check of the harness failed. Nothing in this bundle may be relied on.', 'bad')]
        : []),
      text(
        `Subject: ${input.project.name} ${input.project.version}, commit ${input.project.commit ?? 'not known'}, package ${input.project.packageIntegrity ?? 'not known'}.`,
      ),
      text(
        'UNSIGNED: nobody had signed when this was printed. Sign-offs that were made later stand in signoffs.html; powercut verify-evidence checks them.',
        'bad',
      ),
      ...clock.map((problem) => text(`CLOCK: ${problem}. No date in this bundle can be relied on.`, 'bad')),
      ...table(
        ['scenario', 'runs', 'open violations', 'known anomalies', 'complete', 'ended'],
        totals,
        'No campaign was given.',
      ),
      heading('How far the evidence goes'),
      ...table(
        ['part', 'state', 'why', 'artefact'],
        PARTS.map((part) => [
          EVIDENCE_PARTS[part].title,
          health[part].state,
          health[part].why.join('; '),
          String(EVIDENCE_PARTS[part].artefact),
        ]),
        '',
      ),
      heading('What is not claimed'),
      list([
        'That the software is fit for a level of safety: levels belong to a system, and to who integrates it.',
        'Coverage of object code, execution times of the worst case, absence of dynamic memory: the runtime compiles while it runs.',
        'Anything about the runtime, the operating system or the disk beyond the fault model of chapter 8.',
        'Conformity to any standard. Chapter 15 shows what of a standard’s demands this bundle answers; no clause was checked against a copy of a standard, and each is marked: † from general knowledge, ‡ as a published document cites it.',
      ]),
      text('Ten questions, each with its short answer and the page of the whole one: the next page.'),
    ],
  }
}

export function identification(facts: Facts): Chapter {
  const { project, campaigns, powercut } = facts.input
  const tools = campaigns.map(({ campaign: { scenario, tool, seed, model, sectorBytes, traceHash, commandLine } }) => [
    scenario,
    `powercut ${tool.powercut}, Node ${tool.node}, ${tool.platform}`,
    String(seed),
    `${model}, ${sectorBytes}`,
    traceHash,
    commandLine,
  ])
  const changed =
    project.changed === undefined ? 'not known' : project.changed ? 'YES: files differ from the commit' : 'no'
  return {
    id: '1',
    title: 'Identification and configuration',
    answers: [1],
    blocks: [
      ...table(
        ['item', 'value'],
        [
          ['name and version', `${project.name} ${project.version}`],
          ['commit', project.commit ?? 'not known'],
          ['tree', project.tree ?? 'not known'],
          ['working tree changed', changed],
          ['package, as npm packs it', project.packageIntegrity ?? 'not known'],
          ['lock file, SHA-256', project.lockFileSha256 ?? 'not known'],
          ['harness', `powercut ${powercut}`],
        ],
        '',
      ),
      ...shortfall(facts, 'configuration'),
      text(
        'Shipped bits are those of the package above; whoever installs it compares the integrity that npm shows. Campaigns run the code uninstrumented; only the measurements of chapter 6 change it, and their results are about coverage alone. Whether both agreed is seen from the results of the same tests in chapter 5.',
      ),
      heading('Campaigns'),
      ...table(['scenario', 'made with', 'seed', 'disk model, sector', 'trace hash', 'command'], tools, 'None.'),
      text('Bills of materials: sbom.cdx.json, sbom.spdx.json. Configuration index: sci.json.'),
    ],
  }
}

export function intendedUse(facts: Facts): Chapter {
  const parameters = facts.input.campaigns.flatMap(({ campaign }) =>
    campaign.scenarios.map(({ name, parameters: values, source }) => [
      name,
      source ?? 'built in',
      Object.entries(values)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(' '),
    ]),
  )
  return {
    id: '2',
    title: 'Intended use and assumptions of use',
    answers: [],
    blocks: [
      text(
        'The use that was tested is that of these scenarios, with these parameters. Another use needs scenarios of its own.',
      ),
      ...table(['scenario', 'from', 'parameters'], parameters, 'None.'),
      list([
        'A sync that the operating system reports as done is durable, as far as the disk model says.',
        'One process at a time has a store open for writing.',
        'The clock may be wrong; memory and disk may end at any call.',
      ]),
      text('soup.md is the sheet on which the integrator completes the intended use.'),
    ],
  }
}

export function selfCheck(facts: Facts): Chapter {
  const rows = facts.input.knownAnswers.map(({ id, requirement, title, passed, detail }) => [
    id,
    requirement,
    title,
    passed ? 'right' : 'WRONG',
    detail,
  ])
  const wrong = rows.filter((cells) => cells[3] === 'WRONG').length
  return {
    id: '3',
    title: 'Self-check of the harness',
    answers: [],
    blocks: [
      text(
        `${rows.length - wrong} of ${rows.length} known answers were right. They were asked for before anything else in this run; one wrong answer makes the bundle void.`,
        wrong === 0 && rows.length > 0 ? 'good' : 'bad',
      ),
      ...table(
        ['id', 'shows', 'asked', 'answer', 'detail'],
        rows,
        'No known answer was asked for.',
        'tool-qualification/known-answers.xml',
      ),
    ],
  }
}

export function requirementsChapter(facts: Facts): Chapter {
  const matrix = factsOf(facts.input.files, 'matrix')[0]?.content.facts
  const blocks: Block[] = [...shortfall(facts, 'requirements', 'trace')]
  if (matrix !== undefined) {
    const { requirements, evidence, findings, totals } = matrix
    const shown =
      requirements.find((one) => one.evidence.length > 0 && one.verdict === 'verified') ??
      requirements.find((one) => one.evidence.length > 0)
    blocks.push(
      text(
        `${totals.requirements} requirements, ${totals.evidence} pieces of evidence, ${totals.orphans} of them without a requirement, ${totals.findings} findings.`,
      ),
      ...table(
        ['verdict', 'requirements'],
        Object.entries(totals.verdicts).map(([name, count]) => [name, String(count)]),
        '',
      ),
      heading('One requirement end to end'),
    )
    if (shown !== undefined)
      blocks.push(
        ...table(
          ['', ''],
          [
            ['requirement', `${shown.id}: ${shown.title}`],
            ['text', shown.text],
            ['source', shown.source.join('; ')],
            ['design', shown.design.join(', ')],
            ['code', shown.code.join(', ')],
            ['verdict', shown.verdict],
          ],
          '',
        ),
        ...table(
          ['evidence', 'result', 'file of results'],
          shown.evidence.map((at) => [
            `${evidence[at]?.group ?? ''} › ${evidence[at]?.name ?? ''}`,
            evidence[at]?.outcome ?? '',
            matrix.results[evidence[at]?.result ?? -1]?.sha256 ?? '',
          ]),
          '',
        ),
      )
    blocks.push(
      heading('Requirements without evidence'),
      ...table(
        ['id', 'title', 'status', 'reason'],
        requirements
          .filter((one) => one.evidence.length === 0)
          .map((one) => [one.id, one.title, one.status, one.reason ?? '']),
        'None.',
        'rtm.csv',
      ),
      heading('Evidence without a requirement'),
      ...table(
        ['group', 'name'],
        evidence.filter((one) => one.requirements.length === 0).map((one) => [one.group, one.name]),
        'None.',
        'rtm.csv',
      ),
      heading('Findings of the trace'),
      ...table(
        ['kind', 'place', 'what'],
        findings.map((one) => [one.kind, one.place, one.message]),
        'None.',
        'rtm.json',
      ),
    )
  }
  return { id: '4', title: 'Requirements and trace', answers: [2], blocks }
}

export function testsChapter(facts: Facts): Chapter {
  const tests = factsOf(facts.input.files, 'tests')
  const notRun = facts.input.campaigns.flatMap(({ campaign }) =>
    campaign.incomplete.map((reason) => [campaign.scenario, reason]),
  )
  return {
    id: '5',
    title: 'Test results',
    answers: [3],
    blocks: [
      ...shortfall(facts, 'tests'),
      ...table(
        ['file', 'passed', 'failed', 'skipped'],
        tests.map(({ path, content: { facts: one } }) => [
          path,
          String(one.passed),
          String(one.failed),
          String(one.skipped.length),
        ]),
        'No results of a test runner were given.',
      ),
      heading('Failed'),
      ...table(
        ['test'],
        tests.flatMap(({ content }) => content.facts.failures.map((name) => [name])),
        'None.',
        'junit/',
      ),
      heading('Not run, and why'),
      ...table(
        ['test', 'reason'],
        tests.flatMap(({ content }) =>
          content.facts.skipped.map(({ name, reason }) => [name, reason === '' ? 'NO REASON GIVEN' : reason]),
        ),
        'None among the results given.',
        'junit/',
      ),
      ...table(['campaign of', 'not covered'], notRun, 'No campaign left out anything that was asked of it.'),
      text('Approval is the verifier’s: a sign-off as verifier stands for these reasons too.'),
    ],
  }
}

export function coverageChapter(facts: Facts): Chapter {
  const { files } = facts.input
  const coverage = factsOf(files, 'coverage').flatMap(({ path, content }) =>
    Object.entries(content.facts.counts).map(([name, { covered, all }]) => [
      path,
      content.facts.format,
      name,
      String(covered),
      String(all),
    ]),
  )
  const mcdc = factsOf(files, 'mcdc')[0]?.content.facts
  const gaps = (mcdc?.files ?? []).flatMap(conditionGaps).map(({ path, line, message }) => [`${path}:${line}`, message])
  return {
    id: '6',
    title: 'Structural coverage',
    answers: [4, 5],
    blocks: [
      ...shortfall(facts, 'coverage', 'mcdc', 'justifications'),
      ...table(['file', 'format', 'of', 'covered', 'all'], coverage, 'No coverage was given.'),
      text(
        'Each file is shown as it was given; which tests it is from is said by its name. Where two were given, one of requirements-based tests and one of all, both are here.',
      ),
      heading('MC/DC'),
      text(
        'The form is masking MC/DC; unique-cause is counted beside it. A decision is each largest tree of &&, || and !, also where its value is only assigned or returned. The instrumenter is held against brute force by powercut mcdc self-check.',
      ),
      ...(mcdc === undefined
        ? []
        : table(
            ['', 'covered', 'all'],
            [
              ['conditions, masking', String(mcdc.totals.conditionsCovered), String(mcdc.totals.conditions)],
              ['conditions, unique-cause', String(mcdc.totals.conditionsUniqueCause), String(mcdc.totals.conditions)],
              ['conditions, with a reason instead', String(mcdc.totals.conditionsJustified), ''],
              ['decisions', String(mcdc.totals.decisionsCovered), String(mcdc.totals.decisions)],
              ['value paths', String(mcdc.totals.outcomesCovered), String(mcdc.totals.outcomes)],
            ],
            '',
          )),
      heading('Conditions neither covered nor justified'),
      ...table(['place', 'what'], gaps, mcdc === undefined ? 'Not measured.' : 'None.', 'mcdc.json'),
    ],
  }
}

export function robustness(facts: Facts): Chapter {
  const { campaigns, files } = facts.input
  const coverage = factsOf(files, 'fault-coverage')[0]?.content.facts
  const rows = campaigns.flatMap(({ campaign }) =>
    Object.entries(campaign.families)
      .filter(([name]) => !CRASH_FAMILIES.includes(name))
      .map(([name, one]) => [
        campaign.scenario,
        name,
        String(one.planned),
        String(one.run),
        String(one.delivered),
        String(one.outcomes.passed),
        String(one.violations),
      ]),
  )
  const retries = campaigns.flatMap(({ campaign }) =>
    Object.entries(campaign.retries).map(([name, one]) => [
      campaign.scenario,
      name,
      String(one.retried),
      String(one.reopened),
      String(one.survived),
    ]),
  )
  const uncovered = campaigns.flatMap(({ campaign }) =>
    campaign.uncoveredSites.map((site) => [campaign.scenario, site]),
  )
  return {
    id: '7',
    title: 'Robustness: fault injection and outcomes',
    answers: [6],
    blocks: [
      ...shortfall(facts, 'faults'),
      ...table(
        ['scenario', 'family', 'planned', 'run', 'delivered', 'passed', 'violations'],
        rows,
        'No family of faults was run.',
      ),
      heading('What became of the step after the fault'),
      ...table(['scenario', 'family', 'retried', 'reopened', 'survived'], retries, 'Not recorded.'),
      heading('Sites that were never failed'),
      ...(coverage === undefined
        ? table(
            ['scenario', 'site'],
            uncovered,
            'None among the sites that campaigns reached. The list of all sites was not given.',
          )
        : [
            text(
              `${coverage.totals.failed} of ${coverage.totals.sites} call sites were failed, ${coverage.totals.contextsFailed} of ${coverage.totals.contexts} contexts, ${coverage.totals.ordinalsFailed} of ${coverage.totals.ordinals} ordinals; ${coverage.totals.justified} sites have a reason.`,
            ),
            ...table(
              ['site', 'line', 'contexts', 'reason'],
              openSites(coverage).map((one) => [
                one.id,
                String(one.line),
                String(one.contexts.length),
                one.reason ?? 'none given',
              ]),
              'None without a reason.',
              'fault-coverage.json',
            ),
          ]),
      text('Each site, context, kind of fault, follow-up and outcome: fault-coverage.csv. Each run: faults.jsonl.'),
    ],
  }
}
