import { createPrivateKey, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addSignature,
  canonicalJson,
  checkChain,
  isChainProblem,
  parseCanonicalJson,
  preAuthenticationEncoding,
  privateKeyFromPem,
  signEnvelope,
  signersOf,
} from '../../../reports/evidence/index.ts'
import { TESTER, VERIFIER, chainText, publicOf } from './sample-bundle.ts'

describe('canonical JSON', { tags: ['EVD-01'] }, () => {
  it('gives the text of the example in RFC 8785', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts keys by their UTF-16 code units, as RFC 8785 shows', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])))
    expect(Object.keys(JSON.parse(text) as object).filter((key) => key !== '1')).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ])
    expect(text.startsWith('{"\\r":0,"1":0,')).toBe(true)
  })

  it('does not depend on the order in which properties were put, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(parseCanonicalJson(text, 'text')).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reversed(value))).toBe(text)
      }),
    )
  })

  it('refuses what has no text of its own', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }, [undefined], 10n, () => 0])
      expect(() => canonicalJson(value)).toThrow(TypeError)
  })

  it('takes no other text for canonical', () => {
    for (const text of [
      '{"b":1,"a":2}',
      '{"a":1,"a":1}',
      '{ "a":1}',
      '1.0',
      '"\\u0041"',
      '{"a":1}\n',
      '[1',
      '"\\ud800"',
    ])
      expect(() => parseCanonicalJson(text, 'some.json')).toThrow(/some\.json/)
  })
})

describe('a chain of records', { tags: ['EVD-01'] }, () => {
  it('is whole however many records it has, and any one change to its lines breaks it', () => {
    const change = fc.constantFrom('drop', 'double', 'swap', 'edit', 'cut')
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), change, fc.nat(), (records, kind, seed) => {
        const { text, head } = chainText('faults', records)
        const whole = lines(text)
        expect(checkChain('faults', whole, 'x')).toEqual({ records: records.length, head })
        const at = seed % whole.length
        const line = whole[at] ?? ''
        const changed = {
          drop: whole.toSpliced(at, 1),
          double: whole.toSpliced(at, 0, line),
          swap: whole.length > 2 ? whole.toSpliced(1, 2, whole[2] ?? '', whole[1] ?? '') : [],
          edit: whole.with(
            at,
            line.replace(/"sequence":(\d+)/, (_, digits) => `"sequence":${Number(digits) + 1}`),
          ),
          cut: whole.slice(0, at),
        }[kind]
        expect(isChainProblem(checkChain('faults', changed, 'x'))).toBe(true)
      }),
    )
  })

  it('of one kind is no chain of another', () => {
    expect(checkChain('crash', lines(chainText('faults', []).text), 'x')).toMatchObject({ code: 'record-changed' })
  })

  it('names the record at which it breaks', () => {
    const whole = lines(chainText('faults', ['a', 'b', 'c', 'd']).text)
    const edited = whole.with(3, (whole[3] ?? '').replace('"c"', '"x"'))
    expect(checkChain('faults', edited, 'x')).toMatchObject({ code: 'record-changed', record: 4 })
  })
})

describe('an envelope', { tags: ['EVD-01', 'EVD-02'] }, () => {
  it('signs the encoding that the specification gives as an example', () => {
    const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
    expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  })

  it('takes the seed of RFC 8032, section 7.1, for the public key that stands there', () => {
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
    const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
    expect(spki.subarray(-32).toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  })

  it('is signed by those who signed it and by nobody else, whatever its key ids say', () => {
    const envelope = addSignature(signEnvelope('t', Buffer.from('payload'), TESTER), VERIFIER)
    const unnamed = { ...envelope, signatures: envelope.signatures.map(({ sig }) => ({ sig, keyid: 'lie' })) }
    const keys = [publicOf(TESTER), publicOf(VERIFIER)]
    expect(signersOf(unnamed, keys).every((key) => key !== undefined)).toBe(true)
    expect(signersOf(unnamed, [publicOf(TESTER)]).filter((key) => key === undefined)).toHaveLength(1)
    expect(signersOf({ ...envelope, payloadType: 'u' }, keys)).toEqual([undefined, undefined])
  })

  it('refuses keys of another kind', () => {
    expect(() => privateKeyFromPem('-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----', 'a.key')).toThrow(
      /a\.key is no key/,
    )
  })
})

function lines(text: string): string[] {
  return text.trimEnd().split('\n')
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  )
}
