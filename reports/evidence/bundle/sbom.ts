// reports/evidence/bundle/sbom.ts: bills of materials of npm without what differs from run to run.
//
// 1. Serial number and time go: npm draws the one and takes the other from the clock. The serial number that stands there
//    instead is of the content.
// 2. Lists are sorted by what names their entries; nothing else is changed.

import { canonicalJson, sha256 } from '../integrity/index.ts'

type Json = null | boolean | number | string | readonly Json[] | JsonObject
type JsonObject = Readonly<{ [key: string]: Json }>

const NAMING = ['bom-ref', 'ref', 'SPDXID', 'spdxElementId', 'name', 'url', 'id'] as const

/** `npm sbom --sbom-format cyclonedx`, as text. Throws SyntaxError for text that is no JSON. */
export function normaliseCycloneDx(text: string): string {
  const { serialNumber: _serial, metadata, ...rest } = objectOf(JSON.parse(text) as Json)
  const { timestamp: _timestamp, ...kept } = objectOf(metadata ?? {})
  const sorted = objectOf(ordered({ ...rest, metadata: kept }))
  return pretty({ ...sorted, serialNumber: `urn:uuid:${uuidOf(sha256(canonicalJson(sorted)))}` })
}

/** `npm sbom --sbom-format spdx`, as text. `created` stands for the time: SPDX demands one. */
export function normaliseSpdx(text: string, created: string): string {
  const { creationInfo, documentNamespace: _namespace, ...rest } = objectOf(JSON.parse(text) as Json)
  const sorted = objectOf(ordered({ ...rest, creationInfo: { ...objectOf(creationInfo ?? {}), created } }))
  const name = typeof rest['name'] === 'string' ? rest['name'] : 'package'
  const namespace = `urn:spdx:${encodeURIComponent(name)}:${sha256(canonicalJson(sorted))}`
  return pretty({ ...sorted, documentNamespace: namespace })
}

function ordered(value: Json): Json {
  if (isList(value)) return value.map(ordered).toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).map(([key, member]) => [key, ordered(member)] as const)
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function sortKey(value: Json): string {
  const named = NAMING.map((key) => objectOf(value)[key]).filter((part) => typeof part === 'string')
  return `${named.join('\0')}\0${canonicalJson(value)}`
}

function objectOf(value: Json): JsonObject {
  return value !== null && typeof value === 'object' && !isList(value) ? value : {}
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** A hash as a UUID of version 8: one whose bits are the application's. */
function uuidOf(hash: string): string {
  const at = (from: number, to: number): string => hash.slice(from, to)
  return `${at(0, 8)}-${at(8, 12)}-8${at(13, 16)}-a${at(17, 20)}-${at(20, 32)}`
}

function pretty(value: Json): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
