// reports/evidence/inputs/evidence-input.ts: what a bundle is made of.

import type { Campaign, FaultCoverage, Mcdc } from '../../format/index.ts'
import type { Matrix } from '../../requirements/index.ts'

/** Results of test cases, from one file. */
export type TestFacts = Readonly<{
  passed: number
  failed: number
  skipped: readonly Readonly<{ name: string; reason: string }>[]
  failures: readonly string[]
}>

/** Covered and all, of each kind that a file counts. */
export type CoverageFacts = Readonly<{
  format: 'lcov' | 'cobertura' | 'istanbul'
  counts: Readonly<Record<string, Readonly<{ covered: number; all: number }>>>
}>

export type MutationFacts = Readonly<{
  statuses: Readonly<Record<string, number>>
  survivors: readonly Readonly<{ place: string; mutator: string; reason: string }>[]
}>

export type PlantedRow = Readonly<{
  id: string
  kind: string
  scenario: string
  summary: string
  verdict: string
  oracle?: string | undefined
  runs: number
}>
export type SelftestFacts = Readonly<{
  mutants: readonly PlantedRow[]
  clean: readonly Readonly<{ scenario: string; violations: number }>[]
}>

/** What a file is, told from what is in it. */
export type InputContent =
  | Readonly<{ kind: 'tests'; facts: TestFacts }>
  | Readonly<{ kind: 'coverage'; facts: CoverageFacts }>
  | Readonly<{ kind: 'mcdc'; facts: Mcdc }>
  | Readonly<{ kind: 'mcdc-justifications'; count: number }>
  | Readonly<{ kind: 'fault-coverage'; facts: FaultCoverage }>
  | Readonly<{ kind: 'matrix'; facts: Matrix }>
  | Readonly<{ kind: 'mutation'; facts: MutationFacts }>
  | Readonly<{ kind: 'selftest'; facts: SelftestFacts }>
  | Readonly<{ kind: 'matrix-table' | 'requirements-table' | 'reqif' | 'needs' | 'findings' | 'cyclonedx' | 'spdx' }>
export type InputKind = InputContent['kind']

/** A file that was given. `path` is how it was named, with slashes. */
export type InputFile = Readonly<{ path: string; text: string; content: InputContent }>

/** One known answer: what was asked of the harness or of the bundle's own checks, and whether the answer was right. */
export type KnownAnswer = Readonly<{
  id: string
  /** Tool operational requirement that it shows. */
  requirement: string
  title: string
  passed: boolean
  detail: string
}>

export type ProjectFacts = Readonly<{
  name: string
  version: string
  commit?: string | undefined
  tree?: string | undefined
  /** Whether files of the working tree differ from the commit; undefined: not known. */
  changed?: boolean | undefined
  /** Integrity of the package as npm would pack it. */
  packageIntegrity?: string | undefined
  packageFiles?: number | undefined
  lockFileSha256?: string | undefined
  /** Why any of it is not known, a sentence each. */
  unknown: readonly string[]
}>

export type HostFacts = Readonly<{
  node: string
  nodeSha256: string
  v8: string
  execArguments: readonly string[]
  platform: string
  release: string
  cpu: string
  cpus: number
}>

export type BundleCampaign = Readonly<{ directory: string; campaign: Campaign }>

export type EvidenceInput = Readonly<{
  project: ProjectFacts
  host: HostFacts
  powercut: string
  campaigns: readonly BundleCampaign[]
  files: readonly InputFile[]
  knownAnswers: readonly KnownAnswer[]
  /** Planted defects that the self-check caught or missed. */
  planted: readonly PlantedRow[]
  sboms: Readonly<{ cyclonedx?: string | undefined; spdx?: string | undefined; unknown: readonly string[] }>
  independence: boolean
  /** ISO 8601, UTC. */
  startedAt: string
  producedAt: string
}>

/** The facts of one kind, of all files that hold it. */
export function factsOf<K extends InputKind>(
  files: readonly InputFile[],
  kind: K,
): readonly Readonly<{ path: string; content: Extract<InputContent, { kind: K }> }>[] {
  return files.flatMap(({ path, content }) => (isKind(content, kind) ? [{ path, content }] : []))
}

function isKind<K extends InputKind>(content: InputContent, kind: K): content is Extract<InputContent, { kind: K }> {
  return content.kind === kind
}
