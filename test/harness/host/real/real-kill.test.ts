import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { campaignOf, recordsOf, run, scratch } from '../../fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')

/** A store that appends a line and syncs; `line` and `before` are code in its step. */
function scenarioText(line: string, before = ''): string {
  return `
import { scenario, step, times } from 'powercut/scenarios'
const read = ({ fileSystem, directory }) => {
  if (fileSystem.stat(directory + '/log') === undefined) return ''
  const file = fileSystem.open(directory + '/log', 'read')
  const bytes = new Uint8Array(file.sizeBytes())
  file.read(bytes, 0, bytes.length, 0)
  file.close()
  return new TextDecoder().decode(bytes)
}
const put = (world, i) => {
  const path = world.directory + '/log'
  ${before}
  const isNew = world.fileSystem.stat(path) === undefined
  const file = isNew ? world.fileSystem.create(path) : world.fileSystem.open(path, 'append')
  const bytes = new TextEncoder().encode(${line})
  file.append(bytes, 0, bytes.length)
  file.sync()
  file.close()
  if (isNew) world.fileSystem.syncDirectory(world.directory)
}
export default scenario({
  name: 'log',
  summary: 'appends',
  parameters: {},
  open: (world) => world,
  steps: () => times(2, (i) => step('put ' + i, { run: (world) => put(world, i), model: (text) => text + i })),
  initial: () => '',
  read,
  close: () => {},
})
`
}

/** A store over `fs/promises` that writes beside its file and renames; `write` is code that writes `text` there. */
function nodeText(write = "await fs.writeFile(path + '.new', text)"): string {
  return `
import * as fs from 'node:fs/promises'
import { scenario, step, times } from 'powercut/scenarios'
const read = async (path) => {
  try {
    return (await fs.readFile(path, 'utf8')).slice(-3)
  } catch (error) {
    if (error.code === 'ENOENT') return ''
    throw error
  }
}
const put = async (path, text) => {
  ${write}
  await fs.rename(path + '.new', path)
}
export default scenario({
  name: 'log',
  summary: 'replaces',
  parameters: {},
  usesNodeFs: true,
  open: (world) => world.directory + '/log',
  steps: () => times(2, (i) => step('put ' + i, { run: (path) => put(path, 'new'), model: () => 'new' })),
  initial: () => '',
  read,
  close: () => {},
})
`
}

async function realRun(text: string, ...words: readonly string[]) {
  const cwd = scratch()
  mkdirSync(join(cwd, 'node_modules'))
  symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
  writeFileSync(join(cwd, 'log.scenario.mjs'), text)
  const ended = await run(
    ['run', './log.scenario.mjs', '--real', '--workers', '2', '--out', 'out', ...words],
    cwd,
    COMMAND,
  )
  return { cwd, ended }
}

