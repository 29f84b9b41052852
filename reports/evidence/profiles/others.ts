// reports/evidence/profiles/others.ts: the tables of DO-178C, IEC 62304 and IEC 60880.

import { row, type Profile } from './profile.ts'

export const DO_178C: Profile = {
  id: 'do-178c',
  standard: 'DO-178C with DO-330',
  title: 'Software considerations in airborne systems',
  rows: [
    row(
      'A-7 objectives 1 to 4, 6.4.4.1†',
      'test procedures and results are correct; requirements are covered',
      ['requirements', 'trace', 'tests'],
      'partial',
      'explanations of discrepancies are people’s',
    ),
    row(
      'A-6 objectives 2 and 4, 6.4.2.2†',
      'robustness: abnormal inputs and conditions',
      ['faults', 'crash'],
      'met',
      'failed calls, exhausted memory, crashes, damage',
    ),
    row(
      'A-7 objectives 5 to 7, 6.4.4.3†',
      'MC/DC, decision and statement coverage; every gap resolved',
      ['coverage', 'mcdc', 'justifications'],
      'met',
      'masking MC/DC, Boolean expressions wherever they occur',
    ),
    row('A-7 objective 8†', 'data and control coupling', ['coverage'], 'partial', 'not measured for itself'),
    row(
      'A-7 objective 9†',
      'object code that is not traceable to source',
      [],
      'not claimed',
      'the just-in-time compiler makes object code while it runs',
    ),
    row('11.15, 11.16†', 'environment and configuration index', ['configuration'], 'met', ''),
    row('11.17†', 'problem reports', ['anomalies'], 'partial', 'effect on safety is left blank for the integrator'),
    row('11.20†', 'accomplishment summary', [], 'integrator', ''),
    row('11.21†', 'trace data', ['trace'], 'met', ''),
    row(
      '12.1†',
      'previously developed software: impact of open problem reports',
      ['anomalies'],
      'partial',
      'the list is here, the impact is not',
    ),
    row(
      '12.2, DO-330†',
      'tool qualification',
      ['qualification'],
      'partial',
      'criterion 3, TQL-5; requirements, cases and results are here, the plan is not',
    ),
    row(
      'DO-330, 6.2†',
      'tool test results traced to tool operational requirements',
      ['qualification', 'mutation'],
      'met',
      '',
    ),
  ],
}

export const IEC_62304: Profile = {
  id: 'iec-62304',
  standard: 'IEC 62304:2006+A1:2015',
  title: 'Medical device software: life cycle processes',
  rows: [
    row(
      '5.3.3, 5.3.4†',
      'SOUP: functional and performance requirements, hardware and software that it needs',
      ['requirements', 'configuration'],
      'partial',
      'soup.md',
    ),
    row(
      '7.1.2, 7.1.3†',
      'SOUP: evaluation of published anomalies',
      ['anomalies'],
      'partial',
      'the list is here, the evaluation is the manufacturer’s',
    ),
    row('8.1.2†', 'SOUP: title, manufacturer, unique designation', ['configuration'], 'met', ''),
    row('5.5, 5.6†', 'verification of units and of their integration', ['tests', 'faults', 'crash'], 'met', ''),
    row(
      '5.6.7, 5.7.5, 9.8†',
      'test records: item, version, case, result, tester, environment; repeatable',
      ['tests', 'configuration'],
      'partial',
      'the tester is named when a tester signs',
    ),
    row('5.8.2, 5.8.3†', 'known residual anomalies', ['anomalies'], 'partial', ''),
    row('5.7†', 'system testing', [], 'integrator', ''),
    row('7.2, 7.3†', 'risk control measures', [], 'integrator', ''),
  ],
}

export const IEC_60880: Profile = {
  id: 'iec-60880',
  standard: 'IEC 60880:2006',
  title: 'Nuclear power plants: software for computer-based systems of category A',
  rows: [
    row(
      '8, Annex E†',
      'software verification: methods and coverage',
      ['trace', 'tests', 'coverage', 'mcdc'],
      'partial',
      'the team that verifies is independent of the one that designs',
    ),
    row('8.2†', 'verification team of its own', [], 'integrator', 'keys of their own are enforced where asked for'),
    row('14†', 'software tools', ['qualification'], 'partial', ''),
    row('15†', 'pre-developed software: suitability', ['requirements', 'configuration'], 'partial', ''),
    row('15.3.2†', 'pre-developed software: quality', ['tests', 'faults', 'crash', 'mutation'], 'partial', ''),
    row('15.3.3†', 'pre-developed software: operating experience', [], 'not claimed', 'none is recorded here'),
    row('13†', 'defence against common cause failure', [], 'integrator', ''),
    row(
      '6 and B.2†',
      'deterministic behaviour, no dynamic memory',
      [],
      'not claimed',
      'garbage collection and just-in-time compilation',
    ),
  ],
}
