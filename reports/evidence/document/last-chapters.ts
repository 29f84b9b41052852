// reports/evidence/document/last-chapters.ts: chapters 8 to 15 of the report and its appendices: crashes, sensitivity, anomalies, tools,
// sign-off, reproduction, standards.

import { formatBytes } from '../../text/index.ts'
import { CRASH_FAMILIES, EVIDENCE_PARTS, TOOL_REQUIREMENTS, plantedRows } from '../bundle/index.ts'
import { factsOf } from '../inputs/index.ts'
import { SIGN_OFF_ROLES } from '../integrity/index.ts'
import { CLAUSE_MARKS, PROFILES, judgeProfile } from '../profiles/index.ts'
import { code, heading, list, table, text, type Chapter, type Facts } from './document.ts'
import { shortfall } from './first-chapters.ts'

export function crashChapter(facts: Facts): Chapter {
  const { campaigns } = facts.input
  const families = campaigns.flatMap(({ campaign }) =>
    Object.entries(campaign.families)
      .filter(([name]) => CRASH_FAMILIES.includes(name))
      .map(([name, one]) => [
        campaign.scenario,
        name,
        String(one.planned),
        String(one.run),
        String(one.merged),
        String(one.skipped),
        String(one.violations),
        one.exhaustive ? 'yes' : 'no',
      ]),
  )
  const states = campaigns.map(({ campaign: { scenario, model, sectorBytes, intervals } }) => [
    scenario,
    model,
    String(sectorBytes),
    String(intervals.exhausted),
    String(intervals.sampled),
    String(intervals.generated),
    String(intervals.distinct),
    String(intervals.run),
  ])
  return {
    id: '8',
    title: 'Crash consistency',
    answers: [7],
    blocks: [
      ...shortfall(facts, 'crash'),
      ...table(
        ['scenario', 'family', 'planned', 'run', 'merged', 'left out', 'violations', 'every point'],
        families,
        'No family of crashes was run.',
      ),
      heading('States of the disk'),
      ...table(
        ['scenario', 'model', 'sector', 'intervals whole', 'sampled', 'generated', 'distinct', 'run'],
        states,
        'None.',
      ),
      heading('What the model excludes'),
      list([
        'A sector is written whole or not at all, at the size above; a smaller unit is not assumed to tear.',
        'What was synced stays, unless the family of damage takes it: a device that loses acknowledged syncs breaks every promise, and is tested only as a lying device of the family io.',
        'Writes that are pending between two syncs may be lost, kept and reordered in any subset that the model allows; where there are too many, a sample of them was run, and is counted as sampled above.',
        'Damage is of single places, in kind and number as planned. No rate of bit rot is claimed.',
        'Other processes that write the same files are not part of the model.',
      ]),
      text(
        'Why that is acceptable is for the integrator to say, of the target’s disk and file system. Each state that was run is in crash.jsonl.',
      ),
    ],
  }
}

export function limits(facts: Facts): Chapter {
  const rows = facts.input.campaigns.map(({ campaign: { scenario, recovery } }) => [
    scenario,
    String(recovery.statesRun),
    formatBytes(recovery.bytesRead.median),
    formatBytes(recovery.bytesRead.maximum),
    recovery.boundBytes === undefined ? 'none declared' : formatBytes(recovery.boundBytes),
  ])
  return {
    id: '9',
    title: 'Corruption, endurance, limits of performance',
    answers: [],
    blocks: [
      ...table(['scenario', 'recoveries', 'read, median', 'read, most', 'bound'], rows, 'No recovery was measured.'),
      text(
        'Damage is the family corruption of chapter 8, where it was run. No endurance run over days and no execution time of the worst case is part of this bundle.',
      ),
    ],
  }
}

