import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemScheduler } from '../../../engine/adapters/index.ts'
import { CORE20_NAME, core20Schema } from '../../../engine/examples/core20/index.ts'
import { openOnDisk } from '../../../engine/index.ts'
import type { ToolContext } from '../../../engine/tools/command.ts'
import { runPackdb } from '../../../engine/tools/run-packdb.ts'

let root = ''
let out = ''
let errors = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'powercut-packdb-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

async function packdb(words: readonly string[], changes: Partial<ToolContext> = {}): Promise<number> {
  out = ''
  errors = ''
  return runPackdb(words, {
    writeOut: (text) => void (out += text),
    writeError: (text) => void (errors += text),
    isTerminal: false,
    environment: {},
    directory: root,
    scheduler: systemScheduler(),
    interruption: new AbortController().signal,
    ...changes,
  })
}

function outLines(): string[] {
  return out.split('\n').filter((line) => line !== '')
}

describe('packdb core20', { tags: ['EX20-02'] }, () => {
  it('numbers rows from 0 and prints each after it was inserted and read', async () => {
    expect(await packdb(['core20', '--docroot', root, '--iterations', '2', '-n'])).toBe(0)
    expect(outLines()).toEqual(['Inserted: 0', 'Read: 0', 'Inserted: 1', 'Read: 1'])
  })

  it('reads row 19 after 20 iterations', { tags: ['EX20-02', 'EX20-01', 'D10'] }, async () => {
    expect(await packdb(['core20', '--docroot', root, '--iterations=20', '--sleep-millisecs', '1', '-n'])).toBe(0)
    expect(outLines().at(-1)).toBe('Read: 19')
  })

  it('goes on from the last row, and counts iterations of this run', async () => {
    await packdb(['core20', '--docroot', root, '-wni', '3'])
    await packdb(['core20', '--docroot', root, '-wni', '2'])
    expect(outLines()).toEqual(['Inserted: 3', 'Inserted: 4'])
  })

  it('only reads with --reader-only, in combined short options too', { tags: ['EX20-01'] }, async () => {
    await packdb(['core20', '--docroot', root, '-wni', '3'])
    expect(await packdb(['core20', '--docroot', root, '-rni1'])).toBe(0)
    expect(outLines()).toEqual(['Read: 2'])
  })

  it('says of an empty database that it has no row', async () => {
    openOnDisk({ root, name: CORE20_NAME, schema: core20Schema }).close()
    expect(await packdb(['core20', '-rn', '-i', '1'])).toBe(0)
    expect(outLines()).toEqual(['Read: no row yet'])
  })

  it('names the source position of each line, unless it is told not to', { tags: ['EX20-01'] }, async () => {
    await packdb(['core20', '--iterations', '1'])
    expect(outLines()).toEqual([
      expect.stringMatching(/^Inserted: 0 at \/.*core20-command\.[jt]s:\d+$/),
      expect.stringMatching(/^Read: 0 at \/.*core20-command\.[jt]s:\d+$/),
    ])
  })

  it('changes one line on a terminal, and ends it', async () => {
    await packdb(['core20', '-wni', '2'], { isTerminal: true })
    expect(out).toBe('\rInserted: 0\u001B[K\rInserted: 1\u001B[K\n')
  })

  it('takes the document root from the environment if no option names one', { tags: ['STO-01'] }, async () => {
    await packdb(['core20', '-wni', '1'], { environment: { RDM_DOCROOT: root }, directory: '/' })
    expect(readdirSync(root)).toContain('core20.rdm')
  })

  it(
    'runs for ever with 0 iterations until it is interrupted, and closes the database',
    { tags: ['TOL-04', 'EX20-01'] },
    async () => {
      const interruption = new AbortController()
      let lines = 0
      const writeOut = (): void => {
        lines += 1
        if (lines === 5) interruption.abort()
      }
      expect(await packdb(['core20', '-wni0'], { writeOut, interruption: interruption.signal })).toBe(0)
      expect(lines).toBe(5)
      expect(await packdb(['core20', '-rni1'])).toBe(0)
      expect(outLines()).toEqual(['Read: 4'])
    },
  )

  it('is heard at once when it is interrupted in its sleep', { tags: ['TOL-04'] }, async () => {
    const interruption = new AbortController()
    const writeOut = (): void => systemScheduler().soon(() => interruption.abort())
    const words = ['core20', '-wn', '-m', '3600000']
    expect(await packdb(words, { writeOut, interruption: interruption.signal })).toBe(0)
  })

  it('exits 3 while another owner has the database open', { tags: ['TOL-04', 'LCK-01'] }, async () => {
    const owner = openOnDisk({ root, name: CORE20_NAME, schema: core20Schema })
    expect(await packdb(['core20', '-i', '1'])).toBe(3)
    expect(errors).toContain('E_LOCKED')
    owner.close()
    expect(await packdb(['core20', '-i', '1'])).toBe(0)
  })

  it('exits 2 if it should only read and there is no database', { tags: ['TOL-04'] }, async () => {
    expect(await packdb(['core20', '-r', '-i', '1'])).toBe(2)
    expect(errors).toContain('E_NOT_FOUND')
    expect(readdirSync(root).filter((name) => !name.startsWith('lock.'))).toEqual([])
  })
})

