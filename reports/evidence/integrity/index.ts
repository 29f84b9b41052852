export { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
export { ChainWriter, checkChain, isChainProblem, type ChainEnd, type ChainProblem } from './chain.ts'
export { sha256 } from './digest.ts'
export {
  addSignature,
  envelopeSchema,
  keyIdOf,
  preAuthenticationEncoding,
  privateKeyFromPem,
  publicKeyFromPem,
  publicKeyFromText,
  signEnvelope,
  signersOf,
  type Envelope,
} from './dsse.ts'
export {
  MANIFEST_ENVELOPE_FILE,
  MANIFEST_FILE,
  MANIFEST_PAYLOAD_TYPE,
  PROVENANCE_ENVELOPE_FILE,
  PROVENANCE_FILE,
  SIGN_OFF_FOLDER,
  SIGN_OFF_PAGE,
  makeManifest,
  manifestText,
  type Manifest,
  type ManifestFile,
} from './manifest.ts'
export { signOffPageText } from './sign-off-page.ts'
export {
  INDEPENDENT_ROLES,
  ROLE_STATEMENTS,
  SIGN_OFF_ROLES,
  STATEMENT_PAYLOAD_TYPE,
  STATEMENT_TYPE,
  signSignOff,
  type SignOff,
  type SignOffRole,
} from './sign-off.ts'
export {
  BUNDLE_PROBLEMS,
  readManifest,
  verifyBundle,
  type BundleProblem,
  type BundleProblemCode,
  type BundleReader,
  type BundleVerdict,
  type VerifyOptions,
} from './verify.ts'
