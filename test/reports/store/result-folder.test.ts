import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ReportError, createResultFolder, resolveResultFolder } from '../../../reports/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'

function codeOf(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return error instanceof ReportError ? error.code : String(error)
  }
}

describe('a result folder', { tags: ['RES-05'] }, () => {
  it('without a path is numbered, and `latest` names the newest', () => {
    const root = join(temporaryFolder(), 'powercut-results')
    const names = ['core20', 'core20', 'bank', 'core20'].map((name) =>
      basename(createResultFolder(undefined, { root, name })),
    )
    expect(names).toEqual(['core20-1', 'core20-2', 'bank-1', 'core20-3'])
    expect(basename(resolveResultFolder('latest', { root }))).toBe('core20-3')
  })

  it('counts on from the highest number that is there', () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'core20-41'))
    writeFileSync(join(root, 'core20-x'), '')
    expect(basename(createResultFolder(undefined, { root, name: 'core20' }))).toBe('core20-42')
  })

  it('is named for a module by its bare name', () => {
    const root = temporaryFolder()
    const name = './stores/my store.scenario.ts'
    expect(basename(createResultFolder(undefined, { root, name }))).toBe('my-store-1')
    expect(basename(createResultFolder(undefined, { root, name: '../..' }))).toBe('campaign-1')
  })

  it('that is not empty is refused, and one that is empty or missing is taken', () => {
    const root = temporaryFolder()
    const path = join(root, 'a', 'b')
    expect(createResultFolder(path, { name: 'core20' })).toBe(path)
    expect(createResultFolder(path, { name: 'core20' })).toBe(path)
    writeFileSync(join(path, 'runs.ndjson'), '')
    expect(codeOf(() => createResultFolder(path, { name: 'core20' }))).toBe('folder-exists')
    expect(codeOf(() => createResultFolder(join(path, 'runs.ndjson'), { name: 'core20' }))).toBe('folder-exists')
    expect(createResultFolder(path, { name: 'core20', resume: true })).toBe(path)
  })

  it('that is not there cannot be resumed as the newest; one with a path is made, for its campaign was stopped early', () => {
    const root = temporaryFolder()
    expect(codeOf(() => createResultFolder(undefined, { root, name: 'core20', resume: true }))).toBe('no-results')
    expect(existsSync(join(root, 'x'))).toBe(false)
    expect(createResultFolder(join(root, 'x'), { name: 'x', resume: true })).toBe(join(root, 'x'))
    expect(existsSync(join(root, 'x'))).toBe(true)
  })

  it('is found by a pointer file where there are no symbolic links', () => {
    const root = temporaryFolder()
    const made = createResultFolder(undefined, { root, name: 'core20' })
    rmSync(join(root, 'latest'))
    writeFileSync(join(root, 'latest'), `${basename(made)}\n`)
    expect(basename(resolveResultFolder('latest', { root }))).toBe('core20-1')
    createResultFolder(undefined, { root, name: 'core20' })
    expect(basename(resolveResultFolder('latest', { root }))).toBe('core20-2')
  })

  it('named by `latest` that is gone is told', () => {
    const root = temporaryFolder()
    rmSync(createResultFolder(undefined, { root, name: 'core20' }), { recursive: true })
    expect(codeOf(() => resolveResultFolder('latest', { root }))).toBe('folder-missing')
  })

  it('leaves a folder of the user that is called latest alone', () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'latest'))
    createResultFolder(undefined, { root, name: 'core20' })
    expect(lstatSync(join(root, 'latest')).isDirectory()).toBe(true)
  })
})
