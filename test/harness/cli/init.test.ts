import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { campaignOf, run, scratch } from '../fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')

/** A user's project with the package in it. */
function userProject(): string {
  const cwd = scratch()
  mkdirSync(join(cwd, 'node_modules'))
  symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
  return cwd
}

describe('powercut init', { tags: ['CLI-05'] }, () => {
  it('writes a scenario that passes, and that fails once the line it names is taken out', async () => {
    const cwd = userProject()
    const made = await run(['init', '--json'], cwd, COMMAND)
    expect(made.code).toBe(0)
    const { files, next } = JSON.parse(made.stdout) as { files: string[]; next: { command: string }[] }
    expect(files).toEqual(['notes.scenario.ts', '.github/workflows/powercut.yml'])
    const [first] = next
    const words = first?.command.split(' ').slice(2) ?? []
    expect(words).toEqual(['run', './notes.scenario.ts', '--faults', 'crash'])
    expect(readFileSync(join(cwd, '.github/workflows/powercut.yml'), 'utf8')).toContain(first?.command)

    const passed = await run([...words, '--workers', '1', '--out', 'passed'], cwd, COMMAND)
    expect([passed.code, passed.stderr]).toEqual([0, ''])

    const path = join(cwd, 'notes.scenario.ts')
    const lines = readFileSync(path, 'utf8').split('\n')
    expect(lines.filter((line) => line.includes('try it'))).toHaveLength(1)
    writeFileSync(path, lines.filter((line) => !line.includes('try it')).join('\n'))
    const failed = await run([...words, '--workers', '1', '--out', 'failed'], cwd, COMMAND)
    expect(failed.code).toBe(1)
    expect(campaignOf(join(cwd, 'failed')).violations.map(({ oracle }) => oracle)).toContain('recovered-state')
  })

  it('overwrites nothing, and writes nothing if one of its files is there', async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, '.gitlab-ci.yml'), 'mine')
    const { code, stderr } = await run(['init', '--ci', 'gitlab'], cwd)
    expect([code, stderr]).toEqual([
      2,
      'powercut: There is .gitlab-ci.yml already, and it is not overwritten: move it away, or work in another folder.\n',
    ])
    expect(readFileSync(join(cwd, '.gitlab-ci.yml'), 'utf8')).toBe('mine')
    expect(existsSync(join(cwd, 'notes.scenario.ts'))).toBe(false)
  })

  it('leaves the workflow out, says how the package is had, and knows its systems', async () => {
    const cwd = scratch()
    const { code, stdout } = await run(['init', '--ci', 'none'], cwd)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Wrote notes\.scenario\.ts\n\nNext:\n {2}npm install --save-dev powercut\n/)
    expect(existsSync(join(cwd, '.github'))).toBe(false)
    expect((await run(['init', '--ci', 'jenkins'], cwd)).stderr).toMatch(
      /--ci does not know 'jenkins': valid are github/,
    )
  })
})
