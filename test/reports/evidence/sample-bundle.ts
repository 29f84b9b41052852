// test/reports/evidence/sample-bundle.ts: a small bundle with two chains, and keys, for tests of what is done to bundles.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ChainWriter, makeManifest, manifestText, sha256, type Manifest } from '../../../reports/evidence/index.ts'
import { signBundle, type SignOffRole } from '../../../reports/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export const NOW = '2025-03-05T00:00:00.000Z'
const ED25519_PKCS8_HEAD = '302e020100300506032b657004220420'

/** The ed25519 key of a seed of one repeated byte. */
export function keyOf(byte: number): KeyObject {
  const seed = Buffer.alloc(32, byte)
  return createPrivateKey({
    key: Buffer.concat([Buffer.from(ED25519_PKCS8_HEAD, 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
}

export const TESTER = keyOf(1)
export const VERIFIER = keyOf(2)
export const STRANGER = keyOf(3)
export const publicOf = (key: KeyObject): KeyObject => createPublicKey(key)

export function chainText(kind: string, records: readonly unknown[]): Readonly<{ text: string; head: string }> {
  const lines: string[] = []
  const chain = new ChainWriter(kind, (line) => lines.push(`${line}\n`))
  for (const record of records) chain.next(record)
  const { head } = chain.end()
  return { text: lines.join(''), head }
}

const RECORDS = Array.from({ length: 6 }, (_, order) => ({ order, token: `pc1-${order}`, outcome: 'passed' }))

export type SampleBundleOptions = Readonly<{ void?: readonly string[]; independence?: boolean; page?: string }>

/** Writes a bundle and gives its folder. */
export function sampleBundle(options: SampleBundleOptions = {}): string {
  const directory = temporaryFolder()
  const faults = chainText('faults', RECORDS)
  const texts: Readonly<Record<string, string>> = {
    'evidence.html': options.page ?? '<!doctype html><title>evidence</title>',
    'faults.jsonl': faults.text,
    'profiles/iec-61508.html': '<!doctype html>',
    'provenance.json': '{"_type":"https://in-toto.io/Statement/v1"}',
  }
  for (const [path, text] of Object.entries(texts)) put(directory, path, text)
  writeManifest(directory, {
    subject: { name: 'notes', version: '1.2.3' },
    void: [...(options.void ?? [])],
    independence: options.independence ?? false,
    dates: { earliest: '2025-03-04T05:06:07.000Z', latest: '2025-03-04T05:07:49.000Z' },
    missing: [],
    files: Object.entries(texts).map(([path, text]) => ({
      path,
      sizeBytes: Buffer.byteLength(text),
      sha256: sha256(text),
      artefact: 1,
      producer: 'powercut',
      reproducible: path !== 'provenance.json',
      ...(path === 'faults.jsonl' ? { chain: { kind: 'faults', records: RECORDS.length, head: faults.head } } : {}),
    })),
  })
  return directory
}

export function put(directory: string, path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), text)
}

export function readText(directory: string, path: string): string {
  return readFileSync(join(directory, path), 'utf8')
}

export function writeManifest(directory: string, input: Parameters<typeof makeManifest>[0]): void {
  put(directory, 'manifest.json', manifestText(makeManifest(input)))
}

export function manifestOf(directory: string): Manifest {
  return JSON.parse(readText(directory, 'manifest.json')) as Manifest
}

/** What someone does who changes a file and writes the manifest to match: only chains and signatures are left to tell. */
export function putAndList(directory: string, path: string, text: string): void {
  put(directory, path, text)
  const manifest = manifestOf(directory)
  const files = manifest.files.map((file) =>
    file.path === path ? { ...file, sizeBytes: Buffer.byteLength(text), sha256: sha256(text) } : file,
  )
  writeManifest(directory, pick({ ...manifest, files }))
}

export function changeManifest(directory: string, over: Partial<Manifest>): void {
  writeManifest(directory, pick({ ...manifestOf(directory), ...over }))
}

function pick({
  subject,
  void: reasons,
  independence,
  dates,
  missing,
  files,
}: Manifest): Parameters<typeof makeManifest>[0] {
  return { subject, void: reasons, independence, dates, missing, files }
}

export function signAs(directory: string, role: SignOffRole, key: KeyObject, now = NOW): readonly string[] {
  return signBundle(directory, { role, key, now, name: `the ${role}`, organisation: 'Example' })
}
