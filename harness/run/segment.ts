// harness/run/segment.ts: the pieces that a campaign runs again and again: from a checkpoint, some phases as they are, then
// the phases whose every allocation and call is failed in turn.
//
//   linear:  create            open on an empty disk (swept), close (swept)
//            step k unclean    killed image before it: open, step k, close (all swept)
//            step k clean      closed image three steps before: open, step k−2, step k−1, then step k and close (swept)
//            reopen            closed image of the end: open (swept), close (swept)
//            whole             the whole scenario, but only call sites that nothing above reaches
//   warm:    whole             the whole scenario, everything
//
// 1. Where a border is no checkpoint, a segment starts at the last one that is, and the steps between run unfaulted.
// 2. The list is a function of the borders alone: the same on every worker.

import type { Checkpoint } from './checkpoint.ts'
import type { LoadedScenario } from './loaded-scenario.ts'
import type { Phase } from './session.ts'

export type SegmentPhase = Readonly<{ phase: Phase; swept: boolean }>

export type Segment = Readonly<{
  /** What it covers, as reports name it. */
  label: string
  start: Checkpoint
  phases: readonly SegmentPhase[]
}>

/** What a whole run leaves at a step border: nothing if the scenario holds something open there. */
export type Border = Readonly<{
  steps: number
  killed: Checkpoint | undefined
  closed: Checkpoint | undefined
}>

/** Segments of the linear form, but for the remainder that only the whole scenario reaches. */
export function* linearSegments(
  loaded: LoadedScenario,
  empty: Checkpoint,
  borders: readonly Border[],
): Generator<Segment, void> {
  yield { label: 'open', start: empty, phases: [swept({ kind: 'open' }), swept({ kind: 'close' })] }
  for (const [step, { name }] of loaded.steps.entries()) {
    const killed = lastAtOrBefore(borders, step, 'killed')
    if (killed !== undefined) yield { label: name, start: killed, phases: uncleanPhases(killed.steps, step) }
    const closed = lastAtOrBefore(borders, Math.max(0, step - 2), 'closed')
    if (closed !== undefined)
      yield { label: `${name}, warmed up`, start: closed, phases: cleanPhases(closed.steps, step) }
  }
  const end = lastAtOrBefore(borders, loaded.steps.length, 'closed')
  if (end !== undefined)
    yield { label: 'reopen and close', start: end, phases: [swept({ kind: 'open' }), swept({ kind: 'close' })] }
}

/** The whole scenario from the start. */
export function wholeSegment(loaded: LoadedScenario, empty: Checkpoint): Segment {
  return { label: 'whole run', start: empty, phases: wholePhases(loaded).map(swept) }
}

export function wholePhases(loaded: LoadedScenario): readonly Phase[] {
  let phases = phasesOf.get(loaded)
  if (phases === undefined) {
    phases = [{ kind: 'open' }, ...loaded.steps.map((_, step): Phase => ({ kind: 'step', step })), { kind: 'close' }]
    phasesOf.set(loaded, phases)
  }
  return phases
}

/** Asked for with every record: made once, since it is as long as the scenario. */
const phasesOf = new WeakMap<LoadedScenario, readonly Phase[]>()

/** The phase's name in traces, records and reports. */
export function phaseName(loaded: LoadedScenario, phase: Phase): string {
  return phase.kind === 'step' ? loaded.step(phase.step).name : phase.kind
}

function uncleanPhases(first: number, step: number): SegmentPhase[] {
  const phases: SegmentPhase[] = [first === step ? swept({ kind: 'open' }) : plain({ kind: 'open' })]
  for (let before = first; before < step; before += 1) phases.push(plain({ kind: 'step', step: before }))
  phases.push(swept({ kind: 'step', step }), swept({ kind: 'close' }))
  return phases
}

function cleanPhases(first: number, step: number): SegmentPhase[] {
  const phases: SegmentPhase[] = [plain({ kind: 'open' })]
  for (let before = first; before < step; before += 1) phases.push(plain({ kind: 'step', step: before }))
  phases.push(swept({ kind: 'step', step }), swept({ kind: 'close' }))
  return phases
}

function swept(phase: Phase): SegmentPhase {
  return { phase, swept: true }
}

function plain(phase: Phase): SegmentPhase {
  return { phase, swept: false }
}

function lastAtOrBefore(
  borders: readonly Border[],
  steps: number,
  version: 'killed' | 'closed',
): Checkpoint | undefined {
  for (let at = Math.min(steps, borders.length - 1); at >= 0; at -= 1) {
    const checkpoint = borders[at]?.[version]
    if (checkpoint !== undefined) return checkpoint
  }
  return undefined
}