export function sensitivity(facts: Facts): Chapter {
  const rows = plantedRows(facts.input)
  const mutation = factsOf(facts.input.files, 'mutation')[0]?.content.facts
  const missed = rows.filter(({ verdict }) => verdict !== 'caught')
  return {
    id: '10',
    title: 'Mutation and sensitivity',
    answers: [8],
    blocks: [
      ...shortfall(facts, 'mutation'),
      text(
        `${rows.length - missed.length} of ${rows.length} planted defects were caught.`,
        missed.length === 0 && rows.length > 0 ? 'good' : 'bad',
      ),
      heading('Not caught'),
      ...table(
        ['id', 'scenario', 'verdict', 'what'],
        missed.map((one) => [one.id, one.scenario, one.verdict, one.summary]),
        'None.',
        'protocol-mutants.json',
      ),
      heading('Caught'),
      ...table(
        ['id', 'in', 'by', 'what'],
        rows
          .filter(({ verdict }) => verdict === 'caught')
          .map((one) => [one.id, `${one.kind}, ${one.scenario}`, one.oracle ?? '', one.summary]),
        'None.',
        'protocol-mutants.json',
      ),
      heading('Mutants of the code'),
      ...(mutation === undefined
        ? [text('No mutation report was given.')]
        : table(
            ['status', 'mutants'],
            Object.entries(mutation.statuses).map(([name, count]) => [name, String(count)]),
            '',
          )),
      ...(mutation === undefined
        ? []
        : table(
            ['place', 'mutator', 'reason'],
            mutation.survivors.map((one) => [
              one.place,
              one.mutator,
              one.reason === '' ? 'NO REASON GIVEN' : one.reason,
            ]),
            'None survived.',
            'mutants.json',
          )),
    ],
  }
}

export function anomalies(facts: Facts): Chapter {
  const rows = facts.input.campaigns.flatMap(({ campaign }) =>
    campaign.violations.map((one) => [
      one.fingerprint,
      one.expected === undefined ? 'open' : `known: ${one.expected.reason}`,
      one.scenario,
      one.oracle,
      one.message,
      String(one.count),
      one.token,
    ]),
  )
  const gone = facts.input.campaigns.flatMap(({ campaign }) =>
    (campaign.expectations ?? [])
      .filter(({ state }) => state === 'not-found')
      .map((one) => [one.fingerprint, one.reason]),
  )
  return {
    id: '11',
    title: 'Open anomalies',
    answers: [9],
    blocks: [
      ...shortfall(facts, 'anomalies'),
      ...table(
        ['fingerprint', 'state', 'scenario', 'oracle', 'effect', 'runs', 'token'],
        rows,
        'None was found by these campaigns.',
        'anomalies.csv',
      ),
      heading('Known before, and not found any more'),
      ...table(['fingerprint', 'reason'], gone, 'None.'),
      text(
        'Work-arounds and relevance to safety are blank columns of anomalies.csv, for the integrator. New anomalies are what powercut compare shows between this bundle’s campaigns and later ones.',
      ),
    ],
  }
}

export function tools(facts: Facts): Chapter {
  const { knownAnswers } = facts.input
  const rows = Object.entries(TOOL_REQUIREMENTS).map(([id, words]) => {
    const answers = knownAnswers.filter(({ requirement }) => requirement === id)
    return [id, words, `${answers.filter(({ passed }) => passed).length} of ${answers.length}`]
  })
  return {
    id: '12',
    title: 'Classification and qualification of tools',
    answers: [],
    blocks: [
      ...shortfall(facts, 'qualification'),
      ...table(['requirement', 'text', 'known answers right'], rows, ''),
      text(
        'Tools, versions, classes, ways to fail and what is done about them: tool-qualification/tools.md. The harness is a verification tool whose failure is to miss an error: T2 (IEC 61508, EN 50716), TI2 (ISO 26262), criterion 3 (DO-330); none of these was checked against a copy of the standard (†).',
      ),
    ],
  }
}

export function roles({ input }: Facts): Chapter {
  return {
    id: '13',
    title: 'Independence, roles, sign-off',
    answers: [],
    blocks: [
      ...table(
        ['role', 'in this print'],
        SIGN_OFF_ROLES.map((role) => [role, 'UNSIGNED']),
        '',
      ),
      text(
        input.independence
          ? 'Independence is asked for: tester, verifier, validator and assessor must have keys of their own.'
          : 'Independence of keys was not asked for when this bundle was made; powercut verify-evidence --independence asks for it.',
      ),
      text(
        'A sign-off is about the manifest, and so about every byte here. It is made after the print: signoffs.html lists those that there are.',
      ),
    ],
  }
}

