// faults/models/subset-family.ts: every subset of the pending pieces when they are few, else the corners and a sample.
//
// A piece is a touched sector, a size, or a name operation, over all files together. A sector that several writes
// touched has a version for each; a piece is old (0) or one of its versions (1 … radix − 1), the last being the newest.

import { bySector, keepRequiredNames, nothing, type Choice, type LostContent } from './choice.ts'
import { EXHAUSTIVE_PIECES, type FamilyContext, type FamilyStates } from './family.ts'
import { mix } from './garbage.ts'
import type { Pending } from './pending.ts'

type Piece =
  | Readonly<{ kind: 'sector'; file: number; sector: number; versions: readonly number[] }>
  | Readonly<{ kind: 'size'; file: number; versions: readonly number[] }>
  | Readonly<{ kind: 'name'; name: number; versions: readonly number[] }>

/** Up to this many combinations every version of every piece is tried; above, first old or newest alone. */
const COMBINATIONS_MAX = 4096
const SAMPLES = 256
const ONCE: readonly number[] = [0]

export function subsetFamily(context: FamilyContext, lost: readonly LostContent[]): FamilyStates {
  const { pending } = context
  const pieces = piecesOf(pending)
  const plan = planOf(pieces, context)
  return {
    count: pending.order.length === 0 ? 0 : plan.count,
    lost,
    exhaustive: plan.exhaustive,
    choose: (index, content) => {
      const choice = nothing(pending, content)
      const digits = plan.digits(index)
      pieces.forEach((piece, at) => keep(pending, choice, piece, digits[at] ?? 0))
      keepRequiredNames(pending, choice.names)
      choice.mixedLost = plan.isSample(index)
      return choice
    },
    describe: (index) => {
      const digits = plan.digits(index)
      const kept = pieces.flatMap((piece, at) => ((digits[at] ?? 0) > 0 ? [textOf(context, piece)] : []))
      return `of ${pieces.length} pending pieces survive ${kept.length}${kept.length <= EXHAUSTIVE_PIECES ? `: ${kept.join(', ')}` : ''}`
    },
  }
}

function piecesOf(pending: Pending): Piece[] {
  const pieces: Piece[] = []
  pending.files.forEach(({ versions, sizeChanges }, file) => {
    versions.forEach((operations, sector) => pieces.push({ kind: 'sector', file, sector, versions: operations }))
    if (sizeChanges.length > 0) pieces.push({ kind: 'size', file, versions: sizeChanges })
  })
  pending.names.forEach((_, name) => pieces.push({ kind: 'name', name, versions: ONCE }))
  return pieces
}

function keep(pending: Pending, choice: Choice, piece: Piece, digit: number): void {
  if (piece.kind === 'name') {
    choice.names[piece.name] = digit > 0
    return
  }
  const chosen = bySector(pending, choice, piece.file)
  const version = piece.versions[digit - 1] ?? -1
  if (piece.kind === 'size') chosen.size = version
  else chosen.kept[piece.sector] = version
}

function textOf({ pending, pathOf }: FamilyContext, piece: Piece): string {
  if (piece.kind === 'name') return pending.names[piece.name]?.text ?? 'a change of names'
  const path = pathOf(piece.file)
  if (piece.kind === 'size') return `the size of ${path}`
  return `sector ${pending.files[piece.file]?.sectors[piece.sector] ?? 0} of ${path}`
}

type Plan = Readonly<{
  count: number
  exhaustive: boolean
  /** For each piece, 0 (old) or the number of its version from 1. */
  digits(index: number): readonly number[]
  /** Whether each lost sector draws its own content. */
  isSample(index: number): boolean
}>

function planOf(pieces: readonly Piece[], { seed }: FamilyContext): Plan {
  const combinations = pieces.reduce((product, { versions }) => product * (versions.length + 1), 1)
  const sample = (index: number): number[] =>
    pieces.map(({ versions }, at) => (mix(mix(seed, index), at) >>> 0) % (versions.length + 1))
  if (pieces.length <= EXHAUSTIVE_PIECES && combinations <= COMBINATIONS_MAX) {
    return {
      count: combinations,
      exhaustive: true,
      digits: (index) => mixedRadix(pieces, index),
      isSample: () => false,
    }
  }
  const binary = (index: number): number[] => pieces.map(({ versions }, at) => ((index >>> at) & 1) * versions.length)
  if (pieces.length <= EXHAUSTIVE_PIECES) {
    const count = 2 ** pieces.length
    return {
      count: count + SAMPLES,
      exhaustive: false,
      digits: (index) => (index < count ? binary(index) : sample(index)),
      isSample: (index) => index >= count,
    }
  }
  const corner = cornersOf(pieces)
  return {
    count: corner.count + SAMPLES,
    exhaustive: false,
    digits: (index) => (index < corner.count ? corner.digits(index) : sample(index)),
    isSample: (index) => index >= corner.count,
  }
}

function mixedRadix(pieces: readonly Piece[], index: number): number[] {
  let rest = index
  return pieces.map(({ versions }) => {
    const radix = versions.length + 1
    const digit = rest % radix
    rest = Math.floor(rest / radix)
    return digit
  })
}

// What carries structure is tried in every combination: the first and last sector of the newest write (header and mark),
// the first sector of all, the sizes and the last names; with the rest all there, all gone, each one missing, each alone.
function cornersOf(pieces: readonly Piece[]): Readonly<{ count: number; digits: (index: number) => number[] }> {
  const special = specialPieces(pieces)
  const rest = pieces.map((_, at) => at).filter((at) => !special.includes(at))
  const masks = 2 ** special.length
  const variants = rest.length === 0 ? 1 : 2 + 2 * rest.length
  return {
    count: masks * variants,
    digits: (index) => {
      const mask = index % masks
      const variant = Math.floor(index / masks)
      const digits = pieces.map(() => 0)
      special.forEach((at, bit) => {
        digits[at] = ((mask >>> bit) & 1) * (pieces[at]?.versions.length ?? 0)
      })
      rest.forEach((at, place) => {
        const isKept =
          variant === 1 || (variant >= 2 && (variant % 2 === 0) !== (place === Math.floor((variant - 2) / 2)))
        digits[at] = isKept ? (pieces[at]?.versions.length ?? 0) : 0
      })
      return digits
    },
  }
}

const SPECIAL_PIECES_MAX = 6

function newestOf(versions: readonly number[]): number {
  return versions.at(-1) ?? -1
}

function specialPieces(pieces: readonly Piece[]): number[] {
  const sectors = pieces.flatMap((piece, at) => (piece.kind === 'sector' ? [{ at, piece }] : []))
  const lastFile = sectors.at(-1)?.piece.file
  const inLastFile = sectors.filter(({ piece }) => piece.file === lastFile)
  const newest = Math.max(-1, ...inLastFile.map(({ piece }) => newestOf(piece.versions)))
  const ofNewest = inLastFile.filter(({ piece }) => newestOf(piece.versions) === newest)
  const sizes = pieces.flatMap((piece, at) => (piece.kind === 'size' ? [at] : []))
  const names = pieces.flatMap((piece, at) => (piece.kind === 'name' ? [at] : []))
  const wanted = [
    ofNewest.at(-1)?.at,
    ofNewest[0]?.at,
    sizes.at(-1),
    names.at(-1),
    sectors[0]?.at,
    inLastFile[0]?.at,
    sizes[0],
    names[0],
  ]
  return [...new Set(wanted.filter((at) => at !== undefined))].slice(0, SPECIAL_PIECES_MAX)
}
