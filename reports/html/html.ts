// reports/html/html.ts: HTML that cannot be broken by what is put into it.
//
// 1. Everything interpolated into `html` is escaped, unless it is Html already: made by `html` itself or by `raw`.
// 2. JSON in a page holds no `<`, so no text in it ends the script element.

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | false | readonly Part[]

/** A template whose values are escaped; `undefined` and `false` are nothing, lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, index) => text + (index < parts.length ? render(parts[index]) : '')).join(''))
}

/** Text that is HTML, CSS or JavaScript of our own. */
export function raw(text: string): Html {
  return new Html(text)
}

/** A value as JSON that may stand in a script element. */
export function jsonForScript(value: unknown): Html {
  return new Html(
    JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'),
  )
}

/** Text and attribute values in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function render(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return part.map(render).join('')
}
