// faults/mutants/damage-mutants.ts: defects that only damage of what was on the disk brings to light.

import type { EngineMutant } from './engine-mutant.ts'

const SMALL = { families: ['corruption'], parameters: { iterations: 16 } } as const

export const DAMAGE_MUTANTS: readonly EngineMutant[] = [
  {
    id: 'record-checksum-not-compared',
    kind: 'engine',
    scenario: 'core20',
    summary: "a record's checksum not compared when it is read",
    file: 'engine/pack/item-storage.ts',
    anchor: 'if (stored !== crc)',
    replacement: 'if (stored !== crc && !REACHED())',
    campaign: SMALL,
    oracles: ['damage-detected', 'damage-named', 'salvage'],
  },
  {
    id: 'length-trusted-before-its-check',
    kind: 'engine',
    scenario: 'core20',
    summary: 'room made for as many bytes as a record says that it has, before its checksum is compared',
    file: 'engine/pack/item-storage.ts',
    anchor: 'const block = this.#allocator.allocate(extraBytes + inFile, tag);',
    replacement:
      'const frame = new Uint8Array(9); this.#log.read(pack, offsetBytes, Math.min(9, inFile), frame, 0); const claimed = recordPayloadBytes(frame, 0, 9); const block = this.#allocator.allocate(extraBytes + Math.max(inFile, claimed === lengthBytes || !REACHED() ? 0 : claimed), tag);',
    campaign: SMALL,
    oracles: ['bounded-work'],
  },
  {
    id: 'damage-taken-for-torn-tail',
    kind: 'engine',
    scenario: 'core20',
    summary: 'recovery takes damage of a commit that a record calls durable for a torn tail',
    file: 'engine/pack/recovery.ts',
    anchor: 'if (comparePositions(this.#namedMark, position) > 0)',
    replacement: 'if (comparePositions(this.#namedMark, position) > 0 && !REACHED())',
    campaign: SMALL,
    oracles: ['damage-detected'],
  },
  {
    id: 'damage-without-place',
    kind: 'engine',
    scenario: 'core20',
    summary: 'damage reported without the path and the offset',
    file: 'engine/format/layout.ts',
    anchor: '`${path} at ${offsetBytes}: ${message}`, { path, offsetBytes });',
    replacement: '`${path} at ${offsetBytes}: ${message}`, REACHED() ? {} : { path, offsetBytes });',
    campaign: SMALL,
    oracles: ['damage-named'],
  },
  {
    id: 'all-lost-with-one',
    kind: 'engine',
    scenario: 'core20',
    summary: 'after one damaged record no other one is given',
    file: 'engine/pack/item-storage.ts',
    anchor: 'if (stored !== crc)',
    replacement: 'if (stored !== crc) this.someIsDamaged = REACHED(); if (stored !== crc || this.someIsDamaged)',
    campaign: SMALL,
    oracles: ['rest-readable', 'salvage'],
  },
  {
    id: 'salvage-calls-old-rows-certain',
    kind: 'engine',
    scenario: 'bank',
    summary: 'salvage takes a row from an older leaf and calls it certain',
    file: 'engine/database/salvage-rows.ts',
    anchor: 'this.#take(plan, values, true);',
    replacement: 'this.#take(plan, values, !REACHED());',
    campaign: { families: ['corruption'], parameters: { transfers: 16 } },
    oracles: ['salvage'],
  },
]
