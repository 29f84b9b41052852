// harness/oracles/isolation.ts: whether recorded transactions have one serial order that agrees with real time.
//
// The method is that of Elle for lists that values are only appended to (K. Kingsbury, P. Alvaro: "Elle: Inferring
// Isolation Anomalies from Experimental Observations", PVLDB 14(3), 2020). Because each value is appended once, a read
// tells which transactions came before it, and in which order; the dependencies make a graph, and a cycle in it is an
// anomaly, named as there and in A. Adya's thesis (1999): G0, G1a, G1b, G1c, G-single, G2.
//
//   T1 ─ww─▶ T2   T2 appended right after T1 to some list         T1 ─rw─▶ T2   T1 read a list without T2's value
//   T1 ─wr─▶ T2   T2 read what T1 appended                        T1 ─rt─▶ T2   T1 had ended before T2 began
//
// 1. Only what was observed is used, so a complaint is always right: there is no serial order.
// 2. A transaction whose outcome is unknown counts as committed if one of its values was read, and never has ended.
// 3. Values that were never read have no place among the others of their list. Such an anomaly is not seen, unless a read
//    lacks a value that must have been there: a lost update always is.

import type { RecordedTransaction } from './history.ts'
import { violation, type Violation } from './violation.ts'

type EdgeKind = 'ww' | 'wr' | 'rw' | 'rt'
type Edge = Readonly<{ to: number; kind: EdgeKind; why: string }>
/** Who appended a value, and whether it appended to the same list again. */
type Writer = Readonly<{ transaction: number; last: boolean }>

/** The first anomaly of a history; undefined if it has a serial order. */
export function judgeIsolation(history: readonly RecordedTransaction[]): Violation | undefined {
  const message = new IsolationCheck(history).run()
  return message === undefined ? undefined : violation('isolation', message)
}

class IsolationCheck {
  private readonly history: readonly RecordedTransaction[]
  /** By list, by value. */
  private readonly writers = new Map<string, Map<number, Writer>>()
  /** The longest read of each list: the order of its values. */
  private readonly orders = new Map<string, readonly number[]>()
  private readonly edges: Edge[][]

  constructor(history: readonly RecordedTransaction[]) {
    this.history = history
    this.edges = history.map(() => [])
  }

  run(): string | undefined {
    return this.collectWrites() ?? this.collectReads() ?? this.cycle()
  }

  private collectWrites(): string | undefined {
    for (const [transaction, { operations }] of this.history.entries())
      for (const [at, operation] of operations.entries()) {
        if (operation.kind !== 'append') continue
        const { list, value } = operation
        const writers = this.writers.get(list) ?? new Map<number, Writer>()
        this.writers.set(list, writers)
        if (writers.has(value)) return `the history appends ${value} to '${list}' twice: no order can be told from it`
        const last = !operations.slice(at + 1).some((later) => later.kind === 'append' && later.list === list)
        writers.set(value, { transaction, last })
      }
    return undefined
  }

  /** What reads show of themselves: values that should not be there, and lists that are not one list. */
  private collectReads(): string | undefined {
    for (const [reader, { operations, outcome }] of this.history.entries()) {
      if (outcome === 'aborted') continue
      const own = new Map<string, number[]>()
      for (const operation of operations) {
        const { list } = operation
        if (operation.kind === 'append') {
          own.set(list, [...(own.get(list) ?? []), operation.value])
          continue
        }
        const wrong = this.wrongRead(reader, list, operation.values, own.get(list) ?? [])
        if (wrong !== undefined) return wrong
      }
    }
    return undefined
  }

  private wrongRead(
    reader: number,
    list: string,
    values: readonly number[],
    own: readonly number[],
  ): string | undefined {
    const others = values.slice(0, values.length - own.length)
    const text = `${this.name(reader)} read '${list}' as [${values.join(', ')}]`
    if (own.some((value, at) => values[others.length + at] !== value))
      return `${text}, without its own [${own.join(', ')}] at the end (internal)`
    const seen = new Set<number>()
    for (const value of others) {
      if (seen.has(value)) return `${text}: ${value} is there twice`
      seen.add(value)
      const writer = this.writers.get(list)?.get(value)
      if (writer === undefined) return `${text}: nobody appended ${value}`
      if (this.history[writer.transaction]?.outcome === 'aborted')
        return `${text}: ${value} is of ${this.name(writer.transaction)}, which was aborted (G1a)`
    }
    const lastWriter = this.writers.get(list)?.get(others[others.length - 1] ?? Number.NaN)
    if (lastWriter !== undefined && !lastWriter.last && lastWriter.transaction !== reader)
      return `${text}: ${this.name(lastWriter.transaction)} had not done yet (G1b)`
    const known = this.orders.get(list) ?? []
    const differs = others.findIndex((value, at) => at < known.length && known[at] !== value)
    if (differs >= 0) return `${text}, and another read shows [${known.join(', ')}]: their orders differ`
    if (others.length > known.length) this.orders.set(list, others)
    return undefined
  }

