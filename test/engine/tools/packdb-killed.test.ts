import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { nodeFileSystem } from '../../../engine/adapters/index.ts'
import { CORE20_NAME, core20Schema, readAll } from '../../../engine/examples/core20/index.ts'
import { openOnDisk } from '../../../engine/index.ts'

const PACKDB = fileURLToPath(new URL('../../../engine/tools/packdb.ts', import.meta.url))
const TSX = import.meta.resolve('tsx')

type Ended = Readonly<{ lines: readonly string[]; code: number | null }>

/** Runs `packdb core20 --writer-only`, which is killed as soon as it has printed so many lines. */
function writeUntilKilled(root: string, linesMax: number): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', TSX, PACKDB, 'core20', '--docroot', root, '-wn'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    if (lines.length === linesMax) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ lines, code })))
}

it('core20 loses no row that it printed, however often it is killed', { tags: ['TOL-05'] }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'powercut-killed-'))
  try {
    let printed = -1
    for (const linesMax of [1, 2, 17, 64, 5]) {
      const { lines } = await writeUntilKilled(root, linesMax)
      printed = Number(/^Inserted: (\d+)$/.exec(lines.at(-1) ?? '')?.[1])
      const database = openOnDisk({ root, name: CORE20_NAME, schema: core20Schema, mode: 'open' })
      expect(database.verify()).toEqual([])
      const rows = readAll(database)
      expect(rows).toEqual(rows.map((_, index) => index))
      expect(rows.length).toBeGreaterThan(printed)
      database.close()
    }
    expect(nodeFileSystem().list(root)).toContain('core20.rdm')
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
