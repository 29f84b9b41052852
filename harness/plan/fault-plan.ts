// harness/plan/fault-plan.ts: everything that is needed to repeat a run, as plain data.
//
// A campaign is (scenario, parameters, seed, persistence model, sector size, mutant): the subject. The subject's counting
// runs number its fault points from 1, in each family and form. A plan is a subject, a form and a list of faults.

import type { Parameters } from '../../scenarios/index.ts'

export const FAULT_FAMILIES = ['allocation', 'io', 'crash'] as const
export type FaultFamily = (typeof FAULT_FAMILIES)[number]

/** How runs are started: from the checkpoint before a step, or the whole scenario each time. */
export const FORMS = ['linear', 'warm'] as const
export type Form = (typeof FORMS)[number]

export const ALLOCATION_MODES = ['once', 'from', 'budget', 'random'] as const
export type AllocationMode = (typeof ALLOCATION_MODES)[number]

/** What the campaign is about; the same in every plan of a campaign. */
export type Subject = Readonly<{
  /** A built-in scenario's name, or the path of a module as it was given. */
  scenario: string
  /** All parameters, defaults included. */
  parameters: Parameters
  seed: number
  model: string
  sectorBytes: 512 | 4096
  /** Planted defect, if any. */
  mutant?: string
}>

/** One fault: a point and what happens there. `point` counts from 1 over the counting runs of the plan's form. */
export type Fault = FaultPoint & FaultKind

type FaultPoint = Readonly<{
  point: number
  /**
   * Which point that is, whatever its number becomes: 32 bits of call site, phase, tag or call kind, and occurrence. By
   * it a replay follows a point that a change to the code under test has moved.
   */
  identity?: number
}>

type FaultKind =
  | Readonly<{ kind: 'allocation'; mode: 'once' | 'from' }>
  /** Fails what would take the live total over `bytes`, in the unit that `point` lies in. */
  | Readonly<{ kind: 'allocation'; mode: 'budget'; bytes: number }>
  | Readonly<{ kind: 'allocation'; mode: 'random'; probability: number }>
  /** The call fails with `code`; for `append` and `sync` a variant says what becomes of the bytes. */
  | Readonly<{
      kind: 'io'
      mode: 'once' | 'from'
      code: string
      variant?: 'pages-dropped' | 'pages-kept' | 'after-partial'
    }>
  /** The call transfers only `bytes` bytes. */
  | Readonly<{ kind: 'io'; mode: 'once' | 'from'; code: 'short'; bytes: number }>
  /** The power goes, or the process dies, before or after the file-system call `point`, leaving `state`. */
  | Readonly<{ kind: 'crash'; when: 'before' | 'after' | 'within'; state: CrashStateId }>

/** Which of the states that the persistence model allows: the family and what distinguishes states within it. */
export type CrashStateId = Readonly<{
  family:
    | 'kill'
    | 'none'
    | 'prefix'
    | 'all-but-one'
    | 'only-one'
    | 'torn'
    | 'subset'
    | 'names'
    | 'size-first'
    | 'data-first'
  /** Index within the family at this crash point, from 0. */
  index: number
}>

export type FaultPlan = Readonly<{ subject: Subject; form: Form; faults: readonly Fault[] }>
