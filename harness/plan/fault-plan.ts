// harness/plan/fault-plan.ts: everything that is needed to repeat a run, as plain data.
//
// A campaign is (scenario, parameters, seed, persistence model, sector size, mutant): the subject. The subject's counting
// runs number its fault points from 1, in each family and form. A plan is a subject, a form and a list of faults.
//
// 1. Faults stand in the order in which they strike. One that follows a crash names a point of the process that this crash
//    starts: its allocations and its file-system calls each count from 1 there.
// 2. Nothing else chooses: a schedule, a damage and a clock's leap are data of the plan like the rest.

import { DAMAGE_KINDS, type DamageKind, type IoCondition, type IoVariant } from '../../faults/index.ts'
import type { Parameters } from '../../scenarios/index.ts'

export const FAULT_FAMILIES = ['allocation', 'io', 'crash', 'recovery', 'corruption', 'schedule', 'clock'] as const
export type FaultFamily = (typeof FAULT_FAMILIES)[number]

/** Families that campaigns can run: each has a planner in `run/`. */
export const SWEPT_FAMILIES: readonly FaultFamily[] = FAULT_FAMILIES

/** What a campaign without `--faults` runs. */
export const DEFAULT_FAMILIES: readonly FaultFamily[] = ['allocation', 'io', 'crash']

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
  /** Indices, ascending, of the scenario's steps that are kept; all if absent. What minimising leaves of a scenario. */
  steps?: readonly number[]
}>

/** A fault at one point of a segment. */
export type PointFault = Extract<Fault, { kind: 'allocation' | 'io' | 'schedule' | 'clock' }>

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
  /** `tags`: only those drawn by seed, each with one half. */
  | Readonly<{ kind: 'allocation'; mode: 'random'; probability: number; tags?: 'drawn' }>
  /** The call fails with `code`; for `append` and `sync` a variant says what becomes of the bytes. */
  | Readonly<{
      kind: 'io'
      mode: 'once' | 'from'
      code: string
      variant?: IoVariant
    }>
  /** The call transfers only `bytes` bytes. */
  | Readonly<{ kind: 'io'; mode: 'once' | 'from'; code: 'short'; bytes: number }>
  /** At the call a condition of the device sets in: slow, full, out of order for a while, lying, write-back failed. */
  | (Readonly<{ kind: 'io' }> & IoCondition)
  /** The power goes, or the process dies, before or after the file-system call `point`, leaving `state`. */
  | Readonly<{ kind: 'crash'; when: 'before' | 'after' | 'within'; state: CrashStateId }>
  /** The closed image `point` is damaged before it is opened again. */
  | Readonly<{ kind: 'corruption'; damage: DamageId }>
  /** At its `point`-th choice and after it the scheduler takes these, each an index into what is ready; then the first. */
  | Readonly<{ kind: 'schedule'; choices: readonly number[] }>
  /** The clock's `point`-th reading, and all later ones, are off by `ms`; `still`: the reading stays for so long. */
  | Readonly<{ kind: 'clock'; change: ClockChange; ms: number }>

/** A fault at a file-system call. */
export type CallFault = Extract<Fault, { kind: 'io' }>
/** A condition of the device that sets in at a call. */
export type ConditionFault = CallFault & IoCondition

export function isCondition(fault: CallFault): fault is ConditionFault {
  return fault.mode !== 'once' && fault.mode !== 'from'
}

export const CLOCK_CHANGES = ['back', 'still', 'leap'] as const
export type ClockChange = (typeof CLOCK_CHANGES)[number]

/** Kinds of damage to a closed image, as `faults` knows them. */
export const DAMAGE_FAMILIES = DAMAGE_KINDS
export type DamageFamily = DamageKind

/** Which damage of an image: its family, and its index there, from 0. */
export type DamageId = Readonly<{ family: DamageFamily; index: number }>

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

/** A fault in a word, for records: an allocation's or a call's mode, a crash state's or a damage's family. */
export function modeOf(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      return fault.state.family
    case 'corruption':
      return fault.damage.family
    case 'schedule':
      return 'choices'
    case 'clock':
      return fault.change
    default:
      return fault.mode
  }
}

/** The family that a plan belongs to: several faults with a crash among them are one of recovery. */
export function familyOf({ faults }: FaultPlan): FaultFamily {
  const [first] = faults
  if (faults.length > 1 && faults.some(({ kind }) => kind === 'crash')) return 'recovery'
  return first?.kind ?? 'crash'
}