describe('a campaign of real kills', { tags: ['KIL-01'] }, () => {
  it('kills a real process before and after each call, and agrees with the simulated kills', async () => {
    const { cwd, ended } = await realRun(scenarioText('String(i)'), '--directory', 'disk')
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    const records = recordsOf(join(cwd, 'out')) as unknown as { mode: string; family: string; fault: string }[]
    const { families } = campaignOf(join(cwd, 'out'))
    expect(families['crash']).toMatchObject({ planned: records.length, run: records.length, delivered: records.length })
    expect(new Set(records.map(({ family, mode }) => `${family} ${mode}`))).toEqual(new Set(['crash real-kill']))
    expect(records.slice(0, 4).map(({ fault }) => fault)).toEqual([
      'SIGKILL before stat',
      'SIGKILL after stat',
      'SIGKILL before create',
      'SIGKILL after create',
    ])
    expect(ended.stdout).toContain(
      `${records.length} real kills: simulated ones agree with ${records.length}, disagree with 0`,
    )
    expect(readdirSync(join(cwd, 'disk'))).toEqual([])
  })

  it(
    'finds what a kill takes, as the simulation does, with a token that replays it',
    { tags: ['TOK-02'] },
    async () => {
      // The second line is acknowledged while it is in the memory of the process alone.
      const { cwd, ended } = await realRun(
        scenarioText(
          "(world.kept = (world.kept ?? '') + i)",
          "if (i === 1) { world.kept = '1'; world.fileSystem.stat(path); return }",
        )
          .replace('close: () => {}', 'close: (world) => { world.fileSystem.stat(world.directory) }')
          .replace(
            'const read = ({ fileSystem, directory }) => {',
            "const read = (world) => readLog(world) + (world.kept === '1' ? '1' : '')\nconst readLog = ({ fileSystem, directory }) => {",
          ),
        '--points',
        '7..8',
      )
      expect(ended.code).toBe(1)
      const { violations } = campaignOf(join(cwd, 'out'))
      const violation = violations.find(({ oracle }) => oracle === 'recovered-state')
      expect(violations.map(({ oracle }) => oracle)).not.toContain('real-disagrees')
      expect(ended.stdout).toMatch(/4 real kills: simulated ones agree with 4, disagree with 0/)
      expect((await run(['replay', violation?.token ?? ''], cwd, COMMAND)).code).toBe(1)
      expect(ended.stdout).toContain('smallest case: ')
      expect(ended.stdout).not.toContain('not minimised')
    },
  )

  it('tells a real disk that holds something else, and a real run of other calls, as disagreements', async () => {
    const isReal = "world.directory !== '/world'"
    const wrong = await realRun(scenarioText(`${isReal} ? 'x' : String(i)`), '--points', '4..4')
    expect(wrong.ended.code).toBe(1)
    expect(campaignOf(join(wrong.cwd, 'out')).violations.map(({ oracle }) => oracle)).toEqual(['real-disagrees'])
    expect(wrong.ended.stdout).toMatch(/2 real kills: simulated ones agree with \d, disagree with [12]/)

    const other = await realRun(scenarioText('String(i)', `if (${isReal}) world.fileSystem.list(world.directory)`))
    expect(other.ended.code).toBe(1)
    expect(other.ended.stdout).toContain(
      "the real run makes list, which gives 0 (call 1) where the simulated one makes stat 'log' (call 1)",
    )
  })

  it(
    'kills a store over node:fs at the calls of the simulated one, and agrees about calls, bytes and verdicts',
    { tags: ['NFS-01'] },
    async () => {
      const { cwd, ended } = await realRun(nodeText(), '--points', '1..4')
      expect([ended.code, ended.stderr]).toEqual([0, ''])
      const records = recordsOf(join(cwd, 'out')) as unknown as { fault: string }[]
      expect(records.map(({ fault }) => fault)).toEqual(
        ['create', 'write', 'close', 'rename'].flatMap((kind) => [`SIGKILL before ${kind}`, `SIGKILL after ${kind}`]),
      )
      expect(ended.stdout).toContain('8 real kills: simulated ones agree with 8, disagree with 0')
    },
  )

  it('sees by the bytes that are left that the simulated disk appends where a real one overwrites', async () => {
    const faults = JSON.stringify(join(PROJECT, 'dist/faults/index.js'))
    const planted = `
import { SimulatedDisk } from ${faults}
const { writeAt } = SimulatedDisk.prototype
SimulatedDisk.prototype.writeAt = function (inode, source, offset, lengthBytes) {
  return writeAt.call(this, inode, source, offset, lengthBytes, this.fileAt(inode).cache.sizeBytes)
}
`
    const { cwd, ended } = await realRun(
      planted +
        nodeText(
          "const handle = await fs.open(path + '.new', 'w')\n await handle.write('old', 0)\n await handle.write(text, 0)\n await handle.close()",
        ),
      '--points',
      '3..3',
    )
    expect(ended.code).toBe(1)
    const { violations } = campaignOf(join(cwd, 'out'))
    expect(violations.map(({ oracle }) => oracle)).toEqual(['real-disagrees'])
    expect(ended.stdout).toMatch(
      /'log\.new' is a file of 3 bytes .* on the real disk, and a file of 6 bytes .* on the simulated one/,
    )
    expect(ended.stdout).toContain('2 real kills: simulated ones agree with 1, disagree with 1')
  })

  it('says what can not go with it', { tags: ['CLI-02'] }, async () => {
    const cwd = scratch()
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['--real', '--faults', 'io'], /--faults has no meaning with it/],
      [['--real', '--max-states', '3'], /--max-states has no meaning/],
      [['--directory', 'x'], /--directory belongs to --real/],
    ]
    for (const [words, sentence] of wrong) {
      const { code, stderr } = await run(['run', 'bank', ...words], cwd)
      expect([words, code]).toEqual([words, 2])
      expect(stderr).toMatch(sentence)
    }
  })
})
