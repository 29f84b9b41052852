// harness/host/journal.ts: which units of a campaign have ended, one JSON line each, beside its records.
//
// The first line says which campaign it is. A last line that is torn by a kill is dropped: its unit is run again, and
// the records that are there are not. The file is small (a line a unit), so it is read whole.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Journal, JournalUnit } from '../campaign/index.ts'

export const JOURNAL_FILE = 'units.ndjson'

export class FileJournal implements Journal {
  campaign: Readonly<{ key: string; commandLine: string }> | undefined
  readonly units: JournalUnit[] = []
  readonly #path: string

  constructor(directory: string) {
    this.#path = join(directory, JOURNAL_FILE)
    const lines = readLines(this.#path)
    const [head, ...units] = lines
    if (head === undefined) return
    const header = head as Partial<Readonly<{ key: string; commandLine: string }>>
    if (typeof header.key === 'string') this.campaign = { key: header.key, commandLine: header.commandLine ?? '' }
    this.units.push(...units.map((unit) => unit as JournalUnit))
    writeFileSync(this.#path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }

  begin(campaign: Readonly<{ key: string; commandLine: string }>): void {
    this.campaign = campaign
    writeFileSync(this.#path, `${JSON.stringify(campaign)}\n`)
  }

  add(unit: JournalUnit): void {
    appendFileSync(this.#path, `${JSON.stringify(unit)}\n`)
  }
}

/** Whole lines only. */
function readLines(path: string): readonly unknown[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as unknown)
}