describe('packdb verify', { tags: ['TOL-01'] }, () => {
  beforeEach(async () => {
    await packdb(['core20', '-wni', '30'])
  })

  it('finds a database sound, named by its folder or by the document root', { tags: ['STO-01'] }, async () => {
    expect(await packdb(['verify', root])).toBe(0)
    expect(outLines()).toEqual([
      expect.stringMatching(/core20\.rdm is sound: 1 pack, \d+ bytes, \d+ commits, 30 rows$/),
    ])
    expect(await packdb(['verify', join(root, 'core20.rdm')])).toBe(0)
  })

  it('names path and offset of a changed byte, wherever it is', { tags: ['DMG-01'] }, async () => {
    const pack = join(root, 'core20.rdm', 'p00000001.pack')
    const whole = readFileSync(pack)
    for (let share = 0; share < 12; share += 1) {
      const offset = Math.floor((whole.length - 1) * (share / 11))
      const damaged = Buffer.from(whole)
      damaged.writeUInt8(damaged.readUInt8(offset) ^ 0x40, offset)
      writeFileSync(pack, damaged)
      expect([offset, await packdb(['verify', root])]).toEqual([offset, 1])
      expect(out).toMatch(/p00000001\.pack at offset \d+: \S/)
    }
    writeFileSync(pack, whole)
    expect(await packdb(['verify', root])).toBe(0)
  })

  it('exits 2 for a directory that is no database, is not there, or holds several', { tags: ['TOL-04'] }, async () => {
    expect(await packdb(['verify', join(root, 'nosuch')])).toBe(2)
    const empty = join(root, 'empty')
    mkdirSync(empty)
    expect(await packdb(['verify', empty])).toBe(2)
    expect(errors).toContain('is no database')
    mkdirSync(join(root, 'other.rdm'))
    expect(await packdb(['verify', root])).toBe(2)
    expect(errors).toContain('core20.rdm, other.rdm')
  })
})

function onlyPack(): string {
  return join(root, `${CORE20_NAME}.rdm`, 'p00000001.pack')
}

