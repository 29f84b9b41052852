// harness/campaign/progress-line.ts: how far a campaign is, as one line.

import type { Progress } from './campaign-host.ts'

/** `core20  1200 of 4000 (30 %), 850 runs/s, 3 s left, 0 violations`. */
export function progressLine(progress: Progress): string {
  const { scenario, done, total, runs, violations, elapsedMs } = progress
  const share = total === 0 ? 100 : Math.floor((done * 100) / total)
  const perSecond = elapsedMs > 0 ? (runs * 1000) / elapsedMs : 0
  const parts = [`${scenario}  ${done} of ${total} (${share} %)`]
  if (perSecond > 0) parts.push(`${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} runs/s`)
  if (done > 0 && done < total && elapsedMs > 0) parts.push(`${duration(((total - done) * elapsedMs) / done)} left`)
  parts.push(`${violations} violation${violations === 1 ? '' : 's'}`)
  return parts.join(', ')
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
