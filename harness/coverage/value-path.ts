// harness/coverage/value-path.ts: choices that are no Boolean operators, and how their outcomes are counted.
//
//   a ?? b          $n(a, 4) ?? ($c[5]++, b)               $n counts a value that is neither null nor undefined
//   a ??= b         $s((a ??= ($c[5]++, b)), 4)            $s counts its slot and gives the value
//   a?.b?.(x)       $s(($t = 4, a?.[($t = 5, "b")]?.(($t = 6, x))), $t)
//   (a = 1) => {}   (a = ($c[5]++, 1)) => { $c[4]++ }
//   switch (a) {    switch ($t = 0, a) { case 1: if ($t === 0) { $t = 1; $c[4]++ } …
//
// 1. An outcome is counted only when it has come about: what throws before counts nothing, or is counted as not
//    finished, so an outcome is never counted that wasn't seen.
// 2. A function or class without a name gets the name that it had.
// 3. A `switch` counts the label that was chosen; those that are fallen into count nothing. Without a `default`,
//    choosing none of the labels is an outcome too.

import type { OutcomeSlots, Span, ValuePathKind } from './items.ts'
import { blockOf, statementsStart } from './scope.ts'
import { child, children, isWrapper, unwrap, type SyntaxNode } from './syntax.ts'
import { deeper, functionNameOf, type Place, type Walk } from './walk.ts'

type Found = Readonly<{ kind: ValuePathKind; span: Span; points: readonly SyntaxNode[]; base: number }>

function addPath(walk: Walk, found: Found, place: Place, outcomes: readonly OutcomeSlots[]): void {
  walk.add({
    metric: 'value-path',
    kind: found.kind,
    span: { start: found.span.start, end: found.span.end },
    functionName: functionNameOf(place),
    base: found.base,
    shape: String(outcomes.length),
    points: found.points.map(({ start, end }) => ({ start, end })),
    outcomes,
  })
}

const outcome = (name: string, plus: readonly number[], minus: readonly number[] = []): OutcomeSlots => ({
  name,
  plus,
  minus,
})

/** `a ?? b` */
export function visitNullish(walk: Walk, node: SyntaxNode, left: SyntaxNode, right: SyntaxNode, place: Place): void {
  const base = walk.takeSlots(2)
  walk.visit(left, place)
  walk.visit(right, place)
  addPath(walk, { kind: 'nullish', span: node, points: [left, right], base }, place, [
    outcome('value', [base]),
    outcome('nullish', [base + 1]),
  ])
  walk.edits.around(left, ` ${walk.names.nullish}(`, `, ${base})`)
  walk.edits.around(right, `(${walk.names.counts}[${base + 1}]++, `, ')')
}

/** `a ??= b`, `a ||= b`, `a &&= b` */
export function visitLogicalAssignment(
  walk: Walk,
  node: SyntaxNode,
  left: SyntaxNode,
  right: SyntaxNode,
  place: Place,
): void {
  const base = walk.takeSlots(2)
  walk.visit(left, place)
  walk.visit(right, place)
  addPath(walk, { kind: 'assignment', span: node, points: [left, right], base }, place, [
    outcome('kept', [base], [base + 1]),
    outcome('assigned', [base + 1]),
  ])
  countedValue(walk, left, right, base + 1)
  walk.edits.around(node, ` ${walk.names.settle}((`, `), ${base})`)
}

/** Counts in front of a value that may take its name from what it is assigned to. */
function countedValue(walk: Walk, target: SyntaxNode, value: SyntaxNode, slot: number): void {
  const name = target.type === 'Identifier' && isNameless(value) ? target['name'] : undefined
  const count = `${walk.names.counts}[${slot}]++`
  if (typeof name === 'string') walk.edits.around(value, `(${count}, { ["${name}"]: `, ` }["${name}"])`)
  else walk.edits.around(value, `(${count}, `, ')')
}

