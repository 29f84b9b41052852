// The workflows that `powercut init` writes: parsed by the systems' own grammar, where there is one, and checked against
// the command line that they call.
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { workflowFor } from '../../../harness/cli/init-templates.ts'
import { REPORT_FILES } from '../../../reports/index.ts'

const require = createRequire(import.meta.url)
const { parse } = require('yaml') as { parse: (text: string) => unknown }

/** A name that is no literal: its types are made for another way of resolving modules. */
const WORKFLOW_PARSER: string = '@actions/workflow-parser'

type Step = Readonly<{ run?: string; uses?: string; if?: string; with?: Readonly<Record<string, unknown>> }>
type Job = Readonly<{ needs?: string; steps: readonly Step[]; strategy?: { matrix: { shard: readonly number[] } } }>

function textOf(system: 'github' | 'gitlab'): string {
  const file = workflowFor(system)
  if (file === undefined) throw new Error('there is a workflow')
  return file.text
}

function filesIn(text: string): readonly string[] {
  return [...text.matchAll(/powercut-report\/([\w.-]+)/g)].map(([, name]) => name ?? '')
}

describe('the workflow for GitHub', { tags: ['CLI-10'] }, () => {
  it('is one in the words of the parser that GitHub publishes, without an error', async () => {
    const parser = (await import(WORKFLOW_PARSER)) as {
      NoOperationTraceWriter: new () => object
      parseWorkflow: (
        file: object,
        trace: object,
      ) => { context: { errors: { getErrors(): readonly Error[] } }; value?: object }
    }
    const errorsOf = (content: string) =>
      parser
        .parseWorkflow({ name: 'powercut.yml', content }, new parser.NoOperationTraceWriter())
        .context.errors.getErrors()
        .map(({ message }) => message)
    expect(errorsOf(textOf('github'))).toEqual([])
    // The parser does refuse what is wrong.
    expect(errorsOf(textOf('github').replace('runs-on:', 'runs-in:')).length).toBeGreaterThan(0)
    expect(errorsOf(textOf('github').replace('matrix.shard }}', 'matrix.shard }')).length).toBeGreaterThan(0)
  })

  it('runs every shard, merges them, and uploads what merge writes', () => {
    const { jobs } = parse(textOf('github')) as { jobs: Readonly<Record<string, Job>> }
    const { shard, merge } = jobs
    const shards = shard?.strategy?.matrix.shard ?? []
    expect(shards).toEqual(shards.map((_, at) => at + 1))
    const command = shard?.steps.find(({ run }) => run?.includes('--shard'))?.run ?? ''
    expect(command).toContain(`--shard \${{ matrix.shard }}/${shards.length} --out shard-\${{ matrix.shard }}`)
    expect(merge?.needs).toBe('shard')
    expect(merge?.steps.some(({ run }) => run?.startsWith('npx powercut merge shards/* --out powercut-report'))).toBe(
      true,
    )
    const upload = merge?.steps.find(({ uses }) => uses?.startsWith('github/codeql-action/upload-sarif@'))
    expect(upload?.with?.['sarif_file']).toBe('powercut-report/results.sarif')
    for (const { uses } of [...(shard?.steps ?? []), ...(merge?.steps ?? [])])
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w/-]+@v\d+$/)
    for (const name of filesIn(textOf('github'))) expect(Object.values(REPORT_FILES)).toContain(name)
  })
})

describe('the workflow for GitLab', { tags: ['CLI-10'] }, () => {
  it('parses, runs as many shards as it merges, and gives the reports that merge writes', () => {
    const { stages, ...jobs } = parse(textOf('gitlab')) as Readonly<Record<string, unknown>>
    expect(stages).toEqual(['shards', 'report'])
    const shard = jobs['powercut-shard'] as Readonly<{ stage: string; parallel: number; script: readonly string[] }>
    const report = jobs['powercut'] as Readonly<{
      stage: string
      needs: readonly Readonly<{ job: string }>[]
      script: readonly string[]
      artifacts: Readonly<{ reports: Readonly<Record<string, string>> }>
    }>
    for (const job of [shard, report]) expect(stages).toContain(job.stage)
    for (const { job } of report.needs) expect(Object.keys(jobs)).toContain(job)
    const merged = report.script.find((line) => line.startsWith('npx powercut merge '))?.split(' ') ?? []
    expect(merged.filter((word) => /^shard-\d+$/.test(word))).toEqual(
      Array.from({ length: shard.parallel }, (_, at) => `shard-${at + 1}`),
    )
    expect(shard.script.join('\n')).toContain('--shard $CI_NODE_INDEX/$CI_NODE_TOTAL --out shard-$CI_NODE_INDEX')
    for (const file of Object.values(report.artifacts.reports))
      expect(Object.values(REPORT_FILES).map((name) => `powercut-report/${name}`)).toContain(file)
  })
})
