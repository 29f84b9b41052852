// reports/junit/xml-reader.ts: XML 1.0 as a tree, for result files that other programs write.
//
// 1. What is not well-formed is refused with its line, never repaired: a file cut off in the middle is no smaller file.
// 2. A document type is refused: nothing is expanded but the five entities of XML itself and character references, so a
//    file of a few kilobytes cannot become gigabytes, and none reads another file.
// 3. Depth is bounded by DEPTH_MAX; elements are kept on a list, so depth costs no stack.
//
// Names are not checked beyond what is needed to find where they end; declarations, instructions and comments are skipped.

/** An element. `line` counts from 1. Comments and processing instructions are left out. */
export type XmlNode = Readonly<{
  name: string
  attributes: ReadonlyMap<string, string>
  children: readonly (XmlNode | string)[]
  line: number
}>

/** Text that is not well-formed XML. `line` counts from 1. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** Deeper than any result file: suites in suites, a case, its properties. */
const DEPTH_MAX = 200

const NAME = /[^\s<>/=?!&'"]+/y
const SPACE = /[ \t\r\n]*/y
const ATTRIBUTE = /([^\s<>/=?!&'"]+)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));|&/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

type Open = { name: string; attributes: ReadonlyMap<string, string>; children: (XmlNode | string)[]; line: number }

/** The root element. Throws XmlError. */
export function parseXml(text: string): XmlNode {
  return new XmlReader(text).document()
}

/** The text directly in an element. */
export function textOf(node: XmlNode): string {
  return node.children.filter((child) => typeof child === 'string').join('')
}

/** The elements of that name directly in an element. */
export function elementsOf(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child): child is XmlNode => typeof child !== 'string' && child.name === name)
}

class XmlReader {
  readonly #text: string
  #at = 0
  #line = 1
  #lineFrom = 0
  readonly #open: Open[] = []
  #root: XmlNode | undefined

  constructor(text: string) {
    this.#text = (text.startsWith('\ufeff') ? text.slice(1) : text).replaceAll(/\r\n?/g, '\n')
    const bad = NOT_XML.exec(this.#text)
    if (bad !== null) this.#fail('holds a character that XML cannot hold', bad.index)
  }

  document(): XmlNode {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at)
      this.#characters(next < 0 ? this.#text.length : next)
      if (next < 0) break
      this.#markup()
    }
    const unclosed = this.#open.at(-1)
    if (unclosed !== undefined) this.#fail(`ends before </${unclosed.name}>`, this.#text.length)
    if (this.#root === undefined) return this.#fail('holds no element', this.#text.length)
    return this.#root
  }

  /** Text up to `end`. */
  #characters(end: number): void {
    const raw = this.#text.slice(this.#at, end)
    if (this.#open.length === 0) {
      if (raw.trim() !== '') this.#fail('has text outside of its root element', this.#at)
    } else if (raw !== '') {
      if (raw.includes(']]>')) this.#fail(']]> stands in text', this.#at)
      this.#open.at(-1)?.children.push(this.#decoded(raw, this.#at))
    }
    this.#at = end
  }

  #markup(): void {
    const second = this.#text[this.#at + 1]
    if (second === '?') this.#skipPast('?>', 'a processing instruction')
    else if (second === '/') this.#closeTag()
    else if (second !== '!') this.#openTag()
    else if (this.#text.startsWith('<!--', this.#at)) this.#skipPast('-->', 'a comment')
    else if (this.#text.startsWith('<![CDATA[', this.#at)) this.#data()
    else if (this.#text[this.#at + 2] === 'D') this.#fail('has a document type, which is not read', this.#at)
    else this.#fail('has a declaration that is not known', this.#at)
  }

  #data(): void {
    const parent = this.#open.at(-1)
    const from = this.#at + '<![CDATA['.length
    if (parent === undefined) this.#fail('has text outside of its root element', this.#at)
    this.#skipPast(']]>', 'a CDATA section')
    parent?.children.push(this.#text.slice(from, this.#at - ']]>'.length))
  }

  #openTag(): void {
    const start = this.#at
    this.#at += 1
    const name = this.#match(NAME)?.[0] ?? this.#fail('has a < that begins no element', start)
    if (this.#root !== undefined && this.#open.length === 0) this.#fail('has a second root element', start)
    const attributes = new Map<string, string>()
    for (;;) {
      const space = this.#match(SPACE)?.[0] ?? ''
      const rest = this.#text.slice(this.#at, this.#at + 2)
      if (rest.startsWith('>') || rest === '/>') {
        const element: Open = { name, attributes, children: [], line: this.#lineOf(start) }
        this.#at += rest.startsWith('>') ? 1 : 2
        this.#begin(element)
        if (rest === '/>') this.#end()
        return
      }
      const from = this.#at
      const found = space === '' ? undefined : this.#match(ATTRIBUTE)
      if (found === undefined) return this.#fail(`<${name}> is not whole`, from)
      const [, key = '', double, single] = found
      if (attributes.has(key)) this.#fail(`<${name}> has two attributes ${key}`, from)
      attributes.set(key, this.#decoded((double ?? single ?? '').replaceAll(/[\t\r\n]/g, ' '), from))
    }
  }

  #closeTag(): void {
    const start = this.#at
    this.#at += 2
    const name = this.#match(NAME)?.[0] ?? ''
    this.#match(SPACE)
    if (this.#text[this.#at] !== '>') this.#fail(`</${name} is not whole`, start)
    this.#at += 1
    const open = this.#open.at(-1)
    if (open?.name !== name)
      this.#fail(`has </${name}> where ${open === undefined ? 'nothing is open' : `<${open.name}> is`}`, start)
    this.#end()
  }

  #begin(element: Open): void {
    if (this.#open.length >= DEPTH_MAX) this.#fail(`is deeper than ${DEPTH_MAX} elements`, this.#at)
    this.#open.at(-1)?.children.push(element)
    this.#open.push(element)
    this.#root ??= element
  }

  #end(): void {
    this.#open.pop()
  }

  #decoded(raw: string, from: number): string {
    if (!raw.includes('&')) return raw
    return raw.replaceAll(
      REFERENCE,
      (_, decimal: string | undefined, hex: string | undefined, entity: string | undefined) => {
        if (entity !== undefined) return ENTITIES[entity] ?? ''
        const code = decimal === undefined ? (hex === undefined ? -1 : Number.parseInt(hex, 16)) : Number(decimal)
        const isScalar = code >= 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff)
        const character = isScalar ? String.fromCodePoint(code) : '\0'
        if (NOT_XML.test(character)) this.#fail('has a reference that is not known', from)
        return character
      },
    )
  }

  #skipPast(end: string, what: string): void {
    const found = this.#text.indexOf(end, this.#at)
    if (found < 0) this.#fail(`ends in ${what}`, this.#at)
    this.#at = found + end.length
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text) ?? undefined
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }

  /** The line of an offset; offsets only grow, so each character is counted once. */
  #lineOf(offset: number): number {
    for (let next = this.#text.indexOf('\n', this.#lineFrom); next >= 0 && next < offset;) {
      this.#line += 1
      this.#lineFrom = next + 1
      next = this.#text.indexOf('\n', this.#lineFrom)
    }
    return this.#line
  }

  #fail(message: string, offset: number): never {
    throw new XmlError(message, this.#lineOf(offset))
  }
}