function isNameless(value: SyntaxNode): boolean {
  let node = value
  while (isWrapper(node)) node = child(node, 'expression') ?? node
  if (node.type === 'ArrowFunctionExpression') return true
  return (node.type === 'FunctionExpression' || node.type === 'ClassExpression') && child(node, 'id') === undefined
}

/** One optional link: what stands left of `?.`, and the node that has the `?.`. */
type Link = Readonly<{ owner: SyntaxNode; subject: SyntaxNode }>

/**
 * `a?.b`, with all its links. `whole` is what is counted: the chain, or what must stay one with it (`delete a?.b`, a
 * call of a chain in parentheses).
 */
export function visitChain(walk: Walk, chain: SyntaxNode, whole: SyntaxNode, place: Place): void {
  const links: Link[] = []
  const inner = deeper(place, 2)
  const spine = child(chain, 'expression')
  if (spine === undefined) return
  visitSpine(walk, spine, links, inner)
  const quasi = child(whole, 'quasi')
  if (quasi !== undefined) walk.visit(quasi, inner)
  if (whole !== chain) for (const argument of children(whole, 'arguments')) walk.visit(argument, inner)
  const base = walk.takeSlots(links.length + 1)
  const local = place.scope.local(place.depth)
  const slots = Array.from({ length: links.length + 1 }, (_, index) => base + index)
  addPath(
    walk,
    { kind: 'chain', span: chain, points: links.map(({ subject }) => subject), base },
    place,
    links.flatMap(({ subject }, index) => {
      const name = walk.text.slice(subject.start, subject.end)
      return [outcome(`${name} is nullish`, [base + index]), outcome(`${name} is there`, slots.slice(index + 1))]
    }),
  )
  links.forEach((link, index) => markLink(walk, link, `${local} = ${base + index + 1}`, place))
  walk.edits.around(whole, ` ${walk.names.settle}((${local} = ${base}, `, `), ${local})`)
}

/** A chain in parentheses that is called is one with the call, which needs its `this`. */
const SPINE: readonly string[] = ['CallExpression', 'MemberExpression', 'TSNonNullExpression', 'ChainExpression']

function visitSpine(walk: Walk, node: SyntaxNode, links: Link[], place: Place): void {
  const subject = child(node, 'callee') ?? child(node, 'object') ?? child(node, 'expression')
  const isSpine = SPINE.includes(node.type) || (isWrapper(node) && unwrap(node).type === 'ChainExpression')
  if (!isSpine || subject === undefined) {
    walk.visit(node, place)
    return
  }
  visitSpine(walk, subject, links, place)
  if (node['computed'] === true) {
    const property = child(node, 'property')
    if (property !== undefined) walk.visit(property, place)
  }
  for (const argument of children(node, 'arguments')) walk.visit(argument, place)
  if (node['optional'] === true) links.push({ owner: node, subject })
}

/** Puts a mark where it is executed only if the link's subject is there. */
function markLink(walk: Walk, { owner, subject }: Link, mark: string, place: Place): void {
  if (owner.type === 'CallExpression') {
    const [first] = children(owner, 'arguments')
    if (first === undefined) walk.edits.before(owner.end - 1, `...(${mark}, [])`)
    else {
      const value = first.type === 'SpreadElement' ? (child(first, 'argument') ?? first) : first
      walk.edits.around(value, `(${mark}, `, ')')
    }
    return
  }
  const property = child(owner, 'property')
  if (property === undefined) return
  if (owner['computed'] === true) walk.edits.around(property, `(${mark}, `, ')')
  else if (property.type === 'PrivateIdentifier') {
    // A private name can't be computed: its subject is looked at instead.
    const held = place.scope.local(place.depth + 1)
    walk.edits.around(subject, `((${held} = `, `) == null ? ${held} : (${mark}, ${held}))`)
  } else walk.edits.around(property, `[(${mark}, "`, '")]')
}

