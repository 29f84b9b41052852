// harness/run/pruning.ts: crash states that differ only in what nothing ever looked at are one state.
//
// 1. What recovery, check, probe and every open after it looked at is the read set of a state that was judged; a later
//    state of the same unit that answers all of it the same is merged with it, if it was promised what was found.
// 2. Only a pass is inherited. A state whose twin failed is judged itself: every violation has its own record.
// 3. Where the power is cut again, what is pending counts as looked at, all of it.
// 4. The bound on recovery is another one for each disk; it is compared for each, as is the bound on events.
//
// Stores behind `node:fs` are not pruned: that front looks at the disk past its port, and knows two names of one file.

import { imageIsSettled, ReadSet } from '../../faults/index.ts'
import type { RunContext } from './context.ts'
import { heldWithin, isWithin, recoveryBound, type Held, type RecoveryCase, type RecoveryVerdict } from './recovery.ts'
import { VerdictTree, type Walk } from './verdict-tree.ts'

/** States of one unit that are known at a time. */
const STATES_MAX = 65_536

/** A state that passed. */
type Passed = Readonly<{ digest: string; held: Held | undefined; recoveryBytes: number; eventsMost: number }>

/** A state that is to be judged, and what is known of its like. */
export type Twin = Readonly<{
  /** Hash of the events that judging the state will make, if it is one with a state that passed. */
  digest: string | undefined
  readSet: ReadSet
  /** Called when it was judged. */
  learn: (verdict: RecoveryVerdict) => void
}>

/** States that passed, by what was looked at. */
export type KnownStates = VerdictTree<Passed>

export function noKnownStates(): KnownStates {
  return new VerdictTree<Passed>(STATES_MAX)
}

export class ReadSetPruning {
  private readonly context: RunContext
  private readonly tree: KnownStates

  /** `known`: of contexts with the same steps and models. */
  constructor(context: RunContext, known: KnownStates = noKnownStates()) {
    this.context = context
    this.tree = known
  }

  twinOf(given: RecoveryCase): Twin {
    const walk = this.walk(given, given.cutAgain)
    const readSet = new ReadSet()
    return {
      digest: this.passes(given, walk.found) ? walk.found?.digest : undefined,
      readSet,
      learn: (verdict) => this.learn(given, walk, readSet, verdict),
    }
  }

  private walk({ image, next, promised }: RecoveryCase, cutAgain: boolean): Walk<Passed> {
    const pending = cutAgain && !imageIsSettled(image) ? this.context.seams.identity(image) : ''
    return this.tree.walk(`${next.process} ${next.boot} ${cutAgain} ${promised.mayDetect} ${pending}`, image)
  }

  private passes({ image, promised }: RecoveryCase, found: Passed | undefined): boolean {
    const { context } = this
    if (found === undefined || !isWithin(context, found.eventsMost)) return false
    const { scenario } = context.loaded
    if (found.held !== undefined) {
      const held = heldWithin(context, found.held.model, promised)
      // Without a probe the store goes on with its own next step, which is another one after another number of steps.
      if (held === undefined || (scenario.probe === undefined && held.steps !== found.held.steps)) return false
    }
    const bound = recoveryBound(context, image)
    return bound === undefined || found.recoveryBytes <= bound
  }

  private learn(given: RecoveryCase, walk: Walk<Passed>, readSet: ReadSet, verdict: RecoveryVerdict): void {
    const asked = readSet.questions()
    if (verdict.violation !== undefined || asked === undefined) return
    const questions = this.context.seams.readSet(asked)
    const { digest, uncutDigest, held, recoveryBytes, eventsMost } = verdict
    this.tree.add(walk, questions, { digest, held, recoveryBytes, eventsMost })
    // What passes with a second power loss passes without one.
    if (given.cutAgain)
      this.tree.add(this.walk(given, false), questions, { digest: uncutDigest, held, recoveryBytes, eventsMost })
  }
}
