// reports/evidence/integrity/manifest.ts: manifest.json, every file of a bundle by its hash. What is signed is this file.
//
// 1. Canonical JSON, with a newline behind it. Files are in the order of their paths.
// 2. Signatures are not in it, they are about it: SIGNATURE_FILES and everything in `signoffs/`.
// 3. `reproducible` is false for a file that tells a time or a host; `reproducibleSha256` is over all the others, so two
//    bundles of the same inputs can be compared by it.
// 4. A bundle whose self-check failed says so in `void`, and is not accepted by anyone.

import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { sha256 } from './digest.ts'

export const MANIFEST_FILE = 'manifest.json'
export const MANIFEST_ENVELOPE_FILE = 'manifest.dsse.json'
export const PROVENANCE_FILE = 'provenance.json'
export const PROVENANCE_ENVELOPE_FILE = 'provenance.dsse.json'
export const SIGN_OFF_PAGE = 'signoffs.html'
export const SIGN_OFF_FOLDER = 'signoffs/'
export const MANIFEST_PAYLOAD_TYPE = 'application/vnd.powercut.evidence-manifest+json'

/** Files of a bundle that its manifest does not list. */
export const SIGNATURE_FILES: readonly string[] = [
  MANIFEST_FILE,
  MANIFEST_ENVELOPE_FILE,
  PROVENANCE_ENVELOPE_FILE,
  SIGN_OFF_PAGE,
]

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const SAFE_PATH = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\\0]+$/

export const manifestFileSchema = z
  .object({
    path: z.string().regex(SAFE_PATH, 'a path inside the bundle'),
    sizeBytes: z.number().int().nonnegative(),
    sha256: digest,
    artefact: z.number().int().min(1).max(17),
    producer: z.string(),
    reproducible: z.boolean(),
    chain: z.object({ kind: z.string(), records: z.number().int().nonnegative(), head: digest }).strict().optional(),
  })
  .strict()

export const manifestSchema = z
  .object({
    formatVersion: z.literal(1),
    kind: z.literal('powercut-evidence'),
    subject: z.object({ name: z.string(), version: z.string(), commit: z.string().optional() }).strict(),
    void: z.array(z.string()).describe('Why the bundle must not be used; empty: it may be'),
    independence: z.boolean().describe('Tester, verifier and validator must have keys of their own'),
    dates: z
      .object({ earliest: z.iso.datetime(), latest: z.iso.datetime() })
      .strict()
      .describe('First start and last end of the campaigns'),
    missing: z.array(z.object({ artefact: z.number().int(), what: z.string(), why: z.string() }).strict()),
    files: z.array(manifestFileSchema),
    notReproducible: z.array(z.string()).describe('Paths of files that tell a time or a host'),
    reproducibleSha256: digest,
  })
  .strict()

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestFile = z.infer<typeof manifestFileSchema>

/** Completes a manifest: files in order, and what follows from them. */
export function makeManifest(
  input: Omit<Manifest, 'formatVersion' | 'kind' | 'notReproducible' | 'reproducibleSha256'>,
): Manifest {
  const files = input.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return {
    formatVersion: 1,
    kind: 'powercut-evidence',
    ...input,
    files,
    notReproducible: files.filter(({ reproducible }) => !reproducible).map(({ path }) => path),
    reproducibleSha256: reproducibleDigest(files),
  }
}

export function manifestText(manifest: Manifest): string {
  return `${canonicalJson(manifest)}\n`
}

/** A hash of all reproducible files, in the manner of `sha256sum`. */
export function reproducibleDigest(files: readonly ManifestFile[]): string {
  const lines = files.filter(({ reproducible }) => reproducible).map(({ path, sha256: hash }) => `${hash}  ${path}\n`)
  return sha256(lines.join(''))
}
