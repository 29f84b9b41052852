import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleBundle } from '../../reports/evidence/sample-bundle.ts'
import { scratch } from '../fixtures/command.ts'
import { runHere } from '../fixtures/in-process.ts'

const posix = process.platform !== 'win32'

describe('keygen, sign and verify-evidence', { tags: ['EVD-02', 'CLI-02'] }, () => {
  it('make a key, sign a bundle with it, and find the bundle whole', async () => {
    const folder = scratch()
    const key = join(folder, 'keys', 'tester')
    const bundle = sampleBundle()
    expect(await runHere(['verify-evidence', bundle])).toMatchObject({ code: 0 })
    expect(await runHere(['verify-evidence', bundle, '--require-signatures'])).toMatchObject({ code: 1 })
    expect(await runHere(['keygen', '--out', key])).toMatchObject({ code: 0 })
    if (posix) expect(statSync(`${key}.key`).mode & 0o777).toBe(0o600)
    const sign = ['sign', bundle, '--role', 'tester', '--key', `${key}.key`, '--name', 'A. Tester']
    expect(await runHere(sign)).toMatchObject({ code: 0 })
    const verify = ['verify-evidence', bundle, '--require-signatures', '--key', `${key}.pub`, '--json']
    const verified = await runHere(verify)
    expect(verified.code).toBe(0)
    expect(JSON.parse(verified.stdout)).toMatchObject({
      whole: true,
      problems: [],
      warnings: [],
      signOffs: [{ role: 'tester', name: 'A. Tester' }],
    })
    writeFileSync(join(bundle, 'evidence.html'), 'changed')
    const changed = await runHere(verify)
    expect(changed.code).toBe(1)
    expect(JSON.parse(changed.stdout)).toMatchObject({ whole: false, problems: [{ code: 'file-changed' }] })
  })

  it('refuse a private key that others can read, and say how to close it', async () => {
    if (!posix) return
    const folder = scratch()
    const key = join(folder, 'tester')
    await runHere(['keygen', '--out', key])
    chmodSync(`${key}.key`, 0o644)
    const signed = await runHere(['sign', sampleBundle(), '--role', 'tester', '--key', `${key}.key`])
    expect(signed.code).toBe(2)
    expect(signed.stderr).toContain(`chmod 600 ${key}.key`)
  })

  it('refuse keys that are damaged, missing or of another kind, and roles that there are not', async () => {
    const folder = scratch()
    const key = join(folder, 'tester')
    const bundle = sampleBundle()
    await runHere(['keygen', '--out', key])
    const path = `${key}.key`
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(/[A-Za-z]{6}/g, 'AAAAAA'))
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['sign', bundle, '--role', 'tester', '--key', path], /tester\.key is no key/],
      [['sign', bundle, '--role', 'tester', '--key', 'none.key'], /there is no key none\.key/],
      [['sign', bundle, '--role', 'king'], /tester, verifier, validator/],
      [['sign', bundle], /--role is missing/],
      [['sign', folder, '--role', 'tester', '--key', 'none.key'], /there is no evidence bundle/],
      [['verify-evidence', bundle, '--key', 'none.pub'], /there is no key none\.pub/],
      [
        ['verify-evidence', join(folder, 'nowhere')],
        /nowhere is no folder: name a bundle, a folder that holds manifest\.json/,
      ],
      [['verify-evidence', folder], /there is no evidence bundle in .*report --format evidence/],
      [['keygen', '--out', key], /tester\.key exists/],
    ]
    for (const [words, message] of cases) {
      const ended = await runHere(words)
      expect(ended.code).toBe(2)
      expect(ended.stderr).toMatch(message)
    }
  })
})
