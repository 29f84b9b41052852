import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  bundleReader,
  readBundleCampaign,
  readEvidenceInputs,
  verifyBundle,
  writeBundle,
  type BundleVerdict,
  type Manifest,
} from '../../../reports/index.ts'
import {
  CLAUSE_MARKS,
  PROFILES,
  QUESTIONS,
  evidenceDocument,
  healthOf,
  judgeProfile,
} from '../../../reports/evidence/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { NOW, TESTER, signAs } from './sample-bundle.ts'
import { sampleEvidence } from './sample-input.ts'

const AFTER = '2025-03-06T00:00:00.000Z'
const verify = (directory: string): BundleVerdict =>
  verifyBundle(bundleReader(directory), {
    keys: [],
    requireSignatures: false,
    roles: [],
    independence: false,
    now: AFTER,
  })
const text = (directory: string, path: string): string => readFileSync(join(directory, path), 'utf8')
const hashes = ({ files }: Manifest): Record<string, string> =>
  Object.fromEntries(files.map((file) => [file.path, file.sha256]))

function bundlePath(): string {
  return join(temporaryFolder(), 'evidence')
}

describe('an evidence bundle', { tags: ['EVD-03', 'EVD-04'] }, () => {
  it('is whole when it was made, can be signed, and lists what is missing by name', async () => {
    const directory = bundlePath()
    const manifest = await writeBundle(directory, sampleEvidence())
    expect(verify(directory).problems).toEqual([])
    expect(verify(directory).recordsChecked).toBe(40)
    signAs(directory, 'tester', TESTER, NOW)
    expect(verify(directory).problems).toEqual([])
    expect(manifest.missing.map(({ what }) => what)).toContain('MC/DC')
    for (const path of [
      'evidence.html',
      'evidence.pdf',
      'faults.jsonl',
      'crash.jsonl',
      'soup.md',
      'sci.json',
      'provenance.json',
      'anomalies.sarif',
    ])
      expect(Object.keys(hashes(manifest))).toContain(path)
  })

  it('is the same bytes of the same inputs, but for the files that it lists as telling times or the host', async () => {
    const input = sampleEvidence()
    const one = await writeBundle(bundlePath(), input)
    const other = await writeBundle(bundlePath(), {
      ...input,
      startedAt: '2025-04-01T00:00:00.000Z',
      producedAt: '2025-04-01T00:00:09.000Z',
      host: { ...input.host, cpus: 64 },
    })
    expect(one.reproducibleSha256).toBe(other.reproducibleSha256)
    const [left, right] = [hashes(one), hashes(other)]
    const differing = Object.keys(left).filter((path) => left[path] !== right[path])
    expect(differing).toEqual(['provenance.json', 'sci.json'])
    expect(one.notReproducible).toEqual(expect.arrayContaining(differing))
  })

  it('does not depend on the order in which workers ended', async () => {
    const input = sampleEvidence()
    const first = await writeBundle(bundlePath(), input)
    const path = join(input.campaigns[0]?.directory ?? '', 'runs.ndjson')
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    writeFileSync(path, `${lines.toReversed().join('\n')}\n`)
    const second = await writeBundle(bundlePath(), input)
    expect(hashes(second)['faults.jsonl']).toBe(hashes(first)['faults.jsonl'])
    expect(hashes(second)['crash.jsonl']).toBe(hashes(first)['crash.jsonl'])
  })

  it('is void, says so on its first page, and is accepted and signed by nobody, when a known answer was wrong', async () => {
    const directory = bundlePath()
    const wrong = {
      id: 'KAT-x',
      requirement: 'TOR-01',
      title: 'the injector fires',
      passed: false,
      detail: 'it did not',
    }
    await writeBundle(directory, sampleEvidence({ knownAnswers: [wrong] }))
    expect(text(directory, 'evidence.html')).toMatch(/<h1>[^<]*<\/h1>\s*<div class="void bad">VOID/)
    expect(verify(directory).problems.map(({ code }) => code)).toEqual(['void'])
    expect(() => signAs(directory, 'tester', TESTER, NOW)).toThrow(/KAT-x/)
    expect(text(directory, 'profiles/iec-61508.html')).not.toContain('<td>met</td>')
    const unasked = await writeBundle(bundlePath(), sampleEvidence({ knownAnswers: [] }))
    expect(unasked.void).toHaveLength(1)
  })

  it('calls a campaign incomplete whose records are fewer than its result says, in its chapter and in its tables', async () => {
    const input = sampleEvidence()
    const folder = input.campaigns[0]?.directory ?? ''
    const path = join(folder, 'runs.ndjson')
    writeFileSync(path, readFileSync(path, 'utf8').split('\n').slice(2).join('\n'))
    const campaign = readBundleCampaign(folder)
    expect(campaign.campaign.complete).toBe(false)
    expect(healthOf({ ...input, campaigns: [campaign] }).crash.why).toContain('the campaign of core20 is not complete')
  })

  it('takes no script from the name of a scenario', async () => {
    const directory = bundlePath()
    await writeBundle(directory, sampleEvidence({}, 20, '<script>alert("1")</script>\n\u0000'))
    expect(text(directory, 'evidence.html')).not.toContain('<script')
    expect(verify(directory).problems).toEqual([])
  })

  it('says so when dates go backward, and is not accepted then', async () => {
    const directory = bundlePath()
    const input = sampleEvidence()
    const campaigns = input.campaigns.map((one) => ({
      ...one,
      campaign: { ...one.campaign, endedAt: '2025-03-04T05:00:00.000Z' },
    }))
    await writeBundle(directory, { ...input, campaigns })
    expect(text(directory, 'evidence.html')).toContain('CLOCK:')
    expect(verify(directory).problems.map(({ code }) => code)).toEqual(['dates-backward'])
  })

  it('overwrites no folder that is no bundle, and a bundle in one step', async () => {
    const directory = temporaryFolder()
    writeFileSync(join(directory, 'thesis.txt'), 'mine')
    await expect(writeBundle(directory, sampleEvidence())).rejects.toThrow(/is no bundle/)
    const bundle = bundlePath()
    await writeBundle(bundle, sampleEvidence())
    await writeBundle(bundle, sampleEvidence({}, 20))
    expect(verify(bundle).problems).toEqual([])
  })
})

