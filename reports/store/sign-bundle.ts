// reports/store/sign-bundle.ts: puts a sign-off on a bundle that is whole.
//
// 1. Nothing is signed that a check would refuse: not a void bundle, not one with a file changed, missing or extra.
// 2. Where independence is asked for, a key that signed in another of the independent roles is refused.
// 3. A clock that stands before the campaigns' end is refused: the date would show that something is wrong.
// 4. A sign-off that is stale is taken away first, since it stands for nothing.

import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  INDEPENDENT_ROLES,
  MANIFEST_ENVELOPE_FILE,
  MANIFEST_FILE,
  MANIFEST_PAYLOAD_TYPE,
  PROVENANCE_ENVELOPE_FILE,
  PROVENANCE_FILE,
  ROLE_STATEMENTS,
  SIGN_OFF_FOLDER,
  SIGN_OFF_PAGE,
  STATEMENT_PAYLOAD_TYPE,
  addSignature,
  canonicalJson,
  envelopeSchema,
  keyIdOf,
  publicKeyFromText,
  signEnvelope,
  signOffPageText,
  signSignOff,
  verifyBundle,
  type BundleProblem,
  type Envelope,
  type SignOff,
  type SignOffRole,
} from '../evidence/index.ts'
import { ReportError } from '../report-error.ts'
import { bundleReader, requireBundle, writeBundleFile } from './bundle-folder.ts'
import { io } from './line-file.ts'

export type SignOptions = Readonly<{
  role: SignOffRole
  name: string
  organisation: string
  /** Default: what the role stands for. */
  statement?: string
  key: KeyObject
  /** ISO 8601, UTC. */
  now: string
}>

/** Signs and gives the paths written. Throws ReportError 'sign-refused' with the reason, and writes nothing then. */
export function signBundle(directory: string, options: SignOptions): readonly string[] {
  requireBundle(directory)
  const { role, key, now } = options
  const reader = bundleReader(directory)
  const verdict = verifyBundle(reader, { keys: [], requireSignatures: false, roles: [], independence: false, now })
  const stale = new Set(verdict.problems.filter(({ code }) => code === 'stale-sign-off').map(({ path }) => path))
  const problem = verdict.problems.find((one) => !isCured(one, stale.size > 0))
  const refuse = (message: string): never => {
    throw new ReportError('sign-refused', directory, message)
  }
  const { manifest, manifestSha256 } = verdict
  if (problem !== undefined) return refuse(`${problem.path} ${problem.message}`)
  if (manifest === undefined || manifestSha256 === undefined) return refuse('there is no manifest')
  if (new Date(now).getTime() < new Date(manifest.dates.latest).getTime())
    return refuse(`now it is ${now}, and a campaign of the bundle ended at ${manifest.dates.latest}: set the clock`)
  const kept = stale.size > 0 ? [] : verdict.signOffs
  const publicKey = createPublicKey(key)
  const reused = kept.find(
    (one) =>
      one.role !== role &&
      INDEPENDENT_ROLES.includes(one.role) &&
      keyIdOf(publicKeyFromText(one.publicKey, SIGN_OFF_FOLDER)) === keyIdOf(publicKey),
  )
  if (manifest.independence && INDEPENDENT_ROLES.includes(role) && reused !== undefined)
    return refuse(`this key signed as ${reused.role}, and independence is asked for: a ${role} needs a key of its own`)

  if (stale.size > 0) removeSignatures(directory)
  const { name, organisation, statement = ROLE_STATEMENTS[role] } = options
  const signOff = { role, name, organisation, statement, date: now }
  const signed = signSignOff(manifestSha256, signOff, key)
  const written: string[] = []
  const put = (path: string, text: string): void => {
    writeBundleFile(directory, path, text)
    written.push(join(directory, path))
  }
  put(signed.path, envelopeText(signed.envelope))
  put(MANIFEST_ENVELOPE_FILE, signFile(directory, MANIFEST_FILE, MANIFEST_ENVELOPE_FILE, MANIFEST_PAYLOAD_TYPE, key))
  if (existsSync(join(directory, PROVENANCE_FILE)))
    put(
      PROVENANCE_ENVELOPE_FILE,
      signFile(directory, PROVENANCE_FILE, PROVENANCE_ENVELOPE_FILE, STATEMENT_PAYLOAD_TYPE, key),
    )
  const publicText = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const others = kept.filter((one) => one.role !== role || one.publicKey !== publicText)
  const all: readonly SignOff[] = [...others, { ...signOff, publicKey: publicText }]
  put(SIGN_OFF_PAGE, signOffPageText(manifestSha256, all))
  return written
}

/** What signing anew mends: stale sign-offs and everything that belonged to them. */
function isCured({ code, path }: BundleProblem, isStale: boolean): boolean {
  if (!isStale) return false
  const isSignature = path.startsWith(SIGN_OFF_FOLDER) || path === MANIFEST_ENVELOPE_FILE || path === SIGN_OFF_PAGE
  return code === 'stale-sign-off' || isSignature || path === PROVENANCE_ENVELOPE_FILE
}

function removeSignatures(directory: string): void {
  for (const path of [SIGN_OFF_FOLDER, MANIFEST_ENVELOPE_FILE, PROVENANCE_ENVELOPE_FILE, SIGN_OFF_PAGE])
    io(path, 'removed', () => rmSync(join(directory, path), { recursive: true, force: true }))
}

function signFile(directory: string, path: string, envelopePath: string, payloadType: string, key: KeyObject): string {
  const reader = bundleReader(directory)
  const payload = Buffer.from(reader.text(path), 'utf8')
  const there = existsSync(join(directory, envelopePath))
    ? envelopeSchema.parse(JSON.parse(reader.text(envelopePath)))
    : undefined
  return envelopeText(there === undefined ? signEnvelope(payloadType, payload, key) : addSignature(there, key))
}

function envelopeText(envelope: Envelope): string {
  return `${canonicalJson(envelope)}\n`
}
