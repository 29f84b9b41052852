// reports/ui/filters.tsx: what is looked for among violations, and among the rows of a long table.
//
// 1. Elements of the page are shown or hidden, never made: what is filtered is what the page says without a script.
// 2. The violations' filter stands in the address, so that a link to it can be sent.

import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { Tabs } from './tabs.ts'

const TAB = 'violations'
const FIELDS = ['family', 'oracle', 'scenario', 'outcome'] as const
type Field = (typeof FIELDS)[number]
type Choice = Readonly<Record<Field | 'q', string>>

const texts = new WeakMap<HTMLElement, string>()

/** What is searched: all that the element says. */
function textOf(element: HTMLElement): string {
  let text = texts.get(element)
  if (text === undefined) {
    text = (element.textContent ?? '').toLowerCase()
    texts.set(element, text)
  }
  return text
}

/** Every word is somewhere in the element. */
function matches(element: HTMLElement, words: string): boolean {
  const text = textOf(element)
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

export function ViolationFilter({ cards, tabs }: Readonly<{ cards: readonly HTMLElement[]; tabs: Tabs }>) {
  const fromAddress = (): Choice => {
    const query = tabs.query
    const of = (name: string): string => query.get(name) ?? ''
    return { q: of('q'), family: of('family'), oracle: of('oracle'), scenario: of('scenario'), outcome: of('outcome') }
  }
  const [choice, setChoice] = useState<Choice>(fromAddress)
  useEffect(() => {
    const follow = (): void => {
      if (location.hash.startsWith(`#${TAB}`)) setChoice(fromAddress())
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const shown = cards.filter(
    (card) =>
      FIELDS.every((field) => choice[field] === '' || card.dataset[field] === choice[field]) && matches(card, choice.q),
  )
  useLayoutEffect(() => {
    const kept = new Set(shown)
    for (const card of cards) card.hidden = !kept.has(card)
  }, [choice])
  const change = (part: Partial<Choice>): void => {
    const next = { ...choice, ...part }
    setChoice(next)
    tabs.replaceQuery(TAB, new URLSearchParams(Object.entries(next).filter(([, value]) => value !== '')))
  }
  if (cards.length < 2) return null
  const isFiltered = Object.values(choice).some((value) => value !== '')
  return (
    <div class="filter" role="search">
      <input
        type="search"
        value={choice.q}
        placeholder="Search  /"
        aria-label="Search violations"
        data-search
        onInput={(event) => change({ q: event.currentTarget.value })}
      />
      {FIELDS.map((field) => (
        <Select key={field} field={field} cards={cards} value={choice[field]} change={change} />
      ))}
      <output aria-live="polite">
        {shown.length} of {cards.length}
      </output>
      {isFiltered && (
        <button type="button" onClick={() => change({ q: '', family: '', oracle: '', scenario: '', outcome: '' })}>
          Clear
        </button>
      )}
    </div>
  )
}

type SelectProps = Readonly<{
  field: Field
  cards: readonly HTMLElement[]
  value: string
  change: (part: Partial<Choice>) => void
}>

/** The values that occur; nothing where there is one. */
function Select({ field, cards, value, change }: SelectProps) {
  const values = [...new Set(cards.map((card) => card.dataset[field] ?? ''))].filter((each) => each !== '').toSorted()
  if (values.length < 2) return null
  return (
    <select value={value} aria-label={field} onChange={(event) => change({ [field]: event.currentTarget.value })}>
      <option value="">every {field}</option>
      {values.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  )
}

export function RowFilter({ rows, what }: Readonly<{ rows: readonly HTMLElement[]; what: string }>) {
  const [words, setWords] = useState('')
  const shown = rows.filter((row) => matches(row, words))
  useLayoutEffect(() => {
    const kept = new Set(shown)
    for (const row of rows) row.hidden = !kept.has(row)
    if (words !== '')
      for (const row of shown) {
        const fold = row.closest('details')
        if (fold !== null) fold.open = true
      }
  }, [words])
  return (
    <div class="filter" role="search">
      <input
        type="search"
        value={words}
        placeholder={`Search ${what}  /`}
        aria-label={`Search ${what}`}
        data-search
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <output aria-live="polite">
        {shown.length} of {rows.length}
      </output>
    </div>
  )
}
