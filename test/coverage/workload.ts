// test/coverage/workload.ts: what the engine's coverage is measured with: its tests, its scenarios without a fault, and small
// campaigns of them.
//
// Campaigns are spread samples, because a condition needs few runs and a loss many: shards take every n-th unit of a plan,
// so the same runs are chosen each time.

export type Campaign = Readonly<{
  name: string
  scenario: string
  /** Parameters of the scenario, without faults and with. */
  parameters: readonly string[]
  options: readonly string[]
}>

/** Tests that reach the engine. */
export const TESTS = [
  'test/engine',
  'test/regression',
  'test/golden',
  'test/conformance/file-system.test.ts',
  'test/scenarios/builtin.test.ts',
] as const

const SUBJECTS: readonly Readonly<{ name: string; scenario: string; sets: readonly string[] }>[] = [
  { name: 'core20', scenario: 'core20', sets: ['iterations=28'] },
  { name: 'bank', scenario: 'bank', sets: ['accounts=6', 'transfers=8'] },
  { name: 'rows', scenario: 'rows', sets: ['rows=6'] },
  { name: 'group', scenario: 'group', sets: ['rounds=2'] },
  { name: 'lazy-log', scenario: 'lazy-log', sets: ['entries=12', 'syncEvery=4'] },
  { name: 'unsafe-log', scenario: 'lazy-log', sets: ['entries=12', 'syncEvery=4', 'durability=unsafe'] },
]

/** Parts of a plan, of which the first is run, and crash states or damages of a place at most. */
const FAMILIES: readonly Readonly<{ name: string; faults: string; parts: number; statesMax: number }>[] = [
  { name: 'calls', faults: 'allocation,io,schedule', parts: 16, statesMax: 2 },
  { name: 'crash', faults: 'crash', parts: 1, statesMax: 20 },
  { name: 'recovery', faults: 'recovery', parts: 1500, statesMax: 1 },
  { name: 'corruption', faults: 'corruption', parts: 1, statesMax: 100 },
]

export const CAMPAIGNS: readonly Campaign[] = SUBJECTS.flatMap(({ name, scenario, sets }) =>
  FAMILIES.map((family) => ({
    name: `${name}-${family.name}`,
    scenario,
    parameters: sets.flatMap((set) => ['--set', set]),
    options: [
      '--faults',
      family.faults,
      ...(family.parts === 1 ? [] : ['--shard', `1/${family.parts}`]),
      '--max-states',
      String(family.statesMax),
      '--allow-incomplete',
      '--minimise-budget',
      '0',
      '--workers',
      '1',
    ],
  })),
)

/** Every scenario without a fault: what a campaign reaches beyond it, its faults reach. */
export const PLAIN: readonly Campaign[] = SUBJECTS.map(({ name, scenario, sets }) => ({
  name,
  scenario,
  parameters: sets.flatMap((set) => ['--set', set]),
  options: [],
}))
