// reports/html/charts/scale.ts: from values to places, and the round values that an axis shows.

export type Scale = Readonly<{
  /** Share of the axis, from 0 to 1, at which `value` lies. Clamped. */
  at(value: number): number
  from: number
  to: number
}>

/** `to` above `from`; equal ends are one apart. */
export function linearScale(from: number, to: number): Scale {
  const end = to > from ? to : from + 1
  return { from, to: end, at: (value) => Math.min(1, Math.max(0, (value - from) / (end - from))) }
}

/** Round values in [from, to], about `wanted` of them, never more than twice as many. Steps are 1, 2 or 5 times 10^n. */
export function niceTicks(from: number, to: number, wanted: number): number[] {
  if (to <= from) return [from]
  const rough = (to - from) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10
  return multiples(Math.max(1, factor * power), from, to)
}

/** The same for bytes: steps are powers of two. */
export function byteTicks(from: number, to: number, wanted: number): number[] {
  if (to <= from) return [from]
  return multiples(Math.max(1, 2 ** Math.ceil(Math.log2((to - from) / wanted))), from, to)
}

function multiples(step: number, from: number, to: number): number[] {
  const first = Math.ceil(from / step)
  const last = Math.floor(to / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step)
}

/** A place on an axis for CSS, at most two digits behind the point. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`
}
