// harness/coverage/items.ts: what is measured in a text: decisions, and the value paths beside them.
//
// A decision is a Boolean expression: what an `if`, a loop or `?:` tests, whatever its operators, and every maximal tree
// of `&&`, `||` and `!` wherever it stands. Its conditions are the operands that have none of these operators.
//
// 1. A literal that is tested alone (`while (true)`) decides nothing and is no decision. A literal among other conditions
//    is one that can't be covered, and is told as such.
// 2. `===`, `!==`, `^`, `&` and `|` between Boolean expressions are Boolean operators without a short circuit. They
//    are not measured; each is listed as a decision that is not covered, so that nobody takes it for one that is.
// 3. `??`, `?.`, `??=`, `||=`, `&&=`, defaults and `switch` choose without being Boolean operators. Each is a value path,
//    whose outcomes are counted apart from MC/DC.

import type { BooleanTree } from './boolean-tree.ts'

export const DECISION_KINDS = ['if', 'loop', 'ternary', 'value', 'operator'] as const
export type DecisionKind = (typeof DECISION_KINDS)[number]

export const VALUE_PATH_KINDS = ['nullish', 'chain', 'default', 'assignment', 'switch'] as const
export type ValuePathKind = (typeof VALUE_PATH_KINDS)[number]

/** From `start` up to `end`, in UTF-16 units. */
export type Span = Readonly<{ start: number; end: number }>

export type Condition = Readonly<{
  /** With its parentheses and type assertions. */
  outer: Span
  /** Without them. */
  inner: Span
  /** It is a literal, so it has one value only. */
  constant: boolean
}>

type Common = Readonly<{
  span: Span
  /** Names of the functions and classes around it, `Store.put`; `<module>` outside of all. */
  functionName: string
  /** The first of the slots that are this item's own. */
  base: number
  /** Two items with the same kind and shape have the same slots, counted from their bases. */
  shape: string
  /** Parts by which an item is found again in the source of a compiled text. */
  points: readonly Span[]
}>

export type DecisionItem = Common &
  Readonly<{
    metric: 'decision'
    kind: DecisionKind
    tree: BooleanTree
    conditions: readonly Condition[]
    /** Slot of the count of evaluations that began, if there is one. */
    startedSlot: number | undefined
    /** Slot of the first path; paths follow as `numberPaths` numbers them. */
    pathBase: number
    /** Why its vectors are not counted. */
    unmeasured: 'too-large' | 'boolean-operator' | undefined
  }>

/** How often an outcome was seen: what the slots of `plus` hold, less those of `minus`. */
export type OutcomeSlots = Readonly<{ name: string; plus: readonly number[]; minus: readonly number[] }>

export type ValuePathItem = Common &
  Readonly<{ metric: 'value-path'; kind: ValuePathKind; outcomes: readonly OutcomeSlots[] }>

export type Item = DecisionItem | ValuePathItem
