// test/mutation/pieces.ts: the campaigns that judge a mutant, as data: a short one for every mutant, a full one for what
// is left.
//
// 1. A piece is a campaign of one scenario. Of each of its units a spread share of the plans is run, always the same.
// 2. The short campaign takes at most SHORT_CPU_MS of processor time in a process that is warm; what it doesn't reach in
//    that time is left to the full one, which has every piece.

import type { CampaignRequest, FaultFamily, UnitSummary } from '../../harness/plan/index.ts'

export type Piece = Readonly<{
  name: string
  scenario: string
  /** Those that differ from the scenario's own. */
  parameters: Readonly<Record<string, number | string>>
  families: readonly FaultFamily[]
  /** Plans that are run of each unit. */
  plansPerUnit: number
  statesPerIntervalMax: number
  depth?: number
}>

/** Processor time that the short campaign has for a mutant. */
export const SHORT_CPU_MS = 2000

/** Processor time that the full campaign has for a mutant. */
export const FULL_CPU_MS = 20_000

const FIRST: readonly FaultFamily[] = ['allocation', 'io', 'crash']

export const SHORT_PIECES: readonly Piece[] = [
  {
    name: 'short: transfers',
    scenario: 'bank',
    parameters: { accounts: 3, transfers: 5 },
    families: FIRST,
    plansPerUnit: 2,
    statesPerIntervalMax: 4,
  },
  {
    name: 'short: lazy commits',
    scenario: 'lazy-log',
    parameters: { entries: 12, syncEvery: 5 },
    families: ['crash'],
    plansPerUnit: 2,
    statesPerIntervalMax: 6,
  },
  {
    name: 'short: shared syncs',
    scenario: 'group',
    parameters: { rounds: 2, lists: 2 },
    families: ['io', 'crash'],
    plansPerUnit: 2,
    statesPerIntervalMax: 4,
  },
  {
    name: 'short: roll-over',
    scenario: 'bank',
    parameters: { accounts: 16, transfers: 9, fanOut: 32 },
    families: ['crash'],
    plansPerUnit: 1,
    statesPerIntervalMax: 4,
  },
]

export const FULL_PIECES: readonly Piece[] = [
  {
    name: 'full: a second open',
    scenario: 'core20',
    parameters: { iterations: 4 },
    families: FIRST,
    plansPerUnit: 12,
    statesPerIntervalMax: 12,
  },
  {
    name: 'full: damage',
    scenario: 'bank',
    parameters: { accounts: 3, transfers: 5 },
    families: ['corruption'],
    plansPerUnit: 40,
    statesPerIntervalMax: 40,
  },
  {
    name: 'full: lazy commits',
    scenario: 'lazy-log',
    parameters: { entries: 16, syncEvery: 6 },
    families: FIRST,
    plansPerUnit: 4,
    statesPerIntervalMax: 8,
  },
  {
    name: 'full: shared syncs',
    scenario: 'group',
    parameters: { rounds: 2, lists: 3 },
    families: ['allocation', 'io', 'crash', 'schedule'],
    plansPerUnit: 6,
    statesPerIntervalMax: 8,
  },
  {
    name: 'full: roll-overs',
    scenario: 'bank',
    parameters: { accounts: 16, transfers: 20, fanOut: 32 },
    families: FIRST,
    plansPerUnit: 4,
    statesPerIntervalMax: 6,
  },
  {
    name: 'full: unsafe commits',
    scenario: 'lazy-log',
    parameters: { entries: 10, syncEvery: 4, durability: 'unsafe' },
    families: ['allocation', 'crash'],
    plansPerUnit: 4,
    statesPerIntervalMax: 4,
  },
  {
    name: 'full: large rows',
    scenario: 'rows',
    parameters: { rows: 6 },
    families: FIRST,
    plansPerUnit: 2,
    statesPerIntervalMax: 4,
  },
  {
    name: 'full: recovery',
    scenario: 'bank',
    parameters: { accounts: 2, transfers: 2 },
    families: ['recovery'],
    plansPerUnit: 8,
    statesPerIntervalMax: 2,
    depth: 2,
  },
]

/** The request of a piece; `parameters` are all of the scenario's. */
export function requestOf(piece: Piece, parameters: CampaignRequest['subject']['parameters']): CampaignRequest {
  const { scenario, families, statesPerIntervalMax, depth } = piece
  return {
    subject: { scenario, parameters, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
    families,
    modes: ['once'],
    forms: ['linear'],
    statesPerIntervalMax,
    ...(depth === undefined ? {} : { depth }),
  }
}

/** Whether a plan of a unit is one of those that are run: evenly spread, begun elsewhere in each unit. */
export function isRun({ plansPerUnit }: Piece, unit: UnitSummary, order: number): boolean {
  const stride = Math.max(1, Math.ceil(unit.planned / plansPerUnit))
  return (order - unit.firstOrder) % stride === unit.index % stride
}
