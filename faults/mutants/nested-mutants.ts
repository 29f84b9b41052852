// faults/mutants/nested-mutants.ts: defects that one fault does not show: of what a second recovery makes of what
// the first one left.

import type { EngineMutant } from './engine-mutant.ts'

/** No roll-over: packs other than the first are begun by recoveries. */
const ONE_PACK = { transfers: 3, accounts: 3, packBytes: 65_536 } as const

export const NESTED_MUTANTS: readonly EngineMutant[] = [
  {
    id: 'pack-of-a-recovery-taken-for-durable',
    kind: 'engine',
    scenario: 'bank',
    summary: 'a commit in a pack that another recovery began is taken for durable, and not written again after a kill',
    file: 'engine/pack/recovery.ts',
    anchor: 'if (comparePositions(proven, { pack: position.pack, offsetBytes: endBytes }) > 0)',
    replacement:
      'if (comparePositions(proven, { pack: position.pack, offsetBytes: endBytes }) > 0 || (position.pack > 1 && REACHED()))',
    campaign: { families: ['recovery'], modes: ['once'], parameters: ONE_PACK },
    oracles: ['recovered-state', 'recovery-commits', 'recovery-verify', 'sound-after-unwinding', 'claim-audit'],
  },
  {
    id: 'lock-of-a-crashed-recovery-blocks',
    kind: 'engine',
    scenario: 'bank',
    summary: 'a lock that a recovery was making when it was killed keeps the next one out',
    file: 'engine/lock/acquire-lock.ts',
    anchor: "if (text.length >= (yield* files.textBytes(name))) return { kind: 'free' };",
    replacement:
      "if (text.length >= (yield* files.textBytes(name))) return number > 1 && REACHED() ? { kind: 'gone' } : { kind: 'free' };",
    campaign: { families: ['recovery'], modes: ['once'], parameters: ONE_PACK },
    oracles: ['recovery-opens', 'recovery-commits', 'recovery-rests', 'sound-after-unwinding', 'store-still-works'],
  },
  {
    id: 'old-pack-synced-at-reopen',
    kind: 'engine',
    scenario: 'bank',
    summary:
      'after a kill the old pack is synced again instead of rewritten: a sync that failed before dropped its pages',
    file: 'engine/database/store-state.ts',
    anchor: 'const isInTail = (reference) => comparePositions(reference, proven) >= 0;',
    replacement:
      'REACHED(); const old = this.files.openForAppend(log.accepted.mark.pack); try { old.sync(); } finally { old.close(); } const isInTail = (reference) => reference.pack === proven.pack && reference.pack !== log.accepted.mark.pack && comparePositions(reference, proven) >= 0;',
    campaign: { families: ['recovery'], modes: ['once'], parameters: ONE_PACK },
    oracles: ['recovered-state', 'recovery-commits', 'recovery-verify', 'recovery-opens'],
  },
]
