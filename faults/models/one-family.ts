// faults/models/one-family.ts: `all-but-one` and `only-one`: each pending operation in turn, and of a write that grew its
// file the bytes and the size apart.

import {
  bySector,
  everything,
  keepRequiredNames,
  loseDependentNames,
  loseWrite,
  newestUpTo,
  nothing,
  type Choice,
  type LostContent,
} from './choice.ts'
import type { FamilyContext, FamilyStates } from './family.ts'
import type { OrderedOperation, Pending } from './pending.ts'

type Element = Readonly<{ operation: OrderedOperation; part: 'whole' | 'data' | 'size' }>

// What can be lost or kept alone: an operation, and of a write that grew its file the bytes and the size.
function elementsOf({ order, files }: Pending): Element[] {
  return order.flatMap((operation): Element[] => {
    const whole: Element = { operation, part: 'whole' }
    if (operation.kind === 'name') return [whole]
    const data = files[operation.file]?.operations[operation.operation]
    if (data?.kind !== 'write' || data.sizeBefore === data.sizeAfter) return [whole]
    return [whole, { operation, part: 'data' }, { operation, part: 'size' }]
  })
}

export function oneFamily(
  context: FamilyContext,
  lost: readonly LostContent[],
  name: 'all-but-one' | 'only-one',
): FamilyStates {
  const { pending } = context
  const elements = elementsOf(pending)
  return {
    count: elements.length,
    lost,
    exhaustive: true,
    choose: (index, content) => {
      const element = elements[index]
      const choice = name === 'only-one' ? nothing(pending, content) : everything(pending, content)
      if (element === undefined) return choice
      const { operation, part } = element
      if (operation.kind === 'name') {
        choice.names[operation.name] = name === 'only-one'
        if (name === 'only-one') keepRequiredNames(pending, choice.names)
        else loseDependentNames(pending, choice.names)
        return choice
      }
      if (name === 'only-one') keepOne(pending, choice, operation.file, operation.operation, part)
      else loseOne(pending, choice, operation.file, operation.operation, part)
      return choice
    },
    describe: (index) => {
      const element = elements[index]
      if (element === undefined) return name
      const what = `${element.part === 'whole' ? '' : `the ${element.part} of `}${context.describeOperation(element.operation)}`
      return name === 'only-one' ? `only ${what} survives` : `everything survives but ${what}`
    },
  }
}

function keepOne(pending: Pending, choice: Choice, file: number, operation: number, part: Element['part']): void {
  const chosen = bySector(pending, choice, file)
  const span = pending.files[file]?.spans[operation]
  if (part !== 'size' && span !== undefined) chosen.kept.fill(operation, span.start, span.end)
  if (part !== 'data') chosen.size = newestUpTo(pending.files[file]?.sizeChanges ?? [], operation)
}

function loseOne(pending: Pending, choice: Choice, file: number, operation: number, part: Element['part']): void {
  const chosen = bySector(pending, choice, file)
  if (part !== 'size') loseWrite(pending, choice, file, operation)
  if (part === 'data') return
  const changes = pending.files[file]?.sizeChanges ?? []
  if (chosen.size === operation) chosen.size = newestUpTo(changes, operation - 1)
}
