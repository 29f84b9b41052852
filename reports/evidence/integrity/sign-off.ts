// reports/evidence/integrity/sign-off.ts: who stands for a bundle, in which role: an in-toto statement about the manifest, in an
// envelope of its own.
//
// 1. The subject is the manifest by its hash: a bundle that is made again, or changed, has no sign-off any more.
// 2. The public key stands in the statement. It shows that nothing was changed since; whose key it is must be known from
//    elsewhere.
// 3. Role, name, organisation and date are claims of who signed. They are signed too.

import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { keyIdOf, publicKeyText, signEnvelope, type Envelope } from './dsse.ts'
import { MANIFEST_FILE, SIGN_OFF_FOLDER } from './manifest.ts'

export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json'
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const SIGN_OFF_PREDICATE = 'urn:powercut:sign-off:v1'

export const SIGN_OFF_ROLES = ['producer', 'tester', 'verifier', 'validator', 'assessor'] as const
export type SignOffRole = (typeof SIGN_OFF_ROLES)[number]

/** Roles that must have keys of their own where independence is asked for. */
export const INDEPENDENT_ROLES: readonly SignOffRole[] = ['tester', 'verifier', 'validator', 'assessor']

/** What each role says by signing, unless it says something of its own. */
export const ROLE_STATEMENTS: Readonly<Record<SignOffRole, string>> = {
  producer: 'I made this bundle from the inputs that it names.',
  tester: 'I ran these tests and campaigns, or supervised them, and the results are those that I saw.',
  verifier: 'I checked the results, the gaps and their reasons against the requirements.',
  validator: 'I judged the evidence against the intended use.',
  assessor: 'I assessed the bundle as it stands.',
}

export const signOffSchema = z
  .object({
    role: z.enum(SIGN_OFF_ROLES),
    name: z.string(),
    organisation: z.string(),
    statement: z.string(),
    date: z.iso.datetime(),
    publicKey: z.string().describe('Base64 of the SubjectPublicKeyInfo'),
  })
  .strict()

export const signOffStatementSchema = z
  .object({
    _type: z.literal(STATEMENT_TYPE),
    subject: z
      .array(z.object({ name: z.literal(MANIFEST_FILE), digest: z.object({ sha256: z.string() }).strict() }).strict())
      .length(1),
    predicateType: z.literal(SIGN_OFF_PREDICATE),
    predicate: signOffSchema,
  })
  .strict()

export type SignOff = z.infer<typeof signOffSchema>

/** Where a sign-off stands in the bundle. A role has one for each key. */
export function signOffPath(role: SignOffRole, key: KeyObject): string {
  return `${SIGN_OFF_FOLDER}${role}-${keyIdOf(key).slice(0, 16)}.dsse.json`
}

export function signSignOff(
  manifestSha256: string,
  signOff: Omit<SignOff, 'publicKey'>,
  privateKey: KeyObject,
): Readonly<{ path: string; envelope: Envelope }> {
  const publicKey = createPublicKey(privateKey)
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: MANIFEST_FILE, digest: { sha256: manifestSha256 } }],
    predicateType: SIGN_OFF_PREDICATE,
    predicate: { ...signOff, publicKey: publicKeyText(publicKey) },
  }
  const payload = Buffer.from(canonicalJson(statement), 'utf8')
  return {
    path: signOffPath(signOff.role, publicKey),
    envelope: signEnvelope(STATEMENT_PAYLOAD_TYPE, payload, privateKey),
  }
}
