// reports/ui/main.tsx: what moves in report.html. The page is whole without it: this adds tabs, filters, charts that answer
// to the pointer and the keys, copy buttons and a choice of light or dark.

import { render } from 'preact'
import { mountCharts } from './charts.ts'
import { mountCopyButtons } from './copy.ts'
import { RowFilter, ViolationFilter } from './filters.tsx'
import { mountKeys } from './keys.ts'
import { Tabs } from './tabs.ts'
import { ThemeButton } from './theme.tsx'

const tabs = new Tabs()
document.documentElement.classList.add('scripted')
for (const place of document.querySelectorAll('[data-mount="theme"]')) render(<ThemeButton />, place)
for (const place of document.querySelectorAll('[data-mount="violation-filter"]'))
  render(<ViolationFilter cards={[...document.querySelectorAll<HTMLElement>('[data-finding]')]} tabs={tabs} />, place)
for (const place of document.querySelectorAll<HTMLElement>('[data-mount="row-filter"]')) {
  const rows = [...(place.parentElement?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
  if (rows.length > 1) render(<RowFilter rows={rows} what={place.dataset['what'] ?? 'rows'} />, place)
}
mountCopyButtons()
mountCharts(tabs)
mountKeys(tabs)
tabs.start()
addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('details')) fold.open = true
})
