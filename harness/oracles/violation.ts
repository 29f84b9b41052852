// harness/oracles/violation.ts: what a judge says, and who the judges are.
//
// 1. A judge is named by what it demands. The names stand in records, reports and exit messages and never change.

/** Every oracle and what it demands; `powercut list` prints this. */
export const ORACLES = {
  'failure-reported':
    'a step fails with the right error if, and only if, a failure was delivered that it owes a report of',
  survives: 'an interrupted or short call is gone on with as if nothing had happened',
  'no-allocation-after-failure': 'unwinding never allocates',
  'no-leak': 'after the clean-up nothing is held: blocks, handles, locks, snapshots, cursors, temporary files',
  'living-process': 'after a fault the living store, read whole, holds what it held before the failed step',
  'store-still-works': 'the failed step, tried again without the fault, succeeds, and so does all that follows',
  'sound-after-unwinding': 'a crash right after the unwinding recovers to an acknowledged state',
  reopen: 'after a close in order the store opens again and holds the same',
  'recovery-opens': 'the store opens on every crash state',
  'recovered-state': 'recovery gives the model after a number of whole steps that the acknowledgements allow',
  'recovery-verify': 'verify finds no damage in a recovered store',
  'recovery-commits': 'a recovered store commits, and the commit survives',
  'recovery-read-only': 'recovery writes nothing to a file that existed',
  'recovery-rests': 'after the last fault a process opens, answers and commits within a bounded number of events',
  convergence: 'a recovery that kills cut short leaves what it found as it was, and comes to the same state',
  'recovery-bounded': 'recovery reads no more than its bound',
  'damage-detected': 'damaged data is never returned as good, and what cannot be read is damage to verify too',
  'damage-named': 'what damage brings about is an error of that kind, with path and offset',
  'rest-readable': 'what does not depend on the damaged part stays readable',
  'bounded-work': 'damage leads to no hang, and to no more reading or memory than a bound',
  salvage: 'salvage gives what is whole, nothing else as certain, and changes nothing',
  invariant: "the scenario's own invariant holds of every state that can be read",
  'claim-audit': 'what is said to be durable is durable on the disk',
  'trace-lint': 'calls come in an order that is safe: rules on syncs, directory syncs and unlinks',
  isolation: 'recorded transactions have one serial order that agrees with real time',
  nondeterminism: 'two runs of the same plan make the same events',
  injector: 'every injector is installed, fires, and is seen by the program',
  'scenario-contract': 'the scenario can fail: its model changes, its read shows it, and something is acknowledged',
  'scenario-failure': 'the scenario runs to its end where no fault is',
  'real-disagrees': 'a real process, killed at a call, leaves what the simulated kill at that call leaves',
  'benign-site': 'an allocation declared benign is made, and its failure is harmless',
} as const satisfies Readonly<Record<string, string>>

export type Oracle = keyof typeof ORACLES

/** An oracle's complaint. */
export type Violation = Readonly<{ oracle: Oracle; message: string }> & Partial<Compared>

/** What was compared, where something was: the places that differ, a line each. */
export type Compared = Readonly<{ expected: string; found: string }>

/** Makes a complaint. */
export function violation(oracle: Oracle, message: string, compared?: Compared): Violation {
  return { oracle, message, ...compared }
}

/** What an error says, in a line. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
