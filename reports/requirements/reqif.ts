// reports/requirements/reqif.ts: requirements.reqif, ReqIF 1.2 (the interchange format of the Object Management Group), for
// requirement management tools.
//
// 1. Every IDENTIFIER is an xsd:ID: a letter first, no character that a name may not hold, none twice.
// 2. Every reference is to an object of this file.
// 3. Enumerated values are an enumeration, the rest strings; none is longer than the MAX-LENGTH that is declared.
// 4. One specification, a chapter for each area, its requirements in the order of their files.

import { xmlElement, type XmlElement } from '../junit/index.ts'
import { REQUIREMENT_LEVELS, REQUIREMENT_STATUSES, VERIFICATION_METHODS } from './requirement.ts'
import { VERDICTS, type Trace, type TracedRequirement } from './trace.ts'

export type ReqifOptions = Readonly<{ title: string; time: string }>

const NAMESPACE = 'http://www.omg.org/spec/ReqIF/20110401/reqif.xsd'
const LENGTH_MAX = 32_000

/** The attributes of a requirement; ReqIF tools know the names that begin with `ReqIF.`. */
const STRINGS: Readonly<Record<string, (traced: TracedRequirement) => string>> = {
  'ReqIF.ForeignID': ({ requirement }) => requirement.id,
  'ReqIF.Name': ({ requirement }) => requirement.title,
  'ReqIF.Text': ({ requirement }) => requirement.text,
  Source: ({ requirement }) => requirement.source.join('; '),
  Reason: ({ requirement }) => requirement.reason ?? '',
  Code: ({ requirement }) => requirement.code.join(' '),
}

const ENUMERATIONS: Readonly<
  Record<string, Readonly<{ values: readonly string[]; of: (traced: TracedRequirement) => string }>>
> = {
  Status: { values: REQUIREMENT_STATUSES, of: ({ requirement }) => requirement.status },
  Level: { values: REQUIREMENT_LEVELS, of: ({ requirement }) => requirement.level },
  Verification: { values: VERIFICATION_METHODS, of: ({ requirement }) => requirement.verification },
  RequirementVerdict: { values: Object.keys(VERDICTS), of: ({ verdict }) => verdict },
}

const CHAPTER = 'ReqIF.ChapterName'

