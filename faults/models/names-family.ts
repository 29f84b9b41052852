// faults/models/names-family.ts: names lost or kept independently of the data: all data with every choice of names, then none.

import { everything, keepRequiredNames, loseDependentNames, nothing } from './choice.ts'
import { EXHAUSTIVE_PIECES, ZEROES, type FamilyContext, type FamilyStates } from './family.ts'
import { mix } from './garbage.ts'
import type { Pending } from './pending.ts'
import type { PersistenceModel } from './persistence-model.ts'

const NAME_SAMPLES = 64

export function namesFamily({ pending, model, seed }: FamilyContext): FamilyStates {
  const count = pending.names.length
  const masks = count === 0 ? 0 : nameMasks(count, model)
  const withData = pending.files.length > 0 ? 2 : 1
  const keptNames = (index: number): boolean[] => nameMask(pending, model, seed, index)
  return {
    count: masks * withData,
    lost: ZEROES,
    exhaustive: model.names === 'in-order' || count <= EXHAUSTIVE_PIECES,
    choose: (index, content) => {
      const choice = index < masks ? everything(pending, content) : nothing(pending, content)
      choice.names = keptNames(index % masks)
      return choice
    },
    describe: (index) => {
      const kept = keptNames(index % masks)
      const lost = pending.names.filter((_, at) => kept[at] !== true).map(({ text }) => text)
      const data = index < masks ? 'all data survives' : 'no data survives'
      return `${data}, and of the names ${lost.length === 0 ? 'all' : `all but: ${lost.join(', ')}`}`
    },
  }
}

function nameMasks(count: number, model: PersistenceModel): number {
  if (model.names === 'in-order') return count + 1
  return count <= EXHAUSTIVE_PIECES ? 2 ** count : 2 + 2 * count + NAME_SAMPLES
}

function nameMask(pending: Pending, model: PersistenceModel, seed: number, index: number): boolean[] {
  const count = pending.names.length
  if (model.names === 'in-order') return pending.names.map((_, at) => at < index)
  let names: boolean[]
  if (count <= EXHAUSTIVE_PIECES) names = pending.names.map((_, at) => ((index >>> at) & 1) === 1)
  else if (index < 2) names = pending.names.map(() => index === 1)
  else if (index < 2 + count) {
    names = pending.names.map((_, at) => at !== index - 2)
    loseDependentNames(pending, names)
  } else if (index < 2 + 2 * count) names = pending.names.map((_, at) => at === index - 2 - count)
  else names = pending.names.map((_, at) => (mix(mix(seed, index), at) & 1) === 1)
  keepRequiredNames(pending, names)
  return names
}