export function reproduction({ input }: Facts): Chapter {
  const [first] = input.campaigns.flatMap(({ campaign }) => campaign.violations.map(({ token }) => token))
  return {
    id: '14',
    title: 'Reproduction',
    answers: [10],
    blocks: [
      text(
        'Any record of faults.jsonl and crash.jsonl carries a token, which is the whole case: scenario, seed, fault and state. On any machine with the version of chapter 1:',
      ),
      code(`powercut replay ${first ?? 'TOKEN'} --json`),
      text('The trace hash that it prints is the one in the record. A whole campaign again, and the difference:'),
      code([...input.campaigns.map(({ campaign }) => campaign.commandLine), 'powercut compare OLD NEW'].join('\n')),
      text('Whether this bundle is as it was made and who signed it:'),
      code('powercut verify-evidence DIR --require-signatures --key TESTER.pub --key VERIFIER.pub'),
      text(
        'One changed byte in any file, one record out of place, one missing or extra file is found and named. Of the same inputs the same bundle is made, byte for byte, but for the files that manifest.json lists under notReproducible: they tell times and the host. reproducibleSha256 of two manifests compares all the others.',
      ),
      text('Last independent run again: not recorded in this print.'),
    ],
  }
}

export function standards({ health, void: reasons }: Facts): Chapter {
  return {
    id: '15',
    title: 'Compliance matrices',
    answers: [],
    blocks: [
      text(
        `${Object.entries(CLAUSE_MARKS)
          .map(([mark, meaning]) => `${mark} ${meaning}`)
          .join(
            ' ',
          )} Statuses: met, partial, integrator (only people who know the system can answer), not claimed. A row is never more than a machine can show.`,
      ),
      ...PROFILES.flatMap((profile) => [
        heading(profile.standard),
        ...table(
          ['clause', 'demand', 'status', 'artefacts', 'note'],
          judgeProfile(profile, health, reasons.length > 0).map((one) => [
            `${one.clause} ${one.mark}`,
            one.demand,
            one.status,
            one.artefacts.join(', '),
            one.note,
          ]),
          '',
        ),
        ...((profile.sources ?? []).length === 0 ? [] : [text(`‡ Cited by: ${(profile.sources ?? []).join('; ')}.`)]),
      ]),
    ],
  }
}

export function appendices(facts: Facts): readonly Chapter[] {
  const { campaigns, files } = facts.input
  const sites = campaigns.flatMap(({ campaign }) =>
    campaign.scenarios.flatMap(({ name, callSites }) =>
      callSites.map((one) => [name, one.family, one.site, String(one.points), String(one.run)]),
    ),
  )
  const requirements = factsOf(files, 'matrix').flatMap(({ content }) =>
    content.facts.requirements.map((one) => [one.id, one.title, one.text]),
  )
  return [
    {
      id: 'A',
      title: 'Fault sites',
      answers: [],
      blocks: table(['scenario', 'family', 'site', 'points', 'runs'], sites, 'None.', 'fault-coverage.csv'),
    },
    {
      id: 'B',
      title: 'Requirements',
      answers: [],
      blocks: table(['id', 'title', 'text'], requirements, 'None were given.', 'rtm.json'),
    },
    {
      id: 'C',
      title: 'Glossary',
      answers: [],
      blocks: table(
        ['word', 'meaning'],
        [
          ['fault point', 'a call of the code under test, in its order, at which something can be made to go wrong'],
          ['oracle', 'a check that says what must be true after a fault'],
          ['known answer', 'a question to the harness whose right answer is known before'],
          ['planted defect', 'a defect put into the code or the harness to see whether it is caught'],
          ['masking MC/DC', 'each condition is shown to decide the outcome while the others are masked'],
          ['token', 'a run as text: scenario, seed, fault, state'],
          ['void', 'not to be used: a known answer was wrong'],
        ],
        '',
      ),
    },
    {
      id: 'D',
      title: 'Files',
      answers: [],
      blocks: [
        ...table(
          ['path', 'bytes', 'SHA-256'],
          facts.files.map((one) => [one.path, String(one.sizeBytes), one.sha256]),
          'None.',
          'manifest.json',
        ),
        text('This report, sci.json and provenance.json are listed in manifest.json.'),
        ...table(
          ['artefact', 'part'],
          Object.values(EVIDENCE_PARTS).map((one) => [String(one.artefact), one.title]),
          '',
        ),
      ],
    },
  ]
}
