// reports/evidence/profiles/machines.ts: the tables of IEC 61508-3, ISO 26262 and EN 50716.

import { row, type Profile } from './profile.ts'

export const IEC_61508: Profile = {
  id: 'iec-61508',
  standard: 'IEC 61508-3:2010',
  title: 'Functional safety of electrical, electronic and programmable electronic systems: software',
  sources: [
    'Ferrocene, core certification: mapping of IEC 61508-3, and safety plan, tools (github.com/ferrocene/ferrocene)',
    'Zephyr, safety overview: Route 3S (docs.zephyrproject.org)',
    'AbsInt, qualification to IEC 61508 (absint.com/qualification/iec.htm)',
    'Qt, Coco: decision and branch coverage (qt.io)',
  ],
  rows: [
    row(
      '7.4.2.12, Route 3S‡',
      'assessment of an element that was not developed to the standard',
      ['requirements', 'tests', 'coverage', 'faults', 'crash', 'configuration'],
      'partial',
      'the review of the specification is people’s',
    ),
    row(
      'Annex D of part 3†',
      'safety manual for compliant items',
      ['configuration', 'anomalies'],
      'partial',
      'soup.md is its skeleton; constraints of use are the integrator’s',
    ),
    row(
      '7.4.4, 7.4.4.7‡',
      'software off-line support tools: class, validation, failure modes',
      ['qualification'],
      'partial',
      'the harness is T2; the table of tools is a draft',
    ),
    row(
      '7.4.7, Table A.5†',
      'module testing: records',
      ['tests', 'configuration'],
      'met',
      'results with versions and seeds',
    ),
    row(
      '7.4.8, 7.5†',
      'integration testing: on the target',
      ['tests', 'faults', 'crash'],
      'partial',
      'host only; the target is the integrator’s',
    ),
    row('Table B.2-3†', 'error seeding', ['mutation'], 'met', 'planted defects and mutants, with survivors'),
    row(
      'Table B.2-7‡',
      'structural coverage: entry points, statements, branches, MC/DC',
      ['coverage', 'mcdc', 'justifications'],
      'met',
      'of the source; not of what the just-in-time compiler makes of it',
    ),
    row(
      'Table B.4†',
      'failure analysis',
      ['faults', 'crash'],
      'partial',
      'outcomes of each fault; the analysis of causes is people’s',
    ),
    row(
      'Table B.6†',
      'performance: avalanche and stress',
      ['faults'],
      'partial',
      'exhaustion of memory and disk; no load of a real plant',
    ),
    row(
      '7.8, 6.2.3†',
      'impact analysis, identification of every configuration item',
      ['configuration'],
      'partial',
      'hashes of every item; the impact is people’s',
    ),
    row(
      '61508-1, 8†',
      'independence of those who assess',
      [],
      'integrator',
      'roles and keys are checked if people sign',
    ),
    row(
      '7.7†',
      'validation against the safety requirements of the system',
      [],
      'integrator',
      'the system is not known here',
    ),
  ],
}

export const ISO_26262: Profile = {
  id: 'iso-26262',
  standard: 'ISO 26262-6 and -8:2018',
  title: 'Road vehicles, functional safety: software, supporting processes',
  sources: [
    'Ferrocene, core certification: method tables of ISO 26262-6 (github.com/ferrocene/ferrocene)',
    'CodeQL coding standards: ISO 26262 tool qualification (github.com/github/codeql-coding-standards)',
  ],
  rows: [
    row('-6, Table 7-1j‡', 'requirements-based test', ['requirements', 'trace', 'tests'], 'met', ''),
    row('-6, Table 7-1k‡', 'interface test', ['tests', 'faults'], 'partial', 'at the ports of file system and memory'),
    row(
      '-6, Table 7-1l‡',
      'fault injection test',
      ['faults', 'crash'],
      'met',
      'recommended at ASIL B, highly recommended at D',
    ),
    row(
      '-6, Table 7-1m‡',
      'resource usage evaluation',
      ['faults'],
      'partial',
      'memory and disk; no execution time of the worst case',
    ),
    row('-6, Table 9‡', 'statement, branch, MC/DC coverage', ['coverage', 'mcdc', 'justifications'], 'met', ''),
    row('-6, Table 10-1c†', 'fault injection at integration', ['faults', 'crash'], 'partial', 'on the host'),
    row(
      '-6, Table 12†',
      'function and call coverage',
      ['coverage'],
      'partial',
      'functions; call coverage is not measured',
    ),
    row('-6, Table 14†', 'test of the embedded software', [], 'integrator', 'the target is not known here'),
    row('-6, Table 6-1b‡', 'no dynamic objects', [], 'not claimed', 'JavaScript has them everywhere'),
    row(
      '-8, 11‡',
      'confidence in the use of software tools',
      ['qualification'],
      'partial',
      'TI2; detection is argued by known answers',
    ),
    row(
      '-8, 12†',
      'qualification of software components',
      ['requirements', 'tests', 'coverage', 'faults', 'anomalies', 'configuration'],
      'partial',
      'the level and the intended use are the integrator’s',
    ),
  ],
}

export const EN_50716: Profile = {
  id: 'en-50716',
  standard: 'EN 50716:2023 (before: EN 50128:2011)',
  title: 'Railway applications: requirements for software development',
  sources: ['HEICON, EN 50128 and EN 50657: support tools (heicon-ulm.de)'],
  rows: [
    row(
      '6.1†',
      'software testing: specification and report',
      ['requirements', 'tests'],
      'partial',
      'the tester is named when a tester signs',
    ),
    row(
      '6.2†',
      'software verification: report',
      ['trace', 'tests', 'coverage'],
      'partial',
      'the verifier is another person than the tester',
    ),
    row('6.7‡', 'support tools: classes T1 to T3', ['qualification'], 'partial', 'T2: test harness and coverage tool'),
    row('7.3.4.7†', 'pre-existing software', ['requirements', 'anomalies', 'configuration'], 'partial', ''),
    row('Table A.21†', 'test coverage for code', ['coverage', 'mcdc', 'justifications'], 'met', ''),
    row('Table A.5†', 'fault injection, error seeding', ['faults', 'crash', 'mutation'], 'met', ''),
    row(
      '5.1†',
      'roles: tester, verifier, validator are different people',
      [],
      'integrator',
      'keys of their own are enforced where asked for',
    ),
    row('7.7†', 'validation of the software on its system', [], 'integrator', ''),
  ],
}
