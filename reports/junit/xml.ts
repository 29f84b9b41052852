// reports/junit/xml.ts: text as XML 1.0 may hold it.
//
// 1. What XML cannot hold at all (most control characters, lone surrogates, two non-characters) becomes U+FFFD.
// 2. Line ends and tabs in attributes are written as references, since a parser turns them into spaces otherwise.

const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** Text between tags. */
export function xmlText(text: string): string {
  return text
    .replaceAll(NOT_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}

/** The value of an attribute in double quotes. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}

export type XmlElement = Readonly<{
  name: string
  attributes: Readonly<Record<string, string | number>>
  children?: readonly (XmlElement | string)[]
}>

/** An element with its children; a string child is text. Ends with a newline. */
export function xmlElement({ name, attributes, children = [] }: XmlElement, indent = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlAttribute(String(value))}"`)
  const head = `${indent}<${name}${written.join('')}`
  if (children.length === 0) return `${head}/>\n`
  if (children.every((child) => typeof child === 'string'))
    return `${head}>${children.map(xmlText).join('')}</${name}>\n`
  const inner = children.map((child) => (typeof child === 'string' ? xmlText(child) : xmlElement(child, `${indent}  `)))
  return `${head}>\n${inner.join('')}${indent}</${name}>\n`
}
