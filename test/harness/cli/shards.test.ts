// `powercut run --shard` and `powercut merge`: parts of a campaign, and the whole that they make.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkShard, mergeShards, parseShard, unitsOfShard } from '../../../harness/campaign/index.ts'
import { campaignOf, recordsOf, run, scratch } from '../fixtures/command.ts'

const POWERCUT = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))
const FAKE_WORDS = ['run', 'bank', '--set', 'failEvery=7', '--minimise-budget', '0', '--workers', '1']

async function shardsOf(count: number, cwd: string, words: readonly string[], entry?: string): Promise<string[]> {
  const folders: string[] = []
  for (let index = 1; index <= count; index += 1) {
    await run([...words, '--shard', `${index}/${count}`, '--out', `s${index}`], cwd, entry)
    folders.push(`s${index}`)
  }
  return folders
}

/** A result without what is measured by a clock, or is how many machines it took. */
function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timeless)
  if (typeof value !== 'object' || value === null) return value
  const times = /Ms$|^(timeUs\w*|startedAt|endedAt|workers|runsPerSecond)$/
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (times.test(key) ? [] : [[key, timeless(inner)]])),
  )
}

/** Changes a JSON file of a result folder. */
function edit(path: string, change: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(value)
  writeFileSync(path, JSON.stringify(value))
}

describe('the split of a plan', { tags: ['LIF-03'] }, () => {
  it('gives each unit to one shard, the same on every machine, and none more than its share and one unit', () => {
    const sizes = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 9 }), (planned, count) => {
        const units = planned.map((size, unit) => ({ unit, planned: size }))
        const shards = Array.from({ length: count }, (_, at) => unitsOfShard(units, { index: at + 1, count }))
        const all = shards.flatMap((own) => [...own])
        expect(all.toSorted((left, right) => left - right)).toEqual(units.map(({ unit }) => unit))
        const work = (own: ReadonlySet<number>) =>
          units.reduce((sum, { unit, planned: size }) => sum + (own.has(unit) ? Math.max(1, size) : 0), 0)
        const total = shards.reduce((sum, own) => sum + work(own), 0)
        for (const own of shards) expect(work(own)).toBeLessThanOrEqual(total / count + Math.max(1, ...planned))
        expect(unitsOfShard(units.toReversed(), { index: 1, count })).toEqual(shards[0])
      }),
    )
  })
})