/**
 * The defaults in a pattern. Gives the slot that is to be counted when the pattern is bound; undefined if it has no
 * default. `expression` visits a default's value.
 */
export function visitPattern(
  walk: Walk,
  pattern: SyntaxNode,
  place: Place,
  expression: (node: SyntaxNode) => void,
  given?: number,
): number | undefined {
  let bound = given
  const go = (node: SyntaxNode): void => {
    switch (node.type) {
      case 'AssignmentPattern': {
        const left = child(node, 'left')
        const right = child(node, 'right')
        if (left === undefined || right === undefined) return
        go(left)
        bound ??= walk.takeSlots(1)
        const base = walk.takeSlots(1)
        addPath(walk, { kind: 'default', span: node, points: [right], base }, place, [
          outcome('given', [bound], [base]),
          outcome('default', [base]),
        ])
        expression(right)
        countedValue(walk, left, right, base)
        return
      }
      case 'ObjectPattern':
        for (const property of children(node, 'properties')) {
          const key = child(property, 'key')
          if (property['computed'] === true && key !== undefined) expression(key)
          go(child(property, 'value') ?? child(property, 'argument') ?? property)
        }
        return
      case 'ArrayPattern':
        for (const element of children(node, 'elements')) go(element)
        return
      case 'RestElement':
        go(child(node, 'argument') ?? node)
        return
      case 'TSParameterProperty':
        for (const decorator of children(node, 'decorators')) walk.visit(decorator, place)
        go(child(node, 'parameter') ?? node)
        return
      case 'Identifier':
        for (const decorator of children(node, 'decorators')) walk.visit(decorator, place)
        return
      default:
        walk.visit(node, place)
    }
  }
  go(pattern)
  return bound
}

/** A loop's or a catch's pattern is bound where its block begins. */
export function countAtStart(walk: Walk, body: SyntaxNode, slot: number): void {
  const count = `${walk.names.counts}[${slot}]++;`
  if (body.type !== 'BlockStatement') walk.edits.around(body, `{ ${count} `, ' }')
  else {
    const { endOffset } = blockOf(body)
    walk.edits.before(statementsStart(children(body, 'body'), endOffset), count)
  }
}

export function visitSwitch(walk: Walk, node: SyntaxNode, place: Place): void {
  const discriminant = child(node, 'discriminant')
  const cases = children(node, 'cases')
  const [firstCase] = cases
  const inner = deeper(place)
  if (discriminant !== undefined) walk.visit(discriminant, inner)
  for (const label of cases) walk.visitChildren(label, inner)
  if (discriminant === undefined || firstCase === undefined) return
  const { counts } = walk.names
  const local = place.scope.local(place.depth)
  const hasDefault = cases.some((label) => child(label, 'test') === undefined)
  const base = walk.takeSlots(cases.length + (hasDefault ? 0 : 1))
  const tests = cases.map((label) => child(label, 'test'))
  const outcomes = tests.map((test, index) =>
    outcome(test === undefined ? 'default' : `case ${walk.text.slice(test.start, test.end)}`, [base + index]),
  )
  if (!hasDefault) outcomes.push(outcome('no case', [base + cases.length]))
  const points = [discriminant, ...tests.filter((test) => test !== undefined).map(unwrap)]
  addPath(
    walk,
    { kind: 'switch', span: { start: node.start, end: discriminant.end + 1 }, points, base },
    place,
    outcomes,
  )
  cases.forEach((label, index) => {
    const count = `if (${local} === 0) { ${local} = 1; ${counts}[${base + index}]++; }`
    const [first] = children(label, 'consequent')
    if (first === undefined) walk.edits.after(label.end, ` ${count}`)
    else walk.edits.before(first.start, `${count} `)
  })
  if (!hasDefault) walk.edits.before(firstCase.start, `default: ${counts}[${base + cases.length}]++; break; `)
  walk.edits.around(discriminant, `(${local} = 0, (`, '))')
}
