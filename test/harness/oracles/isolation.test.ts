import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeIsolation, type RecordedTransaction } from '../../../harness/oracles/index.ts'
import type { ListOperation } from '../../../scenarios/index.ts'

const append = (list: string, value: number): ListOperation => ({ kind: 'append', list, value })
const read = (list: string, ...values: number[]): ListOperation => ({ kind: 'read', list, values })

/** Transactions that all run at once, unless told otherwise. */
function done(
  operations: readonly ListOperation[],
  given: Partial<Omit<RecordedTransaction, 'operations'>> = {},
): RecordedTransaction {
  return { client: 'a', beginEvent: 1, endEvent: 100, outcome: 'committed', ...given, operations }
}

/** What is wrong with a history, by the anomaly's name. */
function wrong(...history: RecordedTransaction[]): string {
  return judgeIsolation(history)?.message ?? 'nothing'
}

describe('isolation', { tags: ['SCH-02'] }, () => {
  it('is complained of when an update is lost: two read the same and both append', () => {
    const history = [done([read('x'), append('x', 1)]), done([read('x'), append('x', 2)]), done([read('x', 1, 2)])]
    expect(wrong(...history)).toContain('G-single')
  })

  it('is complained of when writes are mixed', () => {
    const history = [
      done([append('x', 1), append('y', 1)]),
      done([append('x', 2), append('y', 2)]),
      done([read('x', 1, 2)]),
      done([read('y', 2, 1)]),
    ]
    expect(wrong(...history)).toContain('G0')
  })

  it('is complained of when a snapshot sees half of a transaction', () => {
    expect(wrong(done([append('x', 1), append('y', 1)]), done([read('x', 1), read('y')]))).toContain('G-single')
  })

  it('is complained of when two skew each other', () => {
    const history = [done([read('x'), append('y', 1)]), done([read('y'), append('x', 1)])]
    expect(wrong(...history)).toContain('G2')
  })

  it('is complained of when two transactions read of each other', () => {
    const history = [done([append('x', 1), read('y', 1)]), done([append('y', 1), read('x', 1)])]
    expect(wrong(...history)).toContain('G1c')
  })

  it('is complained of when something aborted or unfinished is read', () => {
    expect(wrong(done([append('x', 1)], { outcome: 'aborted' }), done([read('x', 1)]))).toContain('G1a')
    expect(wrong(done([append('x', 1), append('x', 2)]), done([read('x', 1)]))).toContain('G1b')
    expect(wrong(done([read('x', 7)]))).toContain('nobody appended 7')
  })

  it('is complained of when a transaction does not see what it did itself, or an order changes', () => {
    expect(wrong(done([append('x', 1), read('x')]))).toContain('internal')
    const two = [done([append('x', 1)]), done([append('x', 2)])]
    expect(wrong(...two, done([read('x', 1, 2)]), done([read('x', 2, 1)]))).toContain('orders differ')
  })

  it('must agree with real time: what had ended is seen', () => {
    const early = done([append('x', 1)], { endEvent: 10 })
    expect(wrong(early, done([read('x')], { beginEvent: 11 }))).toContain('real time')
    expect(wrong(early, done([read('x')], { beginEvent: 9 }))).toBe('nothing')
  })

  it('lets a transaction of unknown outcome have happened or not, but not both', () => {
    const unknown = done([append('x', 1)], { outcome: 'unknown', endEvent: 10 })
    const late = { beginEvent: 11 }
    expect(wrong(unknown, done([read('x')], late))).toBe('nothing')
    expect(wrong(unknown, done([read('x', 1)], late))).toBe('nothing')
    const both = [done([read('x', 1)], { beginEvent: 11, endEvent: 12 }), done([read('x')], { beginEvent: 13 })]
    expect(wrong(unknown, ...both)).toContain('no serial order')
  })

  const operation = fc.record({ list: fc.constantFrom('x', 'y', 'z'), reads: fc.boolean() })
  const program = fc.array(fc.tuple(fc.array(operation, { minLength: 1, maxLength: 4 }), fc.boolean(), fc.nat(9)), {
    maxLength: 12,
  })

  it('is content with every history that was made one transaction after another', () => {
    fc.assert(
      fc.property(program, (transactions) => {
        expect(judgeIsolation(serialHistory(transactions))).toBeUndefined()
      }),
    )
  })

  it('is never content when a committed append is taken out of every later read', () => {
    fc.assert(
      fc.property(program, (transactions) => {
        const history = serialHistory(transactions.map(([operations, commits]) => [operations, commits, 0]))
        const lost = history
          .filter(({ outcome }) => outcome === 'committed')
          .flatMap(({ operations }) => operations)
          .find(
            (candidate) =>
              candidate.kind === 'append' &&
              history.some(({ operations, outcome }) =>
                operations.some(
                  (other) =>
                    outcome === 'committed' &&
                    other.kind === 'read' &&
                    other.list === candidate.list &&
                    other.values.includes(candidate.value) &&
                    !operations.includes(candidate),
                ),
              ),
          )
        fc.pre(lost !== undefined && lost.kind === 'append')
        const without = history.map((transaction) => ({
          ...transaction,
          operations: transaction.operations.map((candidate) =>
            candidate.kind === 'read' && candidate.list === lost.list && !transaction.operations.includes(lost)
              ? { ...candidate, values: candidate.values.filter((value) => value !== lost.value) }
              : candidate,
          ),
        }))
        expect(judgeIsolation(without)).toBeDefined()
      }),
    )
  })
})

/** Executes transactions one by one; each ends before the next begins, unless its overlap says that it began earlier. */
function serialHistory(
  transactions: readonly (readonly [readonly Readonly<{ list: string; reads: boolean }>[], boolean, number])[],
): readonly RecordedTransaction[] {
  const lists = new Map<string, readonly number[]>()
  let next = 0
  return transactions.map(([operations, commits, overlap], at): RecordedTransaction => {
    const own = new Map(lists)
    const made = operations.map(({ list, reads }): ListOperation => {
      const values = own.get(list) ?? []
      if (reads) return { kind: 'read', list, values }
      next += 1
      own.set(list, [...values, next])
      return { kind: 'append', list, value: next }
    })
    if (commits) for (const [list, values] of own) lists.set(list, values)
    const outcome = commits ? 'committed' : 'aborted'
    const beginEvent = Math.max(0, at * 10 - overlap * 10)
    return { client: `c${at % 3}`, beginEvent, endEvent: at * 10 + 5, outcome, operations: made }
  })
}
