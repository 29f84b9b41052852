// test/reports/xml-check.ts: a small, strict reader of XML: elements, attributes and text, as XML 1.0 has them. No
// comments, CDATA or document types: the writer makes none.

export type XmlNode = { name: string; attributes: Record<string, string>; children: XmlNode[]; text: string }

const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The root element. Throws if the text is not well formed. */
export function parseXml(xml: string): XmlNode {
  const declared = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(declared))
    throw new Error('not a character of XML')
  const top: XmlNode = { name: '', attributes: {}, children: [], text: '' }
  const stack = [top]
  for (const [, tag, text] of declared.matchAll(/<([^<>]*)>|([^<]+|<)/g)) {
    const open = stack.at(-1) ?? top
    if (tag === undefined) open.text += unescape(text ?? '')
    else if (tag.startsWith('/')) {
      if (stack.length < 2 || stack.pop()?.name !== tag.slice(1)) throw new Error(`</${tag.slice(1)}> closes nothing`)
    } else {
      const node = parseTag(tag.replace(/\/$/, ''))
      open.children.push(node)
      if (!tag.endsWith('/')) stack.push(node)
    }
  }
  const [root, ...others] = top.children
  if (stack.length !== 1 || root === undefined || others.length > 0 || top.text.trim() !== '')
    throw new Error('not one whole root element')
  return root
}

/** All elements of that name, at any depth. */
export function elements(node: XmlNode, name: string): XmlNode[] {
  return [...(node.name === name ? [node] : []), ...node.children.flatMap((child) => elements(child, name))]
}

function parseTag(tag: string): XmlNode {
  const match = /^([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w-]*="[^"]*")*)\s*$/.exec(tag)
  if (match === null) throw new Error(`<${tag}> is no tag`)
  const attributes: Record<string, string> = {}
  for (const [, name = '', value = ''] of (match[2] ?? '').matchAll(/([A-Za-z][\w-]*)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`${name} twice in <${tag}>`)
    attributes[name] = unescape(value.replaceAll(/[\t\n\r]/g, ' '))
  }
  return { name: match[1] ?? '', attributes, children: [], text: '' }
}

function unescape(text: string): string {
  if (text.includes('<')) throw new Error('a bare <')
  return text.replaceAll(/&(?:#(\d+)|(\w+));|&/g, (all, code: string | undefined, name: string | undefined) => {
    const character = code === undefined ? REFERENCES[name ?? ''] : String.fromCodePoint(Number(code))
    if (character === undefined) throw new Error(`${all} is no reference`)
    return character
  })
}
