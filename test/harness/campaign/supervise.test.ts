import { describe, expect, it } from 'vitest'
import { superviseUnit, type RecordSink, type UnitTask, type WorkEnd } from '../../../harness/campaign/index.ts'
import type { CampaignRequest, RunRecord, RunStart, UnitResult } from '../../../harness/plan/index.ts'

const request: CampaignRequest = {
  subject: { scenario: 'bank', parameters: {}, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
  families: ['io'],
  modes: ['once'],
  forms: ['linear'],
  statesPerIntervalMax: 0,
}
const startOf = (order: number): RunStart => ({
  order,
  token: `token-${order}`,
  scenario: 'bank',
  family: 'io',
  form: 'linear',
  point: order + 1,
  mode: 'once',
  fault: 'sync EIO',
  phase: 'step 1',
})
const recordOf = (order: number): RunRecord => ({
  ...startOf(order),
  outcome: 'passed',
  delivered: 1,
  traceHash: 'hash',
  durationMs: 1,
})
const result: UnitResult = {
  unit: 0,
  planned: 10,
  run: 10,
  merged: 0,
  mergedBy: { fault: 0, image: 0, readSet: 0 },
  skipped: 0,
  delivered: 10,
  recoveryMs: 0,
  checkMs: 0,
}

/** A worker that has ten plans and ends as `end` says at the order that it has come to. */
function crewThat(end: (order: number, attempt: number) => 'dies' | 'hangs' | undefined, losing = 0) {
  let attempt = 0
  return {
    attempts: () => attempt,
    runUnit: async ({ done }: UnitTask, sink: RecordSink): Promise<WorkEnd<UnitResult>> => {
      attempt += 1
      const waiting: RunRecord[] = []
      for (let order = 0; order < 10; order += 1) {
        if (done.has(order)) continue
        const how = end(order, attempt)
        if (how !== undefined) {
          sink(waiting.slice(0, Math.max(0, waiting.length - losing)))
          const start = startOf(order)
          return how === 'dies' ? { kind: 'died', message: 'exit 9', start } : { kind: 'hung', limitMs: 60_000, start }
        }
        waiting.push(recordOf(order))
      }
      sink(waiting)
      return { kind: 'done', result, digest: 'same' }
    },
  }
}

const task: UnitTask = { request, unit: 0, done: new Set() }
const supervise = async (crew: ReturnType<typeof crewThat>) => {
  const records: RunRecord[] = []
  const end = await superviseUnit(
    crew,
    task,
    (more) => records.push(...more),
    () => false,
  )
  return { end, records, attempts: crew.attempts() }
}
const orders = (records: readonly RunRecord[]) => records.map(({ order }) => order)
const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

describe('superviseUnit', { tags: ['LIF-02'] }, () => {
  it('passes on the records of a worker that does its work', async () => {
    const { records, attempts } = await supervise(crewThat(() => undefined))
    expect([orders(records), attempts]).toEqual([all, 1])
  })

  it(
    'runs nothing twice that it has a record of, and everything that was lost with the worker',
    { tags: ['LIF-01'] },
    async () => {
      const { end, records, attempts } = await supervise(
        crewThat((order, attempt) => (order === 6 && attempt === 1 ? 'dies' : undefined), 2),
      )
      expect([orders(records), attempts, end.result]).toEqual([all, 2, result])
    },
  )

  it('records a run that ends its worker twice, and goes on behind it', async () => {
    const { records, attempts } = await supervise(crewThat((order) => (order === 6 ? 'dies' : undefined)))
    expect([orders(records).toSorted((a, b) => a - b), attempts]).toEqual([all, 3])
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toMatchObject([
      { order: 6, token: 'token-6', outcome: 'harness-failure', message: expect.stringMatching(/exit 9/) },
    ])
  })

  it('records a run that hangs at once, without a second try', async () => {
    const { records, attempts } = await supervise(crewThat((order) => (order === 2 ? 'hangs' : undefined)))
    expect([orders(records).toSorted((a, b) => a - b), attempts]).toEqual([all, 2])
    expect(records.find(({ order }) => order === 2)).toMatchObject({ outcome: 'scenario-failure', oracle: 'hang' })
  })

  it('gives a unit up that fails twice before its first run, and says why', async () => {
    const crew = {
      runUnit: async (): Promise<WorkEnd<UnitResult>> => ({ kind: 'died', message: 'no memory', start: undefined }),
    }
    const end = await superviseUnit(
      crew,
      task,
      () => {},
      () => false,
    )
    expect(end).toMatchObject({ result: undefined, reason: expect.stringMatching(/no memory/) })
  })
})
