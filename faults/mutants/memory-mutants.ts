// faults/mutants/memory-mutants.ts: defects of the way back: leaks, allocations while unwinding, swallowed errors, blocks
// used after they were freed, and content that a failed statement leaves behind.

import type { EngineMutant } from './engine-mutant.ts'

const SMALL = { iterations: 12 } as const
const ONCE = { families: ['allocation'], modes: ['once'], parameters: SMALL } as const

export const MEMORY_MUTANTS: readonly EngineMutant[] = [
  {
    id: 'block-not-freed-on-error',
    kind: 'engine',
    scenario: 'core20',
    summary: 'a buffer not freed on the error path',
    file: 'engine/database/transaction.ts',
    anchor: 'catch (error) { allocator.free(this.#block); throw error; }',
    replacement: 'catch (error) { REACHED(); throw error; }',
    campaign: ONCE,
    oracles: ['no-leak'],
  },
  {
    id: 'handle-block-not-freed',
    kind: 'engine',
    scenario: 'core20',
    summary: 'the block of a handle that could not be opened is not freed',
    file: 'engine/pack/pack-files.ts',
    anchor: 'catch (error) { this.#allocator.free(block); throw error; }',
    replacement: 'catch (error) { REACHED(); throw error; }',
    campaign: { families: ['io'], modes: ['once'], parameters: SMALL },
    oracles: ['no-leak'],
  },
  {
    id: 'allocation-while-unwinding',
    kind: 'engine',
    scenario: 'core20',
    summary: 'an allocation on the unwinding path',
    file: 'engine/tree/overlay.ts',
    anchor: "undoStatement() { assert(this.#inStatement, 'a statement has begun');",
    replacement:
      "undoStatement() { assert(this.#inStatement, 'a statement has begun'); REACHED(); this.#allocator.free(this.#allocator.allocate(8, 'overlay'));",
    campaign: ONCE,
    oracles: ['no-allocation-after-failure'],
  },
  {
    id: 'out-of-memory-swallowed',
    kind: 'engine',
    scenario: 'core20',
    summary: 'an out-of-memory error swallowed: the update is aborted and acknowledged',
    file: 'engine/database/engine-database.ts',
    anchor:
      'const result = work(transaction); transaction.commit(); return result; } catch (error) { transaction.abort(); throw error; }',
    replacement:
      "const result = work(transaction); transaction.commit(); return result; } catch (error) { transaction.abort(); if (error.code === 'E_NO_MEMORY' && REACHED()) return undefined; throw error; }",
    campaign: ONCE,
    oracles: ['failure-reported'],
  },
  {
    id: 'freed-twice',
    kind: 'engine',
    scenario: 'core20',
    summary: 'a double free on the error path',
    file: 'engine/database/transaction.ts',
    anchor: 'catch (error) { allocator.free(this.#block); throw error; }',
    replacement: 'catch (error) { REACHED(); allocator.free(this.#block); allocator.free(this.#block); throw error; }',
    campaign: ONCE,
    oracles: ['failure-reported'],
  },
  {
    id: 'used-after-free',
    kind: 'engine',
    scenario: 'core20',
    summary: 'a use after free: a row that settling moves is freed before it is written',
    file: 'engine/database/store-state.ts',
    anchor:
      'try { return this.items.appendItem(block.bytes, block.start, reference.lengthBytes); } finally { this.allocator.free(block); }',
    replacement:
      'REACHED(); this.allocator.free(block); return this.items.appendItem(block.bytes, block.start, reference.lengthBytes);',
    campaign: { families: ['crash'], parameters: SMALL },
    oracles: ['recovery-commits', 'recovered-state', 'recovery-verify', 'living-process', 'scenario-failure'],
  },
  {
    id: 'lock-kept-after-error',
    kind: 'engine',
    scenario: 'core20',
    summary: 'a lock kept after an error',
    file: 'engine/database/open-database.ts',
    anchor: 'catch (error) { lock?.release();',
    replacement: 'catch (error) { REACHED();',
    campaign: ONCE,
    oracles: ['no-leak', 'store-still-works'],
  },
  {
    id: 'index-entry-missed-on-update',
    kind: 'engine',
    scenario: 'rows',
    summary: 'an index entry missed on update',
    file: 'engine/database/transaction.ts',
    anchor: 'this.#putEntry(table, plan, after, bytesOf(key));',
    replacement: 'REACHED();',
    campaign: { families: ['crash'], parameters: { rows: 6 } },
    oracles: ['scenario-contract', 'scenario-failure', 'living-process', 'recovery-verify', 'recovered-state'],
  },
  {
    id: 'last-key-byte-ignored',
    kind: 'engine',
    scenario: 'core20',
    summary: 'a compare that ignores the last key byte',
    file: 'engine/tree/node.ts',
    anchor: 'const common = length < keyLength ? length : keyLength;',
    replacement: 'REACHED(); const common = (length < keyLength ? length : keyLength) - 1;',
    campaign: { families: ['crash'], parameters: SMALL },
    oracles: ['scenario-contract', 'scenario-failure', 'living-process', 'recovery-verify', 'recovered-state'],
  },
]
