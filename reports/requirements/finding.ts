// reports/requirements/finding.ts: what can be wrong between promises and tests. Every kind is an error.

export const FINDING_KINDS = {
  'damaged-requirements': 'a file of requirements cannot be read',
  'damaged-results': 'a file of results cannot be read, or holds fewer tests than it says',
  'no-requirements': 'there is nothing to verify',
  'no-results': 'a file of results holds no test, or no test was run at all',
  'duplicate-id': 'two requirements have the same id',
  'duplicate-test': 'two results are of the same test, so a row of the matrix is not of one of them',
  'unknown-id': 'a test, scenario or requirement names an id that no requirement has',
  'orphan-test': 'a test names no requirement',
  'orphan-scenario': 'a scenario names no requirement',
  'missing-file': 'a requirement names a file that is not there',
  untested: 'a requirement is said to be built, and no test that was run names it',
  'not-run': 'a requirement is said to be built, and every test that names it was skipped',
  failed: 'a test that names the requirement failed',
  'tested-but-not-built': 'a requirement is said not to be built, and a test that passed names it',
  'skipped-without-reason': 'a test was skipped and does not say why',
  'changed-since-review': 'the text of a requirement is another than the one that was reviewed',
} as const
export type TraceFindingKind = keyof typeof FINDING_KINDS

export type TraceFinding = Readonly<{
  kind: TraceFindingKind
  /** The requirement concerned, if it is one. */
  id: string | undefined
  /** A file, with a line where one is known. */
  place: string
  message: string
}>
