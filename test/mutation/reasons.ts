// test/mutation/reasons.ts: survivors that were looked at, each with the reason why nothing notices it.
//
// An entry names a mutant by its place (`mutant-place.ts`). One whose mutant is not there any more, because the function
// around it changed, is stale; so is one whose mutant is killed by now. Both are errors. What has a reason stays a survivor.

import { keyOf, type MutantName, type MutantPlace } from './mutant-place.ts'

export const REASONS_FILE = 'engine/evidence/mutation-survivors.json'

/** `equivalent`: no run can differ. `unobservable`: only what nobody promises differs, such as speed or a second check. */
export const SURVIVOR_CLASSES = ['equivalent', 'unobservable'] as const
export type SurvivorClass = (typeof SURVIVOR_CLASSES)[number]

export type Reason = MutantName & Readonly<{ class: SurvivorClass; reason: string }>

export type ReasonsFile = Readonly<{ formatVersion: 1; survivors: readonly Reason[] }>

/** Longest text of a mutant that is written out; the hash binds all of it. */
const TEXT_MAX = 160

export function shownText(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 1)}…` : line
}

/** What is wrong with the entries: a sentence each. */
export function reasonProblems(
  reasons: readonly Reason[],
  mutants: readonly MutantPlace[],
  killed: ReadonlySet<string>,
): string[] {
  const there = new Set(mutants.map(keyOf))
  const files = new Set(mutants.map(({ file }) => file))
  const seen = new Set<string>()
  return reasons.flatMap((entry) => {
    const key = keyOf(entry)
    const where = `${entry.file} ${entry.function}: ${shownText(entry.text)} ▶ ${shownText(entry.replacement)}`
    const isRepeated = seen.has(key)
    seen.add(key)
    if (isRepeated) return [`${where}: is explained twice`]
    if (entry.reason.trim() === '') return [`${where}: the reason is empty`]
    if (!SURVIVOR_CLASSES.includes(entry.class)) return [`${where}: class is none of ${SURVIVOR_CLASSES.join(', ')}`]
    if (killed.has(key)) return [`${where}: is killed by now, the reason has to go`]
    // Of files that were not asked for nothing is known.
    if (files.has(entry.file) && !there.has(key)) return [`${where}: is stale, the function has changed`]
    return []
  })
}
