// test/reports/evidence/tampering.test.ts: everything that can be done to a bundle after it was made, each found by its name.

import { readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  bundleReader,
  signBundle,
  verifyBundle,
  type BundleVerdict,
  type VerifyOptions,
} from '../../../reports/index.ts'
import { canonicalJson, signEnvelope } from '../../../reports/evidence/index.ts'
import {
  NOW,
  STRANGER,
  TESTER,
  VERIFIER,
  changeManifest,
  chainText,
  manifestOf,
  publicOf,
  put,
  putAndList,
  readText,
  sampleBundle,
  signAs,
} from './sample-bundle.ts'

function check(directory: string, over: Partial<VerifyOptions> = {}): BundleVerdict {
  const options = { keys: [], requireSignatures: false, roles: [], independence: false, now: NOW, ...over }
  return verifyBundle(bundleReader(directory), options)
}

const codes = (directory: string, over: Partial<VerifyOptions> = {}): readonly string[] =>
  check(directory, over).problems.map(({ code, path }) => `${code} ${path}`)

function signed(): string {
  const directory = sampleBundle()
  signAs(directory, 'tester', TESTER)
  signAs(directory, 'verifier', VERIFIER)
  return directory
}

const signOffs = (directory: string): string[] =>
  readdirSync(join(directory, 'signoffs')).map((name) => `signoffs/${name}`)

describe('a bundle that nobody touched', { tags: ['EVD-01', 'EVD-02'] }, () => {
  it('is whole without a signature, with a warning, and is refused where signatures are asked for', () => {
    const directory = sampleBundle()
    const verdict = check(directory)
    expect(verdict.problems).toEqual([])
    expect(verdict.warnings[0]).toContain('UNSIGNED')
    expect(verdict).toMatchObject({ filesChecked: 4, recordsChecked: 6 })
    expect(codes(directory, { requireSignatures: true })).toEqual(['unsigned manifest.json'])
  })

  it('is whole when tester and verifier signed with keys that are vouched for, without any warning', () => {
    const keys = [publicOf(TESTER), publicOf(VERIFIER)]
    const verdict = check(signed(), {
      keys,
      requireSignatures: true,
      roles: ['tester', 'verifier'],
      independence: true,
    })
    expect(verdict.problems).toEqual([])
    expect(verdict.warnings).toEqual([])
    expect(verdict.signOffs.map(({ role }) => role)).toEqual(['tester', 'verifier'])
  })

  it('gets the same signatures from the same keys', () => {
    const [one, other] = [signed(), signed()]
    for (const path of [...signOffs(one), 'manifest.dsse.json', 'provenance.dsse.json', 'signoffs.html'])
      expect(readText(one, path)).toBe(readText(other, path))
  })
})

