// faults/models/families.ts: the family of that name over an image. Every choice leaves here with lawful names.

import { settleNames } from './choice.ts'
import { lostContents, rewrittenOnly, type FamilyContext, type FamilyStates } from './family.ts'
import { namesFamily } from './names-family.ts'
import { oneFamily } from './one-family.ts'
import { dataFirstFamily, sizeFirstFamily } from './order-families.ts'
import type { CrashFamily } from './persistence-model.ts'
import { prefixFamily } from './prefix-family.ts'
import { subsetFamily } from './subset-family.ts'
import { tornFamily } from './torn-family.ts'

/** Families that are a loss of power; `kill` is made elsewhere. */
export type PowerLossFamily = Exclude<CrashFamily, 'kill'>

export function familyStates(family: PowerLossFamily, context: FamilyContext): FamilyStates {
  const states = rawStates(family, context)
  return {
    ...states,
    choose: (index, lost) => {
      const choice = states.choose(index, lost)
      settleNames(context.pending, context.model, choice.names)
      return choice
    },
  }
}

function rawStates(family: PowerLossFamily, context: FamilyContext): FamilyStates {
  const lost = lostContents(context)
  const { pending } = context
  switch (family) {
    case 'none':
      return prefixFamily(context, rewrittenOnly(context, lost), [0], 'none')
    case 'prefix':
      return prefixFamily(
        context,
        pending.files.some(({ node }) => node.dropped.size > 0) ? lost : rewrittenOnly(context, lost),
        Array.from({ length: pending.order.length + 1 }, (_, count) => count),
        'prefix',
      )
    case 'all-but-one':
      return oneFamily(context, lost, 'all-but-one')
    case 'only-one':
      return oneFamily(context, lost, 'only-one')
    case 'torn':
      return tornFamily(context, lost)
    case 'size-first':
      return sizeFirstFamily(context, lost)
    case 'data-first':
      return dataFirstFamily(context)
    case 'names':
      return namesFamily(context)
    case 'subset':
      return subsetFamily(context, lost)
    default:
      return family satisfies never
  }
}
