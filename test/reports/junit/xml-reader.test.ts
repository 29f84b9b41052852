import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { XmlError, parseXml, xmlElement, type XmlElement, type XmlNode } from '../../../reports/junit/index.ts'

const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/)
const text = fc.string({ unit: 'binary', maxLength: 12 })

/** What stays of a text: what XML cannot hold at all is U+FFFD, and a line ends in one way. */
const kept = (value: string): string =>
  value.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')

const tree = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc.record({
    name,
    attributes: fc.dictionary(name, text, { maxKeys: 3 }),
    children: fc.oneof(
      { depthSize: 'small' },
      fc.array(text, { maxLength: 1 }),
      fc.array(tie('element'), { maxLength: 3 }),
    ),
  }),
})).element

function written({ name: of, attributes, children = [] }: XmlElement): unknown {
  const inside = children.map((child) => (typeof child === 'string' ? kept(child) : written(child)))
  const texts = inside.filter((child) => child !== '')
  return {
    name: of,
    attributes: Object.entries(attributes).map(([key, value]) => [key, kept(String(value))]),
    inside: texts,
  }
}

/** Without the blanks that only lay a document out. */
function read({ name: of, attributes, children }: XmlNode): unknown {
  const hasElements = children.some((child) => typeof child !== 'string')
  const inside = children
    .filter((child) => typeof child !== 'string' || !hasElements)
    .map((child) => (typeof child === 'string' ? child : read(child)))
  return { name: of, attributes: [...attributes], inside }
}

describe('the reader of XML', { tags: ['TRC-04'] }, () => {
  it('gives back what the writer was given', () => {
    fc.assert(
      fc.property(tree, (element) => {
        expect(read(parseXml(xmlElement(element)))).toEqual(written(element))
      }),
    )
  })

  it('takes comments, instructions, CDATA, both quotes and references', () => {
    const root = parseXml(
      `\ufeff<?xml version='1.0'?>\r\n<!-- <x> --><a b='"' c="&#x41;&#66;&lt;">1<![CDATA[<&]]>2<?x y?><d/></a>\n<!-- -->`,
    )
    expect([...root.attributes]).toEqual([
      ['b', '"'],
      ['c', 'AB<'],
    ])
    expect(root.children.map((child) => (typeof child === 'string' ? child : child.name))).toEqual([
      '1',
      '<&',
      '2',
      'd',
    ])
  })

  it('refuses a document that was cut off anywhere', () => {
    const whole = '<a b="c"><d>text</d><!-- x --><![CDATA[y]]><e/></a>'
    for (let end = 0; end < whole.length; end += 1) expect(() => parseXml(whole.slice(0, end))).toThrow(XmlError)
    expect(parseXml(whole).name).toBe('a')
  })

  it.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['two roots', '<a/>\n<b/>'],
    ['text behind the root', '<a/>b'],
    ['tags that cross', '<a><b></a></b>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['attributes without a blank between them', '<a b="1"c="2"/>'],
    ['a bare <', '<a>1 < 2</a>'],
    ['a bare &', '<a>1 & 2</a>'],
    ['an entity that is not known', '<a>&nbsp;</a>'],
    ['a reference to what XML cannot hold', '<a>&#0;</a>'],
    ['a reference to half a pair', '<a>&#xd800;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['a document type, which could expand without end', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['elements deeper than any result', `${'<a>'.repeat(201)}${'</a>'.repeat(201)}`],
  ])('refuses %s', (_, xml) => {
    expect(() => parseXml(xml)).toThrow(XmlError)
  })

  it('never throws anything else, whatever it is given, and names a line that there is', () => {
    const pieces = fc.constantFrom(
      '<a>',
      '</a>',
      '<b c="d"/>',
      '<',
      '>',
      '&',
      '&lt;',
      '"',
      ' ',
      '\n',
      ']]>',
      '<!--',
      '-->',
      'x',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const xml = parts.join('')
        try {
          parseXml(xml)
        } catch (error) {
          expect(error).toBeInstanceOf(XmlError)
          const { line } = error as XmlError
          expect(line).toBeGreaterThan(0)
          expect(line).toBeLessThanOrEqual(xml.split('\n').length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('says at which line an element begins', () => {
    const root = parseXml('<a>\n\n<b/>\n<c\n d="e"><f/></c></a>')
    const lines = (node: XmlNode): unknown[] => [
      node.name,
      node.line,
      ...node.children.flatMap((child) => (typeof child === 'string' ? [] : lines(child))),
    ]
    expect(lines(root)).toEqual(['a', 1, 'b', 3, 'c', 4, 'f', 5])
  })
})