describe('verify-evidence finds', { tags: ['EVD-01'] }, () => {
  it('one changed byte, at any place of any file', () => {
    const directory = sampleBundle()
    for (const { path } of manifestOf(directory).files) {
      const before = Buffer.from(readText(directory, path), 'utf8')
      for (const at of [0, before.length >> 1, before.length - 1]) {
        const changed = Buffer.from(before)
        changed[at] = (changed[at] ?? 0) ^ 1
        put(directory, path, changed)
        expect(codes(directory)).toContain(`file-changed ${path}`)
      }
      put(directory, path, before)
    }
    expect(codes(directory)).toEqual([])
  })

  it('a missing file', () => {
    const directory = sampleBundle()
    rmSync(join(directory, 'profiles/iec-61508.html'))
    expect(codes(directory)).toEqual(['file-missing profiles/iec-61508.html'])
  })

  it('an extra file, also in a folder of its own', () => {
    const directory = sampleBundle()
    put(directory, 'more/page.html', 'more')
    expect(codes(directory)).toEqual(['file-extra more/page.html'])
  })

  it('a file that became a link to the same bytes', () => {
    const directory = sampleBundle()
    renameSync(join(directory, 'evidence.html'), join(directory, '..', 'elsewhere.html'))
    try {
      symlinkSync(join(directory, '..', 'elsewhere.html'), join(directory, 'evidence.html'))
      expect(codes(directory)).toEqual(['not-a-file evidence.html', 'file-missing evidence.html'])
    } finally {
      rmSync(join(directory, '..', 'elsewhere.html'))
    }
  })

  it('a chain without its end, even where the manifest was written to match', () => {
    const directory = sampleBundle()
    const lines = readText(directory, 'faults.jsonl').trimEnd().split('\n')
    putAndList(directory, 'faults.jsonl', `${lines.slice(0, -2).join('\n')}\n`)
    expect(codes(directory)).toEqual(['chain-truncated faults.jsonl'])
  })

  it('two records that changed places, even where the manifest was written to match', () => {
    const directory = sampleBundle()
    const lines = readText(directory, 'faults.jsonl').trimEnd().split('\n')
    const [head = '', first = '', second = '', ...rest] = lines
    putAndList(directory, 'faults.jsonl', `${[head, second, first, ...rest].join('\n')}\n`)
    expect(codes(directory)).toEqual(['record-reordered faults.jsonl'])
  })

  it('a record that was changed, even where the manifest was written to match', () => {
    const directory = sampleBundle()
    putAndList(directory, 'faults.jsonl', readText(directory, 'faults.jsonl').replace('pc1-3', 'pc1-9'))
    expect(codes(directory)).toEqual(['record-changed faults.jsonl'])
  })

  it('another chain in the place of one, whole in itself, by the hash of its end', () => {
    const directory = sampleBundle()
    putAndList(directory, 'faults.jsonl', chainText('faults', [{ order: 0 }]).text)
    expect(codes(directory)).toEqual(['record-changed faults.jsonl'])
  })

  it('a manifest that was changed, although every file fits it, by the signatures', () => {
    const directory = signed()
    putAndList(directory, 'evidence.html', '<!doctype html><title>better</title>')
    const found = codes(directory)
    expect(found).toContain('envelope-swapped manifest.dsse.json')
    expect(found.filter((code) => code.startsWith('stale-sign-off'))).toHaveLength(2)
  })

  it('a manifest that says the same in other bytes', () => {
    const directory = sampleBundle()
    put(directory, 'manifest.json', `${JSON.stringify(manifestOf(directory), undefined, 2)}\n`)
    expect(codes(directory)).toEqual(['manifest-damaged manifest.json'])
  })

  it('a manifest with a key twice, or with a path that leaves the bundle, or without one of its fields', () => {
    const directory = sampleBundle()
    const text = readText(directory, 'manifest.json')
    const broken = [
      text.replace('"independence":false', '"independence":false,"independence":false'),
      text.replaceAll('evidence.html', '../evidence.html'),
      text.replace('"independence":false,', ''),
      text.trimEnd(),
      '',
    ]
    for (const one of broken) {
      put(directory, 'manifest.json', one)
      expect(codes(directory)).toEqual(['manifest-damaged manifest.json'])
    }
  })

  it('that there is no manifest', () => {
    const directory = sampleBundle()
    rmSync(join(directory, 'manifest.json'))
    expect(codes(directory)).toEqual(['manifest-missing manifest.json'])
  })

  it('a sign-off that is stale, because the bundle was made again', () => {
    const directory = signed()
    changeManifest(directory, { subject: { name: 'notes', version: '1.2.4' } })
    expect(codes(directory).filter((code) => code.startsWith('stale-sign-off'))).toEqual(
      signOffs(directory).map((path) => `stale-sign-off ${path}`),
    )
  })

  it('an envelope that was swapped with another of the same bundle', () => {
    const directory = signed()
    const [one = '', other = ''] = signOffs(directory)
    const [text, otherText] = [readText(directory, one), readText(directory, other)]
    put(directory, one, otherText)
    put(directory, other, text)
    expect(codes(directory)).toEqual([`envelope-swapped ${one}`, `envelope-swapped ${other}`])
  })

  it('an envelope of another bundle', () => {
    const directory = signed()
    const another = sampleBundle({ page: 'another' })
    signAs(another, 'tester', TESTER)
    signAs(another, 'verifier', VERIFIER)
    put(directory, 'manifest.dsse.json', readText(another, 'manifest.dsse.json'))
    expect(codes(directory)).toEqual(['envelope-swapped manifest.dsse.json'])
  })

  it('one flipped bit of a signature', () => {
    const directory = signed()
    const envelope = JSON.parse(readText(directory, 'manifest.dsse.json')) as ReturnType<typeof signEnvelope>
    const [first, ...rest] = envelope.signatures
    const bytes = Buffer.from(first?.sig ?? '', 'base64')
    bytes[10] = (bytes[10] ?? 0) ^ 4
    const signatures = [{ ...first, sig: bytes.toString('base64') }, ...rest]
    put(directory, 'manifest.dsse.json', `${canonicalJson({ ...envelope, signatures })}\n`)
    expect(codes(directory)).toContain('signature-wrong manifest.dsse.json')
  })

  it('a wrong key: one that nobody vouches for, and one that is not the one in the sign-off', () => {
    const directory = signed()
    const [tester = '', verifier = ''] = signOffs(directory)
    expect(codes(directory, { keys: [publicOf(TESTER)] })).toEqual([`unknown-key ${verifier}`])
    expect(codes(directory, { keys: [publicOf(STRANGER)] })).toContain(`unknown-key ${tester}`)
    const { payloadType, payload } = JSON.parse(readText(directory, tester)) as ReturnType<typeof signEnvelope>
    const forged = signEnvelope(payloadType, Buffer.from(payload, 'base64'), STRANGER)
    put(directory, tester, `${canonicalJson(forged)}\n`)
    expect(codes(directory)).toContain(`signature-wrong ${tester}`)
  })

  it('a wrong payload type, although it is signed', () => {
    const directory = signed()
    const { payload } = JSON.parse(readText(directory, 'manifest.dsse.json')) as ReturnType<typeof signEnvelope>
    const forged = signEnvelope('text/plain', Buffer.from(payload, 'base64'), TESTER)
    put(directory, 'manifest.dsse.json', `${canonicalJson(forged)}\n`)
    expect(codes(directory)).toContain('wrong-payload-type manifest.dsse.json')
  })

  it('a key that signed as tester and as verifier, where independence is asked for', () => {
    const directory = sampleBundle()
    signAs(directory, 'tester', TESTER)
    signAs(directory, 'verifier', TESTER)
    expect(codes(directory)).toEqual([])
    const found = codes(directory, { independence: true })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^key-reused signoffs\/verifier-/)
  })

  it('a role that was asked for and has not signed', () => {
    const directory = sampleBundle()
    signAs(directory, 'tester', TESTER)
    expect(codes(directory, { roles: ['verifier'] })).toEqual(['role-unsigned signoffs/'])
  })

  it('a sign-off of which the manifest has no signature, and a signature that has no sign-off', () => {
    const directory = signed()
    const [tester = ''] = signOffs(directory)
    const text = readText(directory, tester)
    rmSync(join(directory, tester))
    expect(codes(directory, { keys: [publicOf(TESTER)] })).toContain('envelope-swapped manifest.dsse.json')
    put(directory, tester, text)
    rmSync(join(directory, 'manifest.dsse.json'))
    expect(codes(directory)).toContain(`signature-wrong ${tester}`)
  })

  it('a bundle that was declared void', () => {
    const directory = sampleBundle({ void: ['KAT-SIG-1 failed'] })
    expect(codes(directory)).toEqual(['void manifest.json'])
  })

  it('dates that go backward: a campaign that ends before it begins, a sign-off of the future', () => {
    const directory = sampleBundle()
    changeManifest(directory, { dates: { earliest: '2025-03-04T05:06:07.000Z', latest: '2024-03-04T05:06:07.000Z' } })
    expect(codes(directory)).toEqual(['dates-backward manifest.json'])
    expect(codes(signed(), { now: '2025-03-04T06:00:00.000Z' }).map((code) => code.split(' ')[0])).toEqual([
      'dates-backward',
      'dates-backward',
    ])
  })

  it('a page of sign-offs that prints what nobody signed', () => {
    const directory = signed()
    put(directory, 'signoffs.html', readText(directory, 'signoffs.html').replace('the tester', 'the minister'))
    expect(codes(directory)).toEqual(['file-changed signoffs.html'])
  })

  it('an envelope that is cut short', () => {
    const directory = signed()
    const [tester = ''] = signOffs(directory)
    put(directory, tester, readText(directory, tester).slice(0, 100))
    expect(codes(directory)).toContain(`envelope-damaged ${tester}`)
  })
})

