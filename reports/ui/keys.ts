// reports/ui/keys.ts: the page by keyboard: 1 to 9 and 0 the first ten tabs, / search, j and k from violation to violation, t light or dark,
// ? this list. A key with a modifier, or typed into a field, is the browser's.

import type { Tabs } from './tabs.ts'

export function mountKeys(tabs: Tabs): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { target } = event
    const typing = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
    if (event.key === 'Escape' && target instanceof HTMLInputElement) {
      target.value = ''
      target.dispatchEvent(new Event('input', { bubbles: true }))
      target.blur()
      return
    }
    if (typing) return
    if (act(event.key, tabs)) event.preventDefault()
  })
}

function act(key: string, tabs: Tabs): boolean {
  const name = /^[0-9]$/.test(key) ? tabs.names[(Number(key) + 9) % 10] : undefined
  if (name !== undefined) {
    tabs.open(name)
    return true
  }
  switch (key) {
    case '/':
      return search(tabs)
    case 'j':
      return step(tabs, 1)
    case 'k':
      return step(tabs, -1)
    case 't':
      document.querySelector<HTMLButtonElement>('[data-theme-button]')?.click()
      return true
    case '?': {
      const help = document.querySelector<HTMLDialogElement>('dialog.keys')
      if (help === null) return false
      if (help.open) help.close()
      else help.showModal()
      return true
    }
    default:
      return false
  }
}

/** The search field of the tab; that of the violations where it has none. */
function search(tabs: Tabs): boolean {
  if (visibleField() === undefined) tabs.open('violations')
  const field = visibleField()
  field?.focus()
  field?.select()
  return field !== undefined
}

function visibleField(): HTMLInputElement | undefined {
  return [...document.querySelectorAll<HTMLInputElement>('[data-search]')].find((field) => field.offsetParent !== null)
}

function step(tabs: Tabs, by: 1 | -1): boolean {
  if (tabs.current !== 'violations') tabs.open('violations')
  const cards = [...document.querySelectorAll<HTMLElement>('article[data-finding]')].filter(
    (card) => card.offsetParent !== null,
  )
  const at = cards.findIndex((card) => card.contains(document.activeElement))
  const card = cards[Math.max(0, Math.min(cards.length - 1, at === -1 ? (by === 1 ? 0 : cards.length - 1) : at + by))]
  if (card === undefined) return false
  card.setAttribute('tabindex', '-1')
  card.focus({ preventScroll: true })
  card.scrollIntoView({ block: 'start' })
  return true
}
