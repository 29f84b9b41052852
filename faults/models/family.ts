// faults/models/family.ts: what a family of crash states is: a number of choices, each reached by its index.
//
// 1. An index means the same choice for ever, given image, model, sector size and seed: it is part of replay tokens.
// 2. In every family lost content is the slowest digit: the first states have zeroes where sectors were lost.

import type { Choice, LostContent } from './choice.ts'
import type { OrderedOperation, Pending } from './pending.ts'
import type { PersistenceModel } from './persistence-model.ts'

/** One family over one image. */
export type FamilyStates = Readonly<{
  /** States without regard to lost content. */
  count: number
  /** What lost content is tried; 1 entry if none can be seen. */
  lost: readonly LostContent[]
  /** Whether every state that the family describes is counted, or some were sampled. */
  exhaustive: boolean
  choose(index: number, lost: LostContent): Choice
  describe(index: number): string
}>

export type FamilyContext = Readonly<{
  pending: Pending
  model: PersistenceModel
  sectorBytes: number
  seed: number
  describeOperation: (operation: OrderedOperation) => string
  /** Path of a file with something pending, by its number there. */
  pathOf: (file: number) => string
}>

/** Up to this many pieces every subset is tried. */
export const EXHAUSTIVE_PIECES = 10

export const ZEROES: readonly LostContent[] = [{ beyondSize: 'zero', rewrite: 'old' }]

/** What the model lets lost sectors hold, as far as it can be seen in states of this image. */
export function lostContents({ pending, model }: FamilyContext): readonly LostContent[] {
  const hasDeleted = pending.image.deleted.length > 0
  const usable = model.lostBeyondSize.filter((fill) => pending.exposes && (fill !== 'deleted' || hasDeleted))
  const beyond = usable.length > 0 ? usable : (['zero'] as const)
  const rewrite = pending.rewrites ? model.lostRewrite : (['old'] as const)
  return rewrite.flatMap((kind) => beyond.map((fill): LostContent => ({ beyondSize: fill, rewrite: kind })))
}

/** As `lost`, in families whose states lose rewrites but show nothing past the durable size. */
export function rewrittenOnly({ model }: FamilyContext, lost: readonly LostContent[]): readonly LostContent[] {
  return model.lostRewrite.length > 1 ? lost : ZEROES
}