describe('sign refuses', { tags: ['EVD-02'] }, () => {
  it('a bundle with anything wrong, and writes nothing', () => {
    const changed = sampleBundle()
    put(changed, 'evidence.html', 'changed')
    for (const directory of [changed, sampleBundle({ void: ['a known answer was wrong'] })]) {
      expect(() => signAs(directory, 'tester', TESTER)).toThrow(/sign/)
      expect(readdirSync(directory)).not.toContain('signoffs')
    }
  })

  it("the tester's key for a verifier where the bundle asks for independence", () => {
    const directory = sampleBundle({ independence: true })
    signAs(directory, 'tester', TESTER)
    expect(() => signAs(directory, 'verifier', TESTER)).toThrow(/a verifier needs a key of its own/)
    signAs(directory, 'verifier', VERIFIER)
    expect(codes(directory)).toEqual([])
  })

  it('a clock that stands before the end of the campaigns', () => {
    const directory = sampleBundle()
    expect(() => signAs(directory, 'tester', TESTER, '2025-03-04T05:07:00.000Z')).toThrow(/set the clock/)
  })

  it('no bundle whose sign-offs are stale: it takes them away and signs anew', () => {
    const directory = signed()
    changeManifest(directory, { subject: { name: 'notes', version: '2.0.0' } })
    signAs(directory, 'assessor', STRANGER)
    expect(codes(directory)).toEqual([])
    expect(signOffs(directory)).toHaveLength(1)
  })

  it('nothing of a name that is HTML: it is printed as it is', () => {
    const directory = sampleBundle()
    signBundle(directory, {
      role: 'tester',
      key: TESTER,
      now: NOW,
      name: '<script>alert(1)</script>',
      organisation: '"\n&',
    })
    expect(readText(directory, 'signoffs.html')).not.toContain('<script>')
    expect(codes(directory)).toEqual([])
  })
})
