// reports/evidence/integrity/dsse.ts: signed envelopes (Dead Simple Signing Envelope 1.0) with ed25519.
//
// 1. What is signed is the payload with its type, so an envelope of one kind can not be passed off as another.
// 2. `keyid` is a hint: every key that is given is tried against every signature.
// 3. The same key over the same bytes gives the same signature.

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { ReportError } from '../../report-error.ts'
import { sha256 } from './digest.ts'

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)

export const envelopeSchema = z
  .object({
    payloadType: z.string(),
    payload: base64,
    signatures: z.array(z.object({ keyid: z.string().optional(), sig: base64 }).strict()).min(1),
  })
  .strict()

export type Envelope = z.infer<typeof envelopeSchema>

/** The bytes that are signed: lengths are in bytes, in decimal. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head, 'utf8'), payload])
}

/** The SHA-256 of a public key's SubjectPublicKeyInfo. */
export function keyIdOf(key: KeyObject): string {
  return sha256(spki(key))
}

/** A public key as base64 of its SubjectPublicKeyInfo, and back. */
export function publicKeyText(key: KeyObject): string {
  return spki(key).toString('base64')
}

/** Throws ReportError 'key-damaged', which names `path`, for text that is no ed25519 public key. */
export function publicKeyFromText(text: string, path: string): KeyObject {
  return keyFrom(path, () => createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' }))
}

/** Throws ReportError 'key-damaged'. Takes a public key in PEM; a private one gives its public half. */
export function publicKeyFromPem(text: string, path: string): KeyObject {
  return keyFrom(path, () => createPublicKey(text))
}

/** Throws ReportError 'key-damaged'. */
export function privateKeyFromPem(text: string, path: string): KeyObject {
  return keyFrom(path, () => createPrivateKey(text))
}

export function signEnvelope(payloadType: string, payload: Uint8Array, key: KeyObject): Envelope {
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [signatureOf(payloadType, payload, key)],
  }
}

/** The envelope with one more signature; a signature of the same key that was there before is replaced. */
export function addSignature(envelope: Envelope, key: KeyObject): Envelope {
  const payload = Buffer.from(envelope.payload, 'base64')
  const added = signatureOf(envelope.payloadType, payload, key)
  const others = envelope.signatures.filter(({ keyid }) => keyid !== added.keyid)
  const signatures = [...others, added].toSorted((a, b) => ((a.keyid ?? '') < (b.keyid ?? '') ? -1 : 1))
  return { ...envelope, signatures }
}

/** For each signature the key that made it, or undefined if none of `keys` did. */
export function signersOf(envelope: Envelope, keys: readonly KeyObject[]): readonly (KeyObject | undefined)[] {
  const signed = preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64'))
  return envelope.signatures.map(({ sig }) => keys.find((key) => verify(null, signed, key, Buffer.from(sig, 'base64'))))
}

function signatureOf(payloadType: string, payload: Uint8Array, key: KeyObject): { keyid: string; sig: string } {
  const sig = sign(null, preAuthenticationEncoding(payloadType, payload), key).toString('base64')
  return { keyid: keyIdOf(createPublicKey(key)), sig }
}

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' })
}

function keyFrom(path: string, make: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = make()
  } catch (error) {
    throw new ReportError('key-damaged', path, `${path} is no key`, { cause: error })
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new ReportError('key-damaged', path, `${path} is a key of ${key.asymmetricKeyType ?? 'no kind'}, not ed25519`)
  return key
}