describe('packdb salvage', { tags: ['TOL-02'] }, () => {
  it('saves all of a sound database, and does not write into its folder', async () => {
    await packdb(['core20', '--docroot', root, '-wni', '9'])
    const before = readFileSync(onlyPack())
    const names = readdirSync(root)
    expect(await packdb(['salvage', root, '--out', join(root, 'saved')])).toBe(0)
    expect(outLines().slice(1)).toEqual(["table 'info': 9 rows saved", 'everything was saved'])
    expect(readFileSync(onlyPack()).equals(before)).toBe(true)
    expect(readdirSync(root)).toEqual([...names, 'saved'].toSorted())
    expect(await packdb(['verify', join(root, 'saved')])).toBe(0)
    expect(await packdb(['salvage', root, '--out', join(root, 'saved')])).toBe(2)
    expect(errors).toMatch(/is there already/)
  })

  it('names what was damaged, saves the rest and exits with 1', { tags: ['TOL-04'] }, async () => {
    await packdb(['core20', '--docroot', root, '-wni', '9'])
    const bytes = readFileSync(onlyPack())
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(onlyPack(), bytes)
    expect(await packdb(['verify', root])).toBe(1)
    expect(await packdb(['salvage', root, '--out', join(root, 'saved.rdm'), '--json'])).toBe(1)
    const report = JSON.parse(out) as { damage: unknown[]; tables: unknown[] }
    expect(report.damage).toMatchObject([{ path: onlyPack(), offsetBytes: 0 }])
    expect(report.tables).toMatchObject([{ name: 'info', saved: 9, doubtful: 0 }])
    expect(await packdb(['verify', join(root, 'saved.rdm')])).toBe(0)
  })

  it('needs the schema where the catalog is lost', async () => {
    await packdb(['core20', '--docroot', root, '-wni', '9'])
    const bytes = readFileSync(onlyPack())
    bytes[150] = (bytes[150] ?? 0) ^ 1
    writeFileSync(onlyPack(), bytes)
    expect(await packdb(['salvage', root, '--out', join(root, 'saved')])).toBe(3)
    expect(errors).toMatch(/the schema has to be given/)
    const schema = join(root, 'schema.json')
    writeFileSync(schema, JSON.stringify({ info: { columns: { myNumber: 'number' }, primaryKey: 'myNumber' } }))
    expect(await packdb(['salvage', root, '--out', join(root, 'saved'), '--schema', schema])).toBe(2)
    expect(errors).toMatch(/type 'number'; valid are integer/)
    writeFileSync(schema, JSON.stringify({ info: { columns: { myNumber: 'integer' }, primaryKey: 'myNumber' } }))
    expect(await packdb(['salvage', root, '--out', join(root, 'saved'), '--schema', schema])).toBe(1)
    expect(out).toMatch(/table 'info': 9 rows saved/)
  })
})

describe('packdb stat', { tags: ['TOL-03'] }, () => {
  it('prints the figures, for people and as JSON', async () => {
    await packdb(['core20', '-wni', '30'])
    expect(await packdb(['stat', root])).toBe(0)
    expect(out).toContain('info: 30')
    expect(await packdb(['stat', root, '--json'])).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ packs: 1, rows: { info: 30 } })
  })
})

describe('packdb', { tags: ['TOL-04'] }, () => {
  it.each([
    [['nosuch'], /unknown command 'nosuch'; valid are core20, verify, stat, salvage/],
    [[], /a command is missing; valid are/],
    [['core20', '--nosuch'], /unknown option '--nosuch'; valid are .*--docroot/],
    [['core20', '-x'], /unknown option '-x'/],
    [['core20', '--iterations', 'many'], /--iterations needs a whole number from 0, not 'many'/],
    [['core20', '--iterations'], /option '--iterations' needs a value/],
    [['core20', '--reader-only=yes'], /option '--reader-only' takes no value/],
    [['core20', '-rw'], /--reader-only and --writer-only exclude each other/],
    [['core20', 'more'], /'more' is one argument too many/],
    [['verify'], /DIR is missing/],
    [['stat', 'a', 'b'], /'b' is one argument too many/],
    [['salvage', 'a'], /--out is missing/],
  ])('exits 2 for %j with one sentence', async (words, sentence) => {
    expect(await packdb(words)).toBe(2)
    expect(errors).toMatch(sentence)
    expect(errors.trimEnd().split('\n')).toHaveLength(1)
    expect(out).toBe('')
  })

  it.each([
    ['--help'],
    ['core20', '--help'],
    ['core20', '-h'],
    ['verify', '--help'],
    ['stat', '-h'],
    ['salvage', '-h'],
  ])('helps: %s %s', async (...words) => {
    expect(await packdb(words)).toBe(0)
    expect(out).toMatch(/^usage: packdb/)
  })
})
