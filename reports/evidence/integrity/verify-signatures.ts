// reports/evidence/integrity/verify-signatures.ts: the envelopes of a bundle: whose they are, and what they stand for.
//
// 1. The manifest's envelope holds the very bytes of the manifest; the provenance's those of provenance.json.
// 2. Each sign-off is signed by the key that it carries, is about this manifest, and its key signed the manifest too.
// 3. Each signature of the manifest belongs to a sign-off: nobody signs without saying as what.

import type { KeyObject } from 'node:crypto'
import { ReportError } from '../../report-error.ts'
import { parseCanonicalJson } from './canonical-json.ts'
import { sha256 } from './digest.ts'
import { envelopeSchema, keyIdOf, publicKeyFromText, signersOf, type Envelope } from './dsse.ts'
import {
  MANIFEST_ENVELOPE_FILE,
  MANIFEST_PAYLOAD_TYPE,
  PROVENANCE_ENVELOPE_FILE,
  PROVENANCE_FILE,
  SIGN_OFF_FOLDER,
  SIGN_OFF_PAGE,
  type Manifest,
} from './manifest.ts'
import { signOffPageText } from './sign-off-page.ts'
import {
  INDEPENDENT_ROLES,
  STATEMENT_PAYLOAD_TYPE,
  signOffPath,
  signOffStatementSchema,
  type SignOff,
} from './sign-off.ts'
import type { BundleProblemCode, BundleReader, VerifyOptions } from './verify.ts'

export type SignatureCheck = Readonly<{
  reader: BundleReader
  files: readonly string[]
  manifest: Manifest
  manifestText: string
  options: VerifyOptions
  found: (code: BundleProblemCode, path: string, message: string) => void
}>

type Signed = Readonly<{ path: string; signOff: SignOff; key: KeyObject }>

export function checkSignatures(
  check: SignatureCheck,
): Readonly<{ signOffs: readonly SignOff[]; warnings: readonly string[] }> {
  const { files, manifest, options, found } = check
  const warnings: string[] = []
  const signed = files
    .filter((path) => path.startsWith(SIGN_OFF_FOLDER))
    .map((path) => signOffOf(check, path))
    .filter((one) => one !== undefined)
  const keys = distinct([...signed.map(({ key }) => key), ...options.keys])
  const manifestKeys = checkEnvelope(
    check,
    MANIFEST_ENVELOPE_FILE,
    MANIFEST_PAYLOAD_TYPE,
    () => check.manifestText,
    keys,
  )
  if (files.includes(PROVENANCE_ENVELOPE_FILE) && files.includes(PROVENANCE_FILE))
    checkEnvelope(
      check,
      PROVENANCE_ENVELOPE_FILE,
      STATEMENT_PAYLOAD_TYPE,
      () => check.reader.text(PROVENANCE_FILE),
      keys,
    )
  const signedManifest = manifestKeys.map(keyIdOf)
  for (const { path, key } of signed)
    if (!signedManifest.includes(keyIdOf(key)))
      found('signature-wrong', path, 'is signed with a key that did not sign the manifest')
  for (const id of signedManifest)
    if (!signed.some(({ key }) => keyIdOf(key) === id))
      found(
        'envelope-swapped',
        MANIFEST_ENVELOPE_FILE,
        `has a signature of key ${id.slice(0, 16)}, which has no sign-off`,
      )
  checkDates(check, signed)
  checkRoles(check, signed)
  checkPage(check, signed)
  if (signed.length === 0) {
    if (options.requireSignatures) found('unsigned', MANIFEST_FILE_NAME, 'has no sign-off')
    else warnings.push('UNSIGNED: nobody signed this bundle')
  } else if (options.keys.length === 0)
    warnings.push('nobody vouches for the keys: name those that you know with --key')
  if (manifest.missing.length > 0)
    warnings.push(`${manifest.missing.length} parts are missing from the bundle, by its own list`)
  return { signOffs: signed.map(({ signOff }) => signOff), warnings }
}

const MANIFEST_FILE_NAME = 'manifest.json'

