// test/reports/sample-campaign.ts: campaigns of any size, made up by arithmetic, for the tests of the reports.

import type { CampaignInput, RunRecord, ScenarioInput } from '../../reports/index.ts'

const SITES = [
  'NodePool.take (engine/tree/node-pool.ts:41)',
  'PageCache.load (engine/pages/page-cache.ts:88)',
  'Transaction.begin (engine/transaction/transaction.ts:27)',
  'RowBuffer.grow (engine/rows/row-buffer.ts:63)',
  'Cursor.open (engine/tree/cursor.ts:19)',
  'Overlay.write (engine/transaction/overlay.ts:112)',
]
const CALLS = ['open', 'append', 'append', 'sync', 'read', 'syncDirectory', 'append', 'sync', 'close'] as const
const STATES = ['kill', 'none', 'prefix', 'torn', 'subset'] as const

export type SampleOptions = Readonly<{
  scenario: string
  runs: number
  /** Every how many runs one is not right; 0: none. */
  badEvery: number
}>

export function sampleRecord(order: number, { scenario, runs, badEvery }: SampleOptions): RunRecord {
  const firstIo = Math.floor((runs * 7) / 20)
  const firstCrash = Math.floor((runs * 11) / 20)
  const family = order < firstIo ? 'allocation' : order < firstCrash ? 'io' : 'crash'
  const first = family === 'allocation' ? 0 : family === 'io' ? firstIo : firstCrash
  const within = order - first
  const point = 1 + Math.floor(within / (family === 'crash' ? 6 + ((within >> 5) % 5) * 3 : 2))
  const bad = badEvery > 0 && order % badEvery === badEvery - 1
  const outcome = bad ? (['violation', 'violation', 'not-reached', 'scenario-failure'] as const)[order % 4] : undefined
  const site = SITES[(point * 7 + (point >> 3)) % SITES.length] ?? ''
  const oracles = ['leak', 'model', 'durability'] as const
  const oracle = oracles[order % 3] ?? 'model'
  return {
    order,
    token: `pc1-${order.toString(36).padStart(6, '0')}-k7q2m9x`,
    scenario,
    family,
    form: family === 'crash' || order % 5 > 0 ? 'linear' : 'warm',
    point,
    mode: family === 'crash' ? (STATES[within % STATES.length] ?? 'none') : within % 2 === 0 ? 'once' : 'from',
    fault:
      family === 'allocation'
        ? `allocation ${32 + (point % 9) * 16} bytes 'node'`
        : family === 'io'
          ? `${CALLS[point % CALLS.length] ?? 'open'} ${point % 3 === 0 ? 'ENOSPC' : 'EIO'}`
          : `after ${CALLS[point % CALLS.length] ?? 'open'}, ${STATES[within % STATES.length] ?? 'none'} ${within % 7}`,
    phase: `insert row ${Math.floor(point / 8)}`,
    ...(family === 'crash' ? {} : { site }),
    outcome: outcome ?? 'passed',
    delivered: outcome === 'not-reached' ? 0 : 1,
    ...(family === 'crash' || bad ? {} : { retry: order % 11 === 0 ? ('reopened' as const) : ('retried' as const) }),
    ...(outcome === 'violation'
      ? {
          oracle,
          message: `expected <19> rows & got <18>:\n- row 18 { "value": 'x' }\n+ nothing`,
          fingerprint: `${oracle}-${(point % 3).toString(16).padStart(8, 'f')}`,
        }
      : {}),
    ...(outcome === 'scenario-failure' ? { message: 'TypeError: rows is undefined' } : {}),
    traceHash: `${order.toString(16).padStart(8, '0')}c0ffee`,
    ...(family === 'crash'
      ? {
          recoveryBytes: 512 * (3 + ((within * 37) % 11)) + (point % 40) * 900,
          recoveryMs: ((within * 13) % 97) / 10,
          databaseBytes: 4096 + point * 300,
          acknowledgedLost: within % 50 === 0 ? 1 : 0,
          unacknowledgedLost: within % 3 === 0 ? 1 : 0,
        }
      : {}),
    durationMs: 0.4 + (order % 13) / 10,
  }
}

export function sampleInput(options: SampleOptions, over: Partial<ScenarioInput> = {}): CampaignInput {
  const counts: Record<string, number> = { allocation: 0, io: 0, crash: 0 }
  for (let order = 0; order < options.runs; order += 1) {
    const { family } = sampleRecord(order, options)
    counts[family] = (counts[family] ?? 0) + 1
  }
  let lastPoint = 0
  for (let order = 0; order < options.runs; order += 1) {
    const { family, point } = sampleRecord(order, options)
    if (family === 'crash') lastPoint = Math.max(lastPoint, point)
  }
  let pending = 0
  const timeline = Array.from({ length: lastPoint + 2 }, (_, at) => {
    const kind = CALLS[(at + 1) % CALLS.length] ?? 'open'
    pending = kind === 'append' ? pending + 1 + (at % 4) : kind === 'sync' ? 0 : pending
    return { index: at + 1, kind, phase: `insert row ${Math.floor((at + 1) / 8)}`, pending }
  })
  const scenario: ScenarioInput = {
    name: options.scenario,
    parameters: { iterations: 60, fanOut: 4 },
    traceHash: '5f2c9d1e7ab34086',
    points: { allocations: counts['allocation'] ?? 0, fileSystemCalls: timeline.length, syncs: 112 },
    families: Object.fromEntries(
      Object.entries(counts).map(([name, planned]) => [name, { planned, exhaustive: true }]),
    ),
    rows: ['node', 'page', 'row', 'cursor'].map((kind, at) => ({
      family: 'allocation',
      form: 'linear',
      kind,
      phase: 'insert row 1',
      count: 40 * (at + 1),
      bytes: 4096 * (at + 3),
    })),
    milestones: { rollOver: 4, recoveryMarker: 27, treeLevels: 3, secondOpen: 1 },
    milestonesWanted: { rollOver: 3, recoveryMarker: 20, treeLevels: 3, secondOpen: 1 },
    findings: [],
    uncoveredSites: [],
    timeline,
    recoveryBoundBytes: 64 * 1024,
    ...over,
  }
  return {
    tool: { powercut: '0.1.0', node: '20.20.2', platform: 'linux x64' },
    commandLine: `powercut run ${options.scenario} --seed 7`,
    startedAt: '2025-03-04T05:06:07.000Z',
    endedAt: '2025-03-04T05:07:49.000Z',
    durationMs: 102_000,
    workers: 2,
    seed: 7,
    selection: {
      families: Object.keys(counts),
      modes: ['once', 'from'],
      forms: ['linear', 'warm'],
      statesPerIntervalMax: 0,
    },
    model: 'posix-minimal',
    sectorBytes: 512,
    scenarios: [scenario],
    incomplete: [],
  }
}
