// reports/evidence/integrity/verify.ts: whether a bundle is what was made and signed.
//
// 1. Every file is either listed in the manifest, with its hash, or a signature, and the other way round.
// 2. Chains are followed record by record besides, so a chain that was changed is found at its record, and is found even
//    where the manifest was written anew.
// 3. Nothing that is found hides what comes after it, but for a manifest that can not be read.
// 4. Key ids are never trusted. Without keys that the caller vouches for, a signature shows only that nothing was changed
//    since somebody signed; that is said.

import type { KeyObject } from 'node:crypto'
import { ReportError } from '../../report-error.ts'
import { parseCanonicalJson } from './canonical-json.ts'
import { checkChain, isChainProblem } from './chain.ts'
import { sha256 } from './digest.ts'
import {
  MANIFEST_FILE,
  SIGNATURE_FILES,
  SIGN_OFF_FOLDER,
  manifestSchema,
  reproducibleDigest,
  type Manifest,
  type ManifestFile,
} from './manifest.ts'
import type { SignOff } from './sign-off.ts'
import { checkSignatures } from './verify-signatures.ts'

/** What can be wrong with a bundle. Each is a kind of tampering or neglect. */
export const BUNDLE_PROBLEMS = {
  'manifest-missing': 'there is no manifest: nothing says what belongs to the bundle',
  'manifest-damaged': 'the manifest is not what powercut writes',
  void: 'the bundle declares itself void',
  'file-missing': 'a listed file is not there',
  'file-changed': 'a file is not the one that was listed',
  'file-extra': 'a file is there that nothing lists',
  'not-a-file': 'something is there that is neither file nor folder',
  'chain-truncated': 'a chain of records stops before its end',
  'record-changed': 'a record of a chain was changed, taken out or put in',
  'record-reordered': 'records of a chain are not in their order',
  'envelope-damaged': 'an envelope is not what powercut writes',
  'wrong-payload-type': 'an envelope holds another kind of thing than belongs there',
  'envelope-swapped': 'an envelope belongs to another file or bundle',
  'signature-wrong': 'a signature does not fit what it stands for',
  'unknown-key': 'a key is none of those that were vouched for',
  'stale-sign-off': 'a sign-off is about another manifest',
  'key-reused': 'one key signed in roles that must be independent',
  'dates-backward': 'a date is before one that it must follow',
  unsigned: 'nobody signed',
  'role-unsigned': 'a role that was asked for has not signed',
} as const
export type BundleProblemCode = keyof typeof BUNDLE_PROBLEMS
export type BundleProblem = Readonly<{ code: BundleProblemCode; path: string; message: string }>

/** A bundle as it lies there. Paths are relative, with slashes. Methods throw ReportError 'io'. */
export interface BundleReader {
  /** Every file; `other` are things that are neither file nor folder. */
  list(): Readonly<{ files: readonly string[]; other: readonly string[] }>
  text(path: string): string
  /** Reads the file once, without holding it. */
  digest(path: string): Readonly<{ sizeBytes: number; sha256: string }>
  lines(path: string): Iterable<string>
}

export type VerifyOptions = Readonly<{
  /** Keys that the caller vouches for; empty: any key will do, and a warning says so. */
  keys: readonly KeyObject[]
  requireSignatures: boolean
  /** Roles that must have signed. */
  roles: readonly SignOff['role'][]
  /** Also where the manifest does not ask for it. */
  independence: boolean
  /** Now, ISO 8601, UTC: a date behind it is wrong. */
  now: string
}>

export type BundleVerdict = Readonly<{
  manifest: Manifest | undefined
  manifestSha256: string | undefined
  filesChecked: number
  recordsChecked: number
  signOffs: readonly SignOff[]
  problems: readonly BundleProblem[]
  warnings: readonly string[]
}>

