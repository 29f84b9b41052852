// faults/models/choice.ts: one crash state as a choice: how far each sector, size and name got.
//
// 1. A choice is complete: together with the pending operations it says every byte of the image.
// 2. Choices are made by the families and turned into images by `build`; nothing else knows how they look.

import type { Pending } from './pending.ts'
import type { Fill, PersistenceModel } from './persistence-model.ts'

/** What stands in place of lost sectors. */
export type LostContent = Readonly<{ beyondSize: Fill; rewrite: 'old' | Fill }>

/** How far one file got. Operations are numbered in the file; -1 is the durable state. */
export type FileChoice = {
  /** All operations up to this one and none after: the rest of the fields is not looked at. */
  upTo: number | undefined
  /** For each touched sector, the operation whose version the device holds. */
  kept: Int32Array
  /** The operation whose size the file has. */
  size: number
  /** Where the file ends before that size. */
  sizeMax: number | undefined
}

export type Choice = {
  files: FileChoice[]
  /** For each name operation, whether it survived. */
  names: boolean[]
  lost: LostContent
  /** Draws the content of each lost sector for itself, where the model allows several. */
  mixedLost: boolean
  /** Bytes of one write that reached a sector that was cut within: for devices whose sectors are not atomic. */
  partial: Readonly<{ file: number; operation: number; endBytes: number }> | undefined
}

/** Everything that is pending up to and including `count` operations of the order, nothing after. */
export function upTo(pending: Pending, count: number, lost: LostContent): Choice {
  const choice = nothing(pending, lost)
  for (const operation of pending.order.slice(0, count)) {
    if (operation.kind === 'name') choice.names[operation.name] = true
    else fileOf(choice, operation.file).upTo = operation.operation
  }
  return choice
}

export function nothing(pending: Pending, lost: LostContent): Choice {
  return {
    files: pending.files.map(() => ({ upTo: -1, kept: EMPTY, size: -1, sizeMax: undefined })),
    names: pending.names.map(() => false),
    lost,
    mixedLost: false,
    partial: undefined,
  }
}

export function everything(pending: Pending, lost: LostContent): Choice {
  return {
    files: pending.files.map(({ operations }) => ({
      upTo: operations.length - 1,
      kept: EMPTY,
      size: -1,
      sizeMax: undefined,
    })),
    names: pending.names.map(({ dropped }) => !dropped),
    lost,
    mixedLost: false,
    partial: undefined,
  }
}

const EMPTY = new Int32Array(0)

export function fileOf(choice: Choice, file: number): FileChoice {
  const found = choice.files[file]
  if (found === undefined) throw new RangeError(`there is no pending file ${file}`)
  return found
}

/** Spells a file's choice out by sector, so that single ones can be changed. */
export function bySector(pending: Pending, choice: Choice, file: number): FileChoice {
  const found = fileOf(choice, file)
  const pendingFile = pending.files[file]
  if (found.upTo === undefined || pendingFile === undefined) return found
  const { upTo: last } = found
  found.kept = Int32Array.from(pendingFile.versions, (versions) => newestUpTo(versions, last))
  found.size = newestUpTo(pendingFile.sizeChanges, last)
  found.upTo = undefined
  return found
}

/** The last of ascending numbers that is at most `limit`; -1 if there is none. */
export function newestUpTo(ascending: readonly number[], limit: number): number {
  for (let index = ascending.length - 1; index >= 0; index -= 1) {
    const value = ascending[index]
    if (value !== undefined && value <= limit) return value
  }
  return -1
}

/** Adds what the kept names cannot survive without. */
export function keepRequiredNames(pending: Pending, names: boolean[]): void {
  for (let index = names.length - 1; index >= 0; index -= 1) {
    if (names[index] !== true) continue
    for (const earlier of pending.requires[index] ?? []) names[earlier] = true
  }
}

/** Takes away what cannot survive without the lost names. */
export function loseDependentNames(pending: Pending, names: boolean[]): void {
  for (let index = 0; index < names.length; index += 1) {
    if ((pending.requires[index] ?? []).some((earlier) => names[earlier] !== true)) names[index] = false
  }
}

/**
 * Makes the names lawful: what a file's sync covered is there, what a failed directory sync dropped is not, nothing
 * survives without what it builds on, and in a journal nothing survives what was lost before it.
 */
export function settleNames(pending: Pending, model: PersistenceModel, names: boolean[]): void {
  pending.names.forEach(({ dropped }, index) => {
    if (pending.forced[index] === true) names[index] = true
    else if (dropped) names[index] = false
  })
  keepRequiredNames(pending, names)
  if (model.names === 'alone') return
  const firstLost = names.indexOf(false)
  if (firstLost >= 0) names.fill(false, firstLost)
}

/** Takes one write's sectors back to what they were before it, where no later write is kept. */
export function loseWrite(pending: Pending, choice: Choice, file: number, operation: number): void {
  const chosen = bySector(pending, choice, file)
  const pendingFile = pending.files[file]
  const span = pendingFile?.spans[operation]
  if (pendingFile === undefined || span === undefined) return
  for (let sector = span.start; sector < span.end; sector += 1) {
    if (chosen.kept[sector] !== operation) continue
    chosen.kept[sector] = newestUpTo(pendingFile.versions[sector] ?? [], operation - 1)
  }
}