export function reqifXml(traced: Trace, { title, time }: ReqifOptions): string {
  const { requirements } = traced
  const known = new Set(requirements.map(({ requirement }) => requirement.id))
  const relations = requirements.flatMap(({ requirement }) =>
    requirement.refines.filter((id) => known.has(id)).map((target) => [requirement.id, target] as const),
  )
  const areas = new Map(requirements.map(({ requirement }) => [requirement.area, requirement.areaTitle]))
  const at = { 'LAST-CHANGE': time }
  const content = element('REQ-IF-CONTENT', [
    element('DATATYPES', [
      identified('DATATYPE-DEFINITION-STRING', 'type-text', { ...at, 'LONG-NAME': 'Text', 'MAX-LENGTH': LENGTH_MAX }),
      ...Object.entries(ENUMERATIONS).map(([name, { values }]) => enumeration(name, values, at)),
    ]),
    element('SPEC-TYPES', [
      objectType('object-requirement', 'Requirement', Object.keys(STRINGS), Object.keys(ENUMERATIONS), at),
      objectType('object-chapter', 'Chapter', [CHAPTER], [], at),
      identified('SPEC-RELATION-TYPE', 'relation-refines', { ...at, 'LONG-NAME': 'refines' }),
      identified('SPECIFICATION-TYPE', 'specification-type', { ...at, 'LONG-NAME': 'Requirements' }),
    ]),
    element('SPEC-OBJECTS', [
      ...[...areas].map(([area, areaTitle]) =>
        identified('SPEC-OBJECT', chapterId(area), at, [
          element('VALUES', [stringValue('object-chapter', CHAPTER, areaTitle)]),
          reference('TYPE', 'SPEC-OBJECT-TYPE-REF', 'object-chapter'),
        ]),
      ),
      ...requirements.map((one) => requirementObject(one, at)),
    ]),
    element(
      'SPEC-RELATIONS',
      relations.map(([source, target]) =>
        identified('SPEC-RELATION', `refines-${source}-${target}`, at, [
          reference('TYPE', 'SPEC-RELATION-TYPE-REF', 'relation-refines'),
          reference('SOURCE', 'SPEC-OBJECT-REF', objectId(source)),
          reference('TARGET', 'SPEC-OBJECT-REF', objectId(target)),
        ]),
      ),
    ),
    element('SPECIFICATIONS', [
      identified('SPECIFICATION', 'specification', { ...at, 'LONG-NAME': title }, [
        reference('TYPE', 'SPECIFICATION-TYPE-REF', 'specification-type'),
        element(
          'CHILDREN',
          [...areas.keys()].map((area) => chapter(area, requirements, at)),
        ),
      ]),
    ]),
  ])
  const header = identified('REQ-IF-HEADER', 'header', {}, [
    text('CREATION-TIME', time),
    text('REQ-IF-TOOL-ID', 'powercut'),
    text('REQ-IF-VERSION', '1.0'),
    text('SOURCE-TOOL-ID', 'powercut'),
    text('TITLE', title),
  ])
  const root: XmlElement = {
    name: 'REQ-IF',
    attributes: { xmlns: NAMESPACE },
    children: [element('THE-HEADER', [header]), element('CORE-CONTENT', [content])],
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement(root)}`
}

type Attributes = Readonly<Record<string, string | number>>

function requirementObject(traced: TracedRequirement, at: Attributes): XmlElement {
  return identified('SPEC-OBJECT', objectId(traced.requirement.id), at, [
    element('VALUES', [
      ...Object.entries(STRINGS).map(([name, of]) => stringValue('object-requirement', name, of(traced))),
      ...Object.entries(ENUMERATIONS).map(([name, { of }]) =>
        element('ATTRIBUTE-VALUE-ENUMERATION', [
          reference('DEFINITION', 'ATTRIBUTE-DEFINITION-ENUMERATION-REF', attributeId('object-requirement', name)),
          element('VALUES', [text('ENUM-VALUE-REF', `_${enumId(name, of(traced))}`)]),
        ]),
      ),
    ]),
    reference('TYPE', 'SPEC-OBJECT-TYPE-REF', 'object-requirement'),
  ])
}

function chapter(area: string, requirements: readonly TracedRequirement[], at: Attributes): XmlElement {
  return identified('SPEC-HIERARCHY', `place-of-${chapterId(area)}`, at, [
    reference('OBJECT', 'SPEC-OBJECT-REF', chapterId(area)),
    element(
      'CHILDREN',
      requirements
        .filter(({ requirement }) => requirement.area === area)
        .map(({ requirement }) =>
          identified('SPEC-HIERARCHY', `place-of-${objectId(requirement.id)}`, at, [
            reference('OBJECT', 'SPEC-OBJECT-REF', objectId(requirement.id)),
          ]),
        ),
    ),
  ])
}

function enumeration(name: string, values: readonly string[], at: Attributes): XmlElement {
  return identified('DATATYPE-DEFINITION-ENUMERATION', `type-${name}`, { ...at, 'LONG-NAME': name }, [
    element(
      'SPECIFIED-VALUES',
      values.map((value, key) =>
        identified('ENUM-VALUE', enumId(name, value), { ...at, 'LONG-NAME': value }, [
          element('PROPERTIES', [{ name: 'EMBEDDED-VALUE', attributes: { KEY: key, 'OTHER-CONTENT': value } }]),
        ]),
      ),
    ),
  ])
}

function objectType(
  id: string,
  name: string,
  strings: readonly string[],
  enumerations: readonly string[],
  at: Attributes,
): XmlElement {
  return identified('SPEC-OBJECT-TYPE', id, { ...at, 'LONG-NAME': name }, [
    element('SPEC-ATTRIBUTES', [
      ...strings.map((attribute) =>
        identified('ATTRIBUTE-DEFINITION-STRING', attributeId(id, attribute), { ...at, 'LONG-NAME': attribute }, [
          reference('TYPE', 'DATATYPE-DEFINITION-STRING-REF', 'type-text'),
        ]),
      ),
      ...enumerations.map((attribute) =>
        identified(
          'ATTRIBUTE-DEFINITION-ENUMERATION',
          attributeId(id, attribute),
          { ...at, 'LONG-NAME': attribute, 'MULTI-VALUED': 'false' },
          [reference('TYPE', 'DATATYPE-DEFINITION-ENUMERATION-REF', `type-${attribute}`)],
        ),
      ),
    ]),
  ])
}

function stringValue(object: string, name: string, value: string): XmlElement {
  return {
    name: 'ATTRIBUTE-VALUE-STRING',
    attributes: { 'THE-VALUE': value.length > LENGTH_MAX ? `${value.slice(0, LENGTH_MAX - 1)}…` : value },
    children: [reference('DEFINITION', 'ATTRIBUTE-DEFINITION-STRING-REF', attributeId(object, name))],
  }
}

function element(name: string, children: readonly XmlElement[]): XmlElement {
  return { name, attributes: {}, children }
}

function text(name: string, value: string): XmlElement {
  return { name, attributes: {}, children: [value] }
}

function identified(
  name: string,
  id: string,
  attributes: Attributes,
  children: readonly XmlElement[] = [],
): XmlElement {
  return { name, attributes: { IDENTIFIER: `_${id}`, ...attributes }, children }
}

function reference(name: string, kind: string, id: string): XmlElement {
  return element(name, [text(kind, `_${id}`)])
}

function objectId(id: string): string {
  return `req-${id}`
}

function chapterId(area: string): string {
  return `area-${area}`
}

function attributeId(object: string, name: string): string {
  return `${object}-${name}`
}

function enumId(name: string, value: string): string {
  return `value-${name}-${value}`
}