describe('the report', { tags: ['EVD-05'] }, () => {
  it('has the chapters 0 to 15 and the appendices A to D, and each of the ten questions is answered by one of them', () => {
    const { chapters } = evidenceDocument(sampleEvidence(), [])
    const numbers = Array.from({ length: 16 }, (_, at) => String(at))
    expect(chapters.map(({ id }) => id)).toEqual(['0', 'Q', ...numbers.slice(1), 'A', 'B', 'C', 'D'])
    expect(chapters.flatMap(({ answers }) => answers)).toEqual(QUESTIONS.map((_, at) => at + 1))
    const rows = chapters[1]?.blocks.flatMap((block) => (block.kind === 'questions' ? block.rows : [])) ?? []
    expect(rows.map(({ question }) => question)).toEqual(QUESTIONS)
    rows.forEach(({ chapter, title, answer }, at) => {
      const named = chapters.find(({ id }) => id === chapter)
      expect(named?.answers).toContain(at + 1)
      expect(named?.title).toBe(title)
      expect(answer).not.toBe('')
    })
  })

  it('prints UNSIGNED, and marks clauses that were not checked', async () => {
    const directory = bundlePath()
    await writeBundle(directory, sampleEvidence())
    expect(text(directory, 'evidence.html')).toContain('UNSIGNED')
    for (const { id } of PROFILES) expect(text(directory, `profiles/${id}.html`)).toContain(' †</td>')
    for (const { sources = [], rows, id } of PROFILES) {
      expect(sources.length > 0).toBe(rows.some(({ mark }) => mark === '‡'))
      for (const source of sources) expect(text(directory, `profiles/${id}.html`)).toContain(source)
    }
    expect(readFileSync(join(directory, 'evidence.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
  })

  it('never says of a row that it is met while anything that it needs is missing or not whole', () => {
    const health = healthOf(sampleEvidence())
    for (const profile of PROFILES)
      for (const { status, needs, clause, mark } of judgeProfile(profile, health, false)) {
        expect(clause).not.toMatch(/[†‡]/)
        expect(Object.keys(CLAUSE_MARKS)).toContain(mark)
        if (status === 'met') expect(needs.every((part) => health[part].state === 'whole')).toBe(true)
        if (needs.length > 0 && needs.every((part) => health[part].state === 'missing'))
          expect(status).toBe('not claimed')
      }
  })
})

describe('files that are given', { tags: ['EVD-05'] }, () => {
  const LCOV = 'TN:\nSF:a.ts\nFNF:2\nFNH:1\nBRF:4\nBRH:4\nLF:10\nLH:9\nend_of_record\n'

  it('are told by their content, copied as they are, and make their part whole only if they say so', async () => {
    const junit =
      '<testsuites><testsuite name="s" tests="2"><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite></testsuites>'
    const files = readEvidenceInputs([given('any.txt', LCOV), given('other.txt', junit)])
    const input = sampleEvidence({ files })
    const health = healthOf(input)
    expect(health.coverage.why.join()).toContain('1 of 10 lines not covered')
    expect(health.tests.why).toEqual(['1 tests were skipped without a reason'])
    const directory = bundlePath()
    await writeBundle(directory, input)
    expect(text(directory, 'coverage/any.txt')).toBe(LCOV)
    expect(text(directory, 'evidence.html')).toContain('NO REASON GIVEN')
  })

  it('are refused when they are unknown, damaged, missing, twice, or count nothing', () => {
    const selftest = JSON.stringify({
      mutants: [{ id: 'a', kind: 'engine', scenario: 's', verdict: 'caught', runs: 1 }],
      clean: [],
    })
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[given('a.txt', 'hello')], /is none of what a bundle takes/],
      [[given('a.json', '{"a":')], /begins as JSON and is none/],
      [['/nowhere/at/all'], /there is no/],
      [[given('mcdc.info', 'TN:\nSF:a.ts\nMCF:6\nMCH:6\nend_of_record\n')], /is none of what a bundle takes/],
      [[given('a.json', selftest), given('b.json', selftest)], /of the same kind/],
      [[given('a.info', LCOV.replaceAll(/:\d+/g, ':0'))], /holds not one line/],
      [[given('a.xml', '<testsuites/>')], /holds not one test case/],
    ]
    for (const [paths, message] of cases) expect(() => readEvidenceInputs(paths)).toThrow(message)
  })
})

function given(name: string, content: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}