describe('powercut merge', { tags: ['LIF-03'] }, () => {
  it('makes of real shards what the same campaign is in one piece, but for times', async () => {
    const cwd = scratch()
    const words = ['run', 'atomic-file', '--faults', 'io,crash', '--mode', 'once', '--set', 'updates=1']
    const more = ['--mutant', 'kit:drop-directory-sync', '--workers', '1', '--minimise-budget', '0']
    expect((await run([...words, ...more, '--out', 'whole'], cwd, POWERCUT)).code).toBe(1)
    const folders = await shardsOf(2, cwd, [...words, ...more], POWERCUT)
    for (const folder of folders) {
      expect(campaignOf(join(cwd, folder))).toMatchObject({ complete: true, incomplete: [] })
      expect(recordsOf(join(cwd, folder)).length).toBeGreaterThan(0)
    }
    const { code, stdout } = await run(['merge', ...folders.toReversed(), '--out', 'merged'], cwd, POWERCUT)
    expect([code, stdout]).toEqual([1, expect.stringContaining('violations in')])
    expect(recordsOf(join(cwd, 'merged'))).toEqual(recordsOf(join(cwd, 'whole')))
    expect(timeless(campaignOf(join(cwd, 'merged')))).toEqual(timeless(campaignOf(join(cwd, 'whole'))))
  })

  it('refuses missing, overlapping and edited shards, those of another plan, code, version or split, each by name', async () => {
    const cwd = scratch()
    await shardsOf(3, cwd, FAKE_WORDS)
    await Promise.all([
      run([...FAKE_WORDS, '--seed', '2', '--shard', '3/3', '--out', 'seed'], cwd),
      run([...FAKE_WORDS, '--shard', '2/2', '--out', 'halves'], cwd),
      run([...FAKE_WORDS, '--out', 'none'], cwd),
    ])
    const shard = readFileSync(join(cwd, 's3', 'shard.json'), 'utf8')
    const merged = (...folders: readonly string[]) =>
      mergeShards(
        folders.map((folder) => join(cwd, folder)),
        join(cwd, 'merged'),
        undefined,
      )
    expect(() => merged('s1', 's3')).toThrow(/shard 2\/3 is missing: name the folder of every shard/)
    expect(() => merged('s1', 's2', 's2')).toThrow(/s2 and .*s2 are both shard 2\/3/)
    expect(() => merged('s1', 's2', 'seed')).toThrow(/seed and .*s1 have different plans: .*--seed 2/)
    expect(() => merged('s1', 's2', 'halves')).toThrow(/halves and .*s1 are parts of different splits: of 2 and of 3/)
    expect(() => merged('s1', 's2', 'none')).toThrow(/none holds no shard\.json: name the result folders of a campaign/)
    edit(join(cwd, 's3', 'shard.json'), (value) => (value['codeHash'] = 'other'))
    expect(() => merged('s1', 's2', 's3')).toThrow(/s3 and .*s1 ran different code: other and [0-9a-f]{16}/)
    writeFileSync(join(cwd, 's3', 'shard.json'), shard.replaceAll(/"powercut":"[^"]*"/g, '"powercut":"0.0.1"'))
    expect(() => merged('s1', 's2', 's3')).toThrow(/s3 and .*s1 are of different versions: powercut 0\.0\.1 and /)
    writeFileSync(join(cwd, 's3', 'shard.json'), shard.replace('"formatVersion":1', '"formatVersion":7'))
    expect(() => merged('s1', 's2', 's3')).toThrow(/shard\.json has format version 7, this powercut reads 1/)
    writeFileSync(join(cwd, 's3', 'shard.json'), shard.slice(0, 400))
    expect(() => merged('s1', 's2', 's3')).toThrow(/shard\.json is no JSON, from line 1 on .*: run the campaign again/)
    writeFileSync(join(cwd, 's3', 'shard.json'), shard)

    const path = join(cwd, 's3', 'runs.ndjson')
    const records = readFileSync(path, 'utf8')
    writeFileSync(path, records.split('\n').slice(1).join('\n'))
    expect(() => merged('s1', 's2', 's3')).toThrow(/s3 cannot be merged: The result counts \d+ runs of family/)
    writeFileSync(path, records)
    const again = await run(['merge', 's1', 's2', '--out', 'merged'], cwd)
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/shard 3\/3 is missing/)])
    expect(merged('s1', 's2', 's3').campaign.complete).toBe(true)
    expect(() => merged('s1', 's2', 's3')).toThrow(/exists and is not empty/)
  })

  it('tells which shard was not complete, and goes on with one that was stopped', async () => {
    const cwd = scratch()
    const slow = ['run', 'bank', '--set', 'slowMs=20', '--workers', '1']
    expect((await run([...slow, '--shard', '1/2', '--budget', '300ms', '--out', 's1'], cwd)).code).toBe(3)
    expect((await run([...slow, '--shard', '2/2', '--out', 's2'], cwd)).code).toBe(0)
    const folders = [join(cwd, 's1'), join(cwd, 's2')]
    const { campaign: partial } = mergeShards(folders, join(cwd, 'partial'), undefined)
    expect(partial.complete).toBe(false)
    expect(partial.incomplete[0]).toMatch(/^Shard 1\/2: The budget/)
    expect((await run([...slow, '--shard', '1/2', '--out', 's1', '--resume'], cwd)).code).toBe(0)
    expect(mergeShards(folders, join(cwd, 'whole'), undefined).campaign).toMatchObject({
      complete: true,
      incomplete: [],
    })
  })

  it('says what a shard is, in one sentence', () => {
    for (const word of ['0/2', '3/2', '1', '1/0', '1/99999', 'x/y'])
      expect(() => parseShard(word)).toThrow(/^--shard takes i\/n, i from 1 to n/)
    expect(parseShard('2/4')).toEqual({ index: 2, count: 4 })
    expect(() => checkShard({ shard: { index: 1, count: 2 }, bail: 1 })).toThrow(/^--shard and --bail exclude/)
    expect(() => checkShard({ shard: { index: 1, count: 2 }, rerun: 'x' })).toThrow(/^--shard and --rerun exclude/)
  })
})