/** Looks at everything. Whole is a verdict without problems. */
export function verifyBundle(reader: BundleReader, options: VerifyOptions): BundleVerdict {
  const problems: BundleProblem[] = []
  const found = (code: BundleProblemCode, path: string, message: string): void => {
    problems.push({ code, path, message })
  }
  const { files, other } = reader.list()
  for (const path of other) found('not-a-file', path, 'is neither file nor folder')
  const nothing = { manifest: undefined, manifestSha256: undefined, filesChecked: 0, recordsChecked: 0, signOffs: [] }
  if (!files.includes(MANIFEST_FILE)) {
    found('manifest-missing', MANIFEST_FILE, 'is not there')
    return { ...nothing, problems, warnings: [] }
  }
  const text = reader.text(MANIFEST_FILE)
  const manifest = readManifest(text)
  if (typeof manifest === 'string') {
    found('manifest-damaged', MANIFEST_FILE, manifest)
    return { ...nothing, problems, warnings: [] }
  }
  for (const reason of manifest.void) found('void', MANIFEST_FILE, reason)
  const listed = new Set(manifest.files.map(({ path }) => path))
  for (const path of files)
    if (!listed.has(path) && !isSignatureFile(path)) found('file-extra', path, 'is not in the manifest')
  let filesChecked = 0
  let recordsChecked = 0
  for (const file of manifest.files) {
    if (!files.includes(file.path)) {
      found('file-missing', file.path, 'is in the manifest and not there')
      continue
    }
    filesChecked += 1
    const there = reader.digest(file.path)
    if (there.sha256 !== file.sha256)
      found('file-changed', file.path, `has SHA-256 ${there.sha256}, the manifest says ${file.sha256}`)
    else if (there.sizeBytes !== file.sizeBytes)
      found('file-changed', file.path, `has ${there.sizeBytes} bytes, the manifest says ${file.sizeBytes}`)
    if (file.chain === undefined) continue
    recordsChecked += followChain(reader, file, file.chain, found)
  }
  const manifestSha256 = sha256(text)
  const { signOffs, warnings } = checkSignatures({ reader, files, manifest, manifestText: text, options, found })
  return { manifest, manifestSha256, filesChecked, recordsChecked, signOffs, problems, warnings }
}

/** The manifest, or why it is none. */
export function readManifest(text: string): Manifest | string {
  let value: unknown
  try {
    if (!text.endsWith('\n')) return 'does not end with its newline'
    value = parseCanonicalJson(text.slice(0, -1), MANIFEST_FILE)
  } catch (error) {
    if (error instanceof ReportError) return error.message
    throw error
  }
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `${issue?.path.map(String).join('.') || 'top'}: ${issue?.message ?? 'is wrong'}`
  }
  const { files, reproducibleSha256, notReproducible } = parsed.data
  const paths = files.map(({ path }) => path)
  if (new Set(paths).size < paths.length) return 'lists a file twice'
  if (paths.some((path, at) => path < (paths[at - 1] ?? ''))) return 'does not list its files in order'
  if (paths.some(isSignatureFile)) return 'lists a signature'
  if (reproducibleSha256 !== reproducibleDigest(files)) return 'has a reproducibleSha256 that is not that of its files'
  if (
    notReproducible.join('\n') !==
    files
      .filter((file) => !file.reproducible)
      .map(({ path }) => path)
      .join('\n')
  )
    return 'has a notReproducible that is not that of its files'
  return parsed.data
}

function isSignatureFile(path: string): boolean {
  return SIGNATURE_FILES.includes(path) || path.startsWith(SIGN_OFF_FOLDER)
}

function followChain(
  reader: BundleReader,
  file: ManifestFile,
  chain: NonNullable<ManifestFile['chain']>,
  found: (code: BundleProblemCode, path: string, message: string) => void,
): number {
  const end = checkChain(chain.kind, reader.lines(file.path), file.path)
  if (isChainProblem(end)) {
    found(end.code, file.path, end.message)
    return 0
  }
  if (end.head !== chain.head || end.records !== chain.records)
    found('record-changed', file.path, `ends with ${end.head}, the manifest says ${chain.head}`)
  return end.records
}
