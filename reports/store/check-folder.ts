// reports/store/check-folder.ts: whether a result folder says the same twice: in its result and in its records.
//
// A folder that was cut short, torn or edited is still worth a report; what does not fit is told in it, a sentence each.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprintOf, NO_FAULT_FAMILY, RUN_OUTCOMES, type Campaign, type RunRecord } from '../format/index.ts'
import { plural } from '../text/index.ts'
import { RECORDS_FILE } from './campaign-file.ts'
import { readRecords } from './records.ts'

/** Sentences that are told; the others are counted. */
const PROBLEMS_MAX = 10

type Counts = { run: number; delivered: number } & Record<(typeof RUN_OUTCOMES)[number], number>

/** Counts records one at a time, to be compared with what the result says of them. */
export class FolderCheck {
  readonly #counts = new Map<string, Counts>()
  readonly #fingerprints = new Map<string, number>()
  #records = 0
  #tornBytes = 0

  add(record: RunRecord): void {
    const { scenario, family, outcome, delivered } = record
    this.#records += 1
    const key = keyOf(scenario, family)
    const counts = this.#counts.get(key) ?? noCounts()
    this.#counts.set(key, counts)
    counts.run += 1
    counts.delivered += delivered
    counts[outcome] += 1
    if (outcome === 'violation') {
      const name = fingerprintOf(record)
      this.#fingerprints.set(name, (this.#fingerprints.get(name) ?? 0) + 1)
    }
  }

  /** The end of the file that is no record. */
  torn(bytes: number): void {
    this.#tornBytes = bytes
  }

  /** What does not fit, a sentence each; none if all does. Throws ReportError as reading records does. */
  problems(campaign: Campaign, directory: string): readonly string[] {
    const found = [...this.#problems(campaign, directory)]
    const more = found.length - PROBLEMS_MAX
    return more > 0 ? [...found.slice(0, PROBLEMS_MAX), `${plural(more, 'more contradiction')} in the folder.`] : found
  }

  *#problems(campaign: Campaign, directory: string): Generator<string> {
    const said = Object.values(campaign.families).reduce((sum, { run }) => sum + run, 0)
    if (!existsSync(join(directory, RECORDS_FILE))) {
      if (said > 0) yield `There is no ${RECORDS_FILE}: ${plural(said, 'run')} cannot be told one by one.`
      return
    }
    if (this.#tornBytes > 0)
      yield `The last record of ${RECORDS_FILE} is torn: ${plural(this.#tornBytes, 'byte')} after line ${this.#records} were not used.`
    yield* this.#familyProblems(campaign)
    yield* this.#violationProblems(campaign)
  }

  *#familyProblems({ scenarios }: Campaign): Generator<string> {
    const known = new Set<string>()
    for (const { name, families } of scenarios) {
      for (const [family, { run, delivered, outcomes }] of Object.entries(families)) {
        const key = keyOf(name, family)
        known.add(key)
        const counts = this.#counts.get(key) ?? noCounts()
        const where = `of family ${family} of '${name}'`
        if (counts.run !== run) yield `The result counts ${plural(run, 'run')} ${where}, the records are ${counts.run}.`
        else if (counts.delivered !== delivered)
          yield `The result counts ${plural(delivered, 'fault')} delivered ${where}, the records have ${counts.delivered}.`
        for (const outcome of RUN_OUTCOMES) {
          if (counts.run === run && counts[outcome] !== outcomes[outcome])
            yield `The result counts ${outcomes[outcome]} '${outcome}' ${where}, the records are ${counts[outcome]}.`
        }
      }
    }
    for (const [key, { run }] of this.#counts) {
      if (!known.has(key)) yield `${plural(run, 'record')} of ${key} are of nothing that the result tells of.`
    }
  }

  *#violationProblems({ violations }: Campaign): Generator<string> {
    const told = new Map(violations.map((row) => [row.fingerprint, row]))
    for (const { fingerprint, family, count } of violations) {
      const seen = this.#fingerprints.get(fingerprint) ?? 0
      if (family !== NO_FAULT_FAMILY && seen !== count)
        yield `The result counts violation ${fingerprint} in ${plural(count, 'run')}, the records show ${seen}.`
    }
    for (const [fingerprint, count] of this.#fingerprints) {
      if (!told.has(fingerprint))
        yield `Violation ${fingerprint} is in ${plural(count, 'record')} and not in the result.`
    }
  }
}

/** Reads the folder's records and compares. */
export function checkFolder(campaign: Campaign, directory: string): readonly string[] {
  const check = new FolderCheck()
  for (const record of readRecords(directory, (bytes) => check.torn(bytes))) check.add(record)
  return check.problems(campaign, directory)
}

function noCounts(): Counts {
  return {
    run: 0,
    delivered: 0,
    passed: 0,
    violation: 0,
    'not-reached': 0,
    'scenario-failure': 0,
    'harness-failure': 0,
  }
}

function keyOf(scenario: string, family: string): string {
  return `'${scenario}' ${family}`
}
