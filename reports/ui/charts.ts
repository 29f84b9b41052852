// reports/ui/charts.ts: the charts of the page, drawn by uPlot in the place of the plain ones: with a cursor for pointer and
// arrow keys, and zoom by dragging (a double click shows all again).
//
// 1. A chart is drawn when it is first seen: in a tab that is not shown it would have no width.
// 2. Colours are the style's: when light or dark changes, charts are drawn anew.
// 3. On paper and for readers of screens the plain chart stays.

import uPlot from 'uplot'
import css from 'uplot/dist/uPlot.min.css?inline'
import { chartData, type ChartData } from './chart-data.ts'
import { distributionChart } from './distribution-chart.ts'
import { sizeChart } from './size-chart.ts'
import type { Tabs } from './tabs.ts'
import { timeLineChart } from './time-line-chart.ts'

/** What a kind of chart is: what uPlot needs, and what is said of the value under the cursor. */
export type Drawn = Readonly<{
  options: Omit<uPlot.Options, 'width' | 'height'>
  data: uPlot.AlignedData
  heightPx: number
  textAt: (index: number) => string
}>

/** A colour or a font of the style. */
export type Style = (name: string) => string

export function mountCharts(tabs: Tabs): void {
  const style = document.createElement('style')
  style.textContent = css
  document.head.append(style)
  const data = chartData()
  const charts = [...document.querySelectorAll<HTMLElement>('figure[data-chart]')].flatMap((figure) => {
    const of = data[figure.dataset['chart'] ?? '']
    return of === undefined ? [] : [new LiveChart(figure, of)]
  })
  const showAll = (): void => {
    for (const chart of charts) chart.show()
  }
  tabs.onShow(showAll)
  addEventListener('resize', showAll)
  addEventListener('themechange', () => {
    for (const chart of charts) chart.redraw()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of charts) chart.redraw()
  })
}

/** Said once a page: under the first kind of chart that one meets. */
const HINT = 'Point at it, or use the arrow keys. Drag to look closer, double-click to see all again.'

class LiveChart {
  readonly #figure: HTMLElement
  readonly #data: ChartData
  readonly #place = document.createElement('div')
  readonly #readout = document.createElement('output')
  #drawn: Readonly<{ plot: uPlot; textAt: Drawn['textAt'] }> | undefined
  readonly #hint: string

  constructor(figure: HTMLElement, data: ChartData) {
    this.#figure = figure
    this.#data = data
    this.#hint = data.kind === 'time-line' ? HINT : ''
    this.#place.className = 'live'
    this.#place.tabIndex = 0
    this.#place.setAttribute('role', 'img')
    this.#place.setAttribute('aria-label', figure.querySelector('figcaption')?.textContent ?? 'chart')
    this.#place.addEventListener('keydown', (event) => this.#onKey(event))
    this.#readout.className = 'readout'
    this.#readout.textContent = this.#hint
  }

  /** Draws it, or fits it to its place; nothing while it is not seen. */
  show(): void {
    const width = this.#figure.clientWidth
    if (width === 0) return
    if (this.#drawn === undefined) this.#draw(width)
    else if (this.#drawn.plot.width !== width) this.#drawn.plot.setSize({ width, height: this.#drawn.plot.height })
  }

  redraw(): void {
    this.#drawn?.plot.destroy()
    this.#drawn = undefined
    this.show()
  }

  #draw(width: number): void {
    const computed = getComputedStyle(document.documentElement)
    const { options, data, heightPx, textAt } = drawn(this.#data, (name) => computed.getPropertyValue(name).trim())
    if (!this.#place.isConnected) {
      this.#figure.append(this.#place, this.#readout)
      this.#figure.classList.add('has-live')
    }
    const plot = new uPlot(
      {
        ...options,
        width,
        height: heightPx,
        legend: { show: false },
        hooks: { ...options.hooks, setCursor: [(chart) => this.#tell(chart.cursor.idx ?? undefined)] },
      },
      data,
      this.#place,
    )
    this.#drawn = { plot, textAt }
  }

  #tell(index: number | undefined): void {
    this.#readout.textContent = index === undefined ? this.#hint : (this.#drawn?.textAt(index) ?? '')
    this.#readout.classList.toggle('on', index !== undefined)
  }

  #onKey(event: KeyboardEvent): void {
    const plot = this.#drawn?.plot
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity }[event.key]
    if (plot === undefined || step === undefined) return
    event.preventDefault()
    const xs = plot.data[0]
    const at = Math.max(0, Math.min(xs.length - 1, (plot.cursor.idx ?? -1) + step))
    plot.setCursor({ left: plot.valToPos(xs[at] ?? 0, 'x'), top: plot.over.clientHeight / 2 })
  }
}

function drawn(data: ChartData, style: Style): Drawn {
  switch (data.kind) {
    case 'time-line':
      return timeLineChart(data, style)
    case 'distribution':
      return distributionChart(data, style)
    case 'size':
      return sizeChart(data, style)
    default:
      return data satisfies never
  }
}