/** One sign-off, if it is one; what is wrong with it is told. */
function signOffOf(check: SignatureCheck, path: string): Signed | undefined {
  const { options, found, manifestText } = check
  const envelope = readEnvelope(check, path)
  if (envelope === undefined) return undefined
  if (envelope.payloadType !== STATEMENT_PAYLOAD_TYPE) {
    found('wrong-payload-type', path, `holds '${envelope.payloadType}', not '${STATEMENT_PAYLOAD_TYPE}'`)
    return undefined
  }
  let parsed
  let key: KeyObject
  try {
    const text = Buffer.from(envelope.payload, 'base64').toString('utf8')
    parsed = signOffStatementSchema.safeParse(parseCanonicalJson(text, path))
    if (!parsed.success) {
      found('envelope-damaged', path, 'holds no sign-off')
      return undefined
    }
    key = publicKeyFromText(parsed.data.predicate.publicKey, path)
  } catch (error) {
    if (!(error instanceof ReportError)) throw error
    found('envelope-damaged', path, error.message)
    return undefined
  }
  const { predicate: signOff, subject } = parsed.data
  if (envelope.signatures.length !== 1 || signersOf(envelope, [key])[0] === undefined) {
    found('signature-wrong', path, 'is not signed by the key that it names')
    return undefined
  }
  if (path !== signOffPath(signOff.role, key))
    found('envelope-swapped', path, `is the sign-off that belongs in ${signOffPath(signOff.role, key)}`)
  if (subject[0]?.digest.sha256 !== sha256(manifestText))
    found('stale-sign-off', path, `is about the manifest ${subject[0]?.digest.sha256 ?? ''}, not this one`)
  if (options.keys.length > 0 && !options.keys.some((known) => keyIdOf(known) === keyIdOf(key)))
    found('unknown-key', path, `is signed with key ${keyIdOf(key)}, which is none of those named`)
  return { path, signOff, key }
}

/** The keys whose signatures fit. */
function checkEnvelope(
  check: SignatureCheck,
  path: string,
  payloadType: string,
  payload: () => string,
  keys: readonly KeyObject[],
): readonly KeyObject[] {
  const { found } = check
  if (!check.files.includes(path)) return []
  const envelope = readEnvelope(check, path)
  if (envelope === undefined) return []
  if (envelope.payloadType !== payloadType) {
    found('wrong-payload-type', path, `holds '${envelope.payloadType}', not '${payloadType}'`)
    return []
  }
  if (Buffer.from(envelope.payload, 'base64').toString('utf8') !== payload())
    found('envelope-swapped', path, 'is about another text than the one in the bundle')
  const signers = signersOf(envelope, keys)
  signers.forEach((key, at) => {
    if (key === undefined) found('signature-wrong', path, `has a signature, number ${at + 1}, that no known key made`)
  })
  return signers.filter((key) => key !== undefined)
}

function readEnvelope({ reader, found }: SignatureCheck, path: string): Envelope | undefined {
  try {
    const parsed = envelopeSchema.safeParse(parseCanonicalJson(reader.text(path).trimEnd(), path))
    if (parsed.success) return parsed.data
    found('envelope-damaged', path, 'is no envelope')
  } catch (error) {
    if (!(error instanceof ReportError)) throw error
    found('envelope-damaged', path, error.message)
  }
  return undefined
}

function checkDates({ manifest, options, found }: SignatureCheck, signed: readonly Signed[]): void {
  const { earliest, latest } = manifest.dates
  if (time(latest) < time(earliest))
    found('dates-backward', MANIFEST_FILE_NAME, `says that campaigns ended at ${latest} and began at ${earliest}`)
  for (const { path, signOff } of signed) {
    if (time(signOff.date) < time(latest))
      found('dates-backward', path, `is of ${signOff.date}, before the last campaign ended at ${latest}`)
    if (time(signOff.date) > time(options.now))
      found('dates-backward', path, `is of ${signOff.date}, and now it is ${options.now}`)
  }
}

function checkRoles({ manifest, options, found }: SignatureCheck, signed: readonly Signed[]): void {
  for (const role of options.roles)
    if (!signed.some(({ signOff }) => signOff.role === role))
      found('role-unsigned', SIGN_OFF_FOLDER, `has no sign-off of a ${role}`)
  if (!manifest.independence && !options.independence) return
  const independent = signed.filter(({ signOff }) => INDEPENDENT_ROLES.includes(signOff.role))
  independent.forEach(({ path, signOff, key }, at) => {
    const other = independent.slice(0, at).find((one) => keyIdOf(one.key) === keyIdOf(key))
    if (other !== undefined && other.signOff.role !== signOff.role)
      found('key-reused', path, `has the key of the ${other.signOff.role}; a ${signOff.role} needs one of its own`)
  })
}

/** The page that prints the sign-offs must print these. */
function checkPage({ reader, files, manifestText, found }: SignatureCheck, signed: readonly Signed[]): void {
  if (!files.includes(SIGN_OFF_PAGE)) return
  const expected = signOffPageText(
    sha256(manifestText),
    signed.map(({ signOff }) => signOff),
  )
  if (reader.text(SIGN_OFF_PAGE) !== expected) found('file-changed', SIGN_OFF_PAGE, 'does not print these sign-offs')
}

function distinct(keys: readonly KeyObject[]): KeyObject[] {
  return [...new Map(keys.map((key) => [keyIdOf(key), key])).values()]
}

function time(date: string): number {
  return new Date(date).getTime()
}
