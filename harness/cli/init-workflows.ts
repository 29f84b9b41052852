// harness/cli/init-workflows.ts: what `powercut init` writes for continuous integration: shards side by side, then one
// result of them, told where each system shows it.

/** Jobs that run side by side. */
const SHARDS = 4

/** `command` runs the campaign; it is given a shard and a folder here. */
export function githubWorkflow(command: string): string {
  const shards = Array.from({ length: SHARDS }, (_, at) => at + 1).join(', ')
  return `# Power cuts, at every call of the file system, in ${SHARDS} jobs side by side. A red 'merge': something that was promised is lost.
name: powercut
on: [push, pull_request]
permissions:
  contents: read
jobs:
  shard:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [${shards}]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      # 1: something was found, which the job 'merge' tells.
      - run: ${command} --shard \${{ matrix.shard }}/${SHARDS} --out shard-\${{ matrix.shard }} || [ $? -eq 1 ]
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: powercut-shard-\${{ matrix.shard }}
          path: shard-\${{ matrix.shard }}
  merge:
    needs: shard
    if: always()
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      - uses: actions/download-artifact@v4
        with:
          pattern: powercut-shard-*
          path: shards
      # Known open anomalies: add '--expect FILE'. What is found stands at its lines of the pull request.
      - run: npx powercut merge shards/* --out powercut-report
      - run: cat powercut-report/summary.md >> "$GITHUB_STEP_SUMMARY"
        if: always()
      - uses: github/codeql-action/upload-sarif@v3
        if: always()
        # Code scanning has to be on for the repository.
        continue-on-error: true
        with:
          sarif_file: powercut-report/results.sarif
          category: powercut
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: powercut-report
          path: powercut-report
`
}

export function gitlabWorkflow(command: string): string {
  const folders = Array.from({ length: SHARDS }, (_, at) => `shard-${at + 1}`).join(' ')
  return `# Power cuts, at every call of the file system, in ${SHARDS} jobs side by side. A red 'powercut': something that was promised is lost.
stages: [shards, report]

powercut-shard:
  stage: shards
  image: node:22
  parallel: ${SHARDS}
  script:
    - npm ci
    # 1: something was found, which the job 'powercut' tells.
    - ${command} --shard $CI_NODE_INDEX/$CI_NODE_TOTAL --out shard-$CI_NODE_INDEX || [ $? -eq 1 ]
  artifacts:
    when: always
    paths: [shard-*]

powercut:
  stage: report
  image: node:22
  when: always
  needs:
    - job: powercut-shard
      artifacts: true
  script:
    - npm ci
    # Known open anomalies: add '--expect FILE'.
    - npx powercut merge ${folders} --out powercut-report
  artifacts:
    when: always
    paths: [powercut-report]
    reports:
      junit: powercut-report/junit.xml
      codequality: powercut-report/codequality.json
`
}
