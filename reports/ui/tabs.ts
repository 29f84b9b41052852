// reports/ui/tabs.ts: the page's parts as tabs, and links into them.
//
// 1. The address says what is shown: `#violations`, `#violations?q=pack`, `#v-1a2b3c4d5e6f` for one violation.
// 2. What an address names is in a tab: that tab is opened, folds around it too, and it gets the focus.
// 3. On paper every part is there: hiding is the style's, for screens alone.

export class Tabs {
  readonly #links: readonly HTMLAnchorElement[]
  readonly #parts: readonly HTMLElement[]
  readonly #listeners: (() => void)[] = []

  constructor() {
    this.#links = [...document.querySelectorAll<HTMLAnchorElement>('nav.tabs a')]
    this.#parts = [...document.querySelectorAll<HTMLElement>('[data-tab]')]
  }

  /** Names of the tabs, in order. */
  get names(): readonly string[] {
    return this.#links.map(nameOf)
  }

  get current(): string {
    return this.#links.filter((link) => link.getAttribute('aria-selected') === 'true').map(nameOf)[0] ?? ''
  }

  /** What stands in the address behind the tab's name. */
  get query(): URLSearchParams {
    return new URLSearchParams(location.hash.split('?')[1] ?? '')
  }

  /** Told after another tab is shown: charts have no width before. */
  onShow(listener: () => void): void {
    this.#listeners.push(listener)
  }

  start(): void {
    const [first] = this.#links
    if (first === undefined) return
    first.parentElement?.setAttribute('role', 'tablist')
    for (const link of this.#links) {
      link.setAttribute('role', 'tab')
      link.addEventListener('click', (event) => {
        event.preventDefault()
        this.open(nameOf(link))
      })
      link.addEventListener('keydown', (event) => this.#onKey(event, link))
    }
    for (const part of this.#parts) part.setAttribute('role', 'tabpanel')
    document.documentElement.classList.add('tabbed')
    addEventListener('hashchange', () => this.#follow())
    this.#follow()
  }

  /** Shows a tab and says so in the address. */
  open(name: string): void {
    history.pushState(undefined, '', `#${name}`)
    this.#show(name)
    scrollTo({ top: 0 })
  }

  /** Changes what stands behind the tab's name, without a new step in the history. */
  replaceQuery(name: string, query: URLSearchParams): void {
    const text = query.toString()
    history.replaceState(undefined, '', text === '' ? `#${name}` : `#${name}?${text}`)
  }

  #follow(): void {
    const id = decodeURIComponent(location.hash.slice(1).split('?')[0] ?? '')
    const target = id === '' ? null : document.getElementById(id)
    const part = target?.closest<HTMLElement>('[data-tab]')
    const name = part?.dataset['tab'] ?? (this.names.includes(id) ? id : (this.names[0] ?? ''))
    this.#show(name)
    if (target === null || target === undefined) return
    if (this.names.includes(id)) {
      scrollTo({ top: 0 })
      return
    }
    for (let fold = target.closest('details'); fold !== null; fold = fold.parentElement?.closest('details') ?? null)
      fold.open = true
    target.querySelector('details')?.setAttribute('open', '')
    target.setAttribute('tabindex', '-1')
    target.focus({ preventScroll: true })
    target.scrollIntoView({ block: 'start' })
  }

  #show(name: string): void {
    for (const link of this.#links) {
      const chosen = nameOf(link) === name
      link.setAttribute('aria-selected', String(chosen))
      link.tabIndex = chosen ? 0 : -1
    }
    for (const part of this.#parts) part.classList.toggle('current', part.dataset['tab'] === name)
    for (const listener of this.#listeners) listener()
  }

  #onKey(event: KeyboardEvent, link: HTMLAnchorElement): void {
    const at = this.#links.indexOf(link)
    const last = this.#links.length - 1
    const next =
      event.key === 'ArrowRight'
        ? (at + 1) % (last + 1)
        : event.key === 'ArrowLeft'
          ? (at + last) % (last + 1)
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? last
              : undefined
    const chosen = next === undefined ? undefined : this.#links[next]
    if (chosen === undefined) return
    event.preventDefault()
    this.open(nameOf(chosen))
    chosen.focus()
  }
}

function nameOf(link: HTMLAnchorElement): string {
  return link.getAttribute('href')?.slice(1) ?? ''
}
