// reports/html/sections/chart-data.ts: what the page's script draws its charts of, under the ids that figures have. Its
// other half is reports/ui/chart-data.ts.

import type { BytesRead, Campaign, Recovery } from '../../format/index.ts'
import { formatBytes, plural } from '../../text/index.ts'
import { BAR_ORDER, hasSync } from '../charts/index.ts'
import { bucketText, linesOf, type Line } from './crash-points.ts'
import { distributionsOf, formatCost, type CostUnit } from './recovery.ts'

export function chartData(campaign: Campaign): Readonly<Record<string, unknown>> {
  return {
    ...Object.fromEntries(linesOf(campaign).map((line) => [line.id, timeLineData(line)])),
    ...Object.fromEntries(distributionsOf(campaign.recovery).map((row) => [row.id, distributionData(row)])),
    ...sizeData(campaign.recovery),
  }
}

function timeLineData({ timeLine: { buckets } }: Line): unknown {
  return {
    kind: 'time-line',
    from: buckets.map(({ from }) => from),
    to: buckets.map(({ to }) => to),
    outcomes: Object.fromEntries(BAR_ORDER.map((name) => [name, buckets.map(({ outcomes }) => outcomes[name])])),
    pending: buckets.map(({ pendingMax }) => pendingMax),
    syncs: buckets.map((bucket) => (hasSync(bucket) ? 1 : 0)),
    texts: buckets.map(bucketText),
  }
}

function distributionData({
  unit,
  distribution,
  bound,
}: Readonly<{ unit: CostUnit; distribution: BytesRead; bound?: number }>): unknown {
  const { histogram, median, maximum } = distribution
  return {
    kind: 'distribution',
    unit,
    from: histogram.map(({ from }) => from),
    to: histogram.map(({ to }) => to),
    counts: histogram.map(({ count }) => count),
    marks: [
      { name: 'median', at: median },
      { name: 'maximum', at: maximum },
      // A bound far out would make a line of the bars.
      ...(bound === undefined || bound > maximum * 5 ? [] : [{ name: 'bound', at: bound }]),
    ],
  }
}

function sizeData({ bySize = [] }: Recovery): Readonly<Record<string, unknown>> {
  if (bySize.length === 0) return {}
  const sizes = bySize.map(({ from, to }) => (from + to) / 2)
  const texts = bySize.map(
    (row) =>
      `${formatBytes(row.from)} to ${formatBytes(row.to + 1)}: ${plural(row.count, 'recovery', 'recoveries')}, read ${formatBytes(row.bytesMedian)} in the median, ${formatBytes(row.bytesMaximum)} at most; took ${formatCost(row.timeUsMedian, 'time')}, ${formatCost(row.timeUsMaximum, 'time')} at most`,
  )
  return {
    'size-bytes': {
      kind: 'size',
      unit: 'bytes',
      sizes,
      medians: bySize.map(({ bytesMedian }) => bytesMedian),
      maxima: bySize.map(({ bytesMaximum }) => bytesMaximum),
      texts,
    },
    'size-time': {
      kind: 'size',
      unit: 'time',
      sizes,
      medians: bySize.map(({ timeUsMedian }) => timeUsMedian),
      maxima: bySize.map(({ timeUsMaximum }) => timeUsMaximum),
      texts,
    },
  }
}