  private cycle(): string | undefined {
    const counts = this.history.map((_, transaction) => this.counts(transaction))
    this.orderEdges(counts)
    this.readEdges(counts)
    this.timeEdges(counts)
    const cycle = shortestCycle(this.edges)
    if (cycle === undefined) return undefined
    const kinds = cycle.map(({ edge }) => edge.kind)
    const text = cycle.map(({ from, edge }) => `${this.name(from)} ${edge.why} ${this.name(edge.to)}`).join('; ')
    return `no serial order (${anomaly(kinds)}): ${text}`
  }

  /** Whether a transaction has happened, as far as can be told. */
  private counts(transaction: number): boolean {
    const recorded = this.history[transaction]
    if (recorded === undefined || recorded.outcome === 'aborted') return false
    if (recorded.outcome === 'committed') return true
    return recorded.operations.some(
      (operation) =>
        operation.kind === 'append' && (this.orders.get(operation.list)?.includes(operation.value) ?? false),
    )
  }

  private orderEdges(counts: readonly boolean[]): void {
    for (const [list, order] of this.orders)
      for (const [at, value] of order.entries()) {
        const from = this.writers.get(list)?.get(value)?.transaction
        const to = this.writers.get(list)?.get(order[at + 1] ?? Number.NaN)?.transaction
        this.edge(counts, from, to, 'ww', `appended ${value} to '${list}' before`)
      }
  }

  private readEdges(counts: readonly boolean[]): void {
    for (const [reader, { operations, outcome }] of this.history.entries()) {
      // What a transaction of unknown outcome read is as good as what it wrote: it may never have been.
      if (outcome === 'aborted') continue
      for (const operation of operations) {
        if (operation.kind !== 'read') continue
        const { list, values } = operation
        const read = new Set(values)
        for (const [value, { transaction }] of this.writers.get(list) ?? []) {
          if (read.has(value)) this.edge(counts, transaction, reader, 'wr', `appended ${value} to '${list}', read by`)
          else this.edge(counts, reader, transaction, 'rw', `read '${list}' without ${value} of`)
        }
      }
    }
  }

  private timeEdges(counts: readonly boolean[]): void {
    for (const [from, { endEvent, outcome }] of this.history.entries()) {
      if (endEvent === undefined || outcome !== 'committed') continue
      for (const [to, { beginEvent }] of this.history.entries())
        if (endEvent < beginEvent) this.edge(counts, from, to, 'rt', 'had ended before the begin of')
    }
  }

  private edge(
    counts: readonly boolean[],
    from: number | undefined,
    to: number | undefined,
    kind: EdgeKind,
    why: string,
  ): void {
    if (from === undefined || to === undefined || from === to) return
    if (counts[from] === true && counts[to] === true) this.edges[from]?.push({ to, kind, why })
  }

  private name(transaction: number): string {
    return `T${transaction + 1} of ${this.history[transaction]?.client ?? '?'}`
  }
}

/** The anomaly's name by the edges of its cycle. */
function anomaly(kinds: readonly EdgeKind[]): string {
  const reads = kinds.filter((kind) => kind === 'rw').length
  const name = reads > 1 ? 'G2' : reads === 1 ? 'G-single' : kinds.includes('wr') ? 'G1c' : 'G0'
  return kinds.includes('rt') ? `${name}, with real time` : name
}

type CycleStep = Readonly<{ from: number; edge: Edge }>

/** A shortest cycle; breadth first from every node, since histories of a run are small. */
function shortestCycle(edges: readonly (readonly Edge[])[]): readonly CycleStep[] | undefined {
  let best: readonly CycleStep[] | undefined
  for (let start = 0; start < edges.length; start += 1) {
    const cycle = cycleFrom(edges, start, best?.length ?? Infinity)
    if (cycle !== undefined) best = cycle
  }
  return best
}

function cycleFrom(
  edges: readonly (readonly Edge[])[],
  start: number,
  shorterThan: number,
): readonly CycleStep[] | undefined {
  const reached = new Map<number, CycleStep>()
  let frontier = [start]
  for (let length = 1; length < shorterThan && frontier.length > 0; length += 1) {
    const next: number[] = []
    for (const from of frontier)
      for (const edge of edges[from] ?? []) {
        if (edge.to === start) return pathTo(reached, start, { from, edge })
        if (reached.has(edge.to)) continue
        reached.set(edge.to, { from, edge })
        next.push(edge.to)
      }
    frontier = next
  }
  return undefined
}

function pathTo(reached: ReadonlyMap<number, CycleStep>, start: number, last: CycleStep): readonly CycleStep[] {
  const path = [last]
  for (let at = last.from; at !== start;) {
    const step = reached.get(at)
    if (step === undefined) break
    path.unshift(step)
    at = step.from
  }
  return path
}
