import { describe, expect, it } from 'vitest'
import { ambientProblems } from './ambient.ts'
import { ROOMS, parse, sourcesOf } from './source.ts'

function problemsOf(text: string, path = 'harness/run/a.ts'): string[] {
  return ambientProblems(parse(path, text))
}

describe('ambient time, randomness, timers and files', { tags: ['ARC-02'] }, () => {
  for (const room of ROOMS)
    it(`are met in ${room}/ only where its adapters are`, () => {
      expect(sourcesOf(room).flatMap(ambientProblems)).toEqual([])
    })
})

describe('the check for ambient things', { tags: ['ARC-02'] }, () => {
  for (const text of [
    'const t = Date.now()',
    'const t = new Date()',
    'const t = Date()',
    'const t = performance.now()',
    'const x = Math.random()',
    'setTimeout(f, 1)',
    'const later = setImmediate',
    'globalThis.setInterval(f, 1)',
    'const t = process.hrtime.bigint()',
    'const x = crypto.randomUUID()',
    `import { readFileSync } from 'node:fs'`,
    `import { readFile } from 'fs/promises'`,
    `import { setTimeout as later } from 'node:timers/promises'`,
    `import { randomBytes } from 'node:crypto'`,
    `import * as c from 'node:crypto'\nc.randomInt(3)`,
    `const fs = await import('node:fs')`,
  ])
    it(`finds: ${text.replace('\n', '; ')}`, () => {
      expect(problemsOf(text).length).toBeGreaterThan(0)
      expect(problemsOf(text, 'harness/host/a.ts')).toEqual([])
    })

  for (const text of [
    'const t = new Date(0)',
    'const t = Date.parse(text)',
    'const x = Math.floor(1.5)',
    `import type { Stats } from 'node:fs'`,
    `import { createHash } from 'node:crypto'`,
    'const o = { performance: 1 }\no.performance',
    '// Date.now()',
    `const s = 'Math.random()'`,
    'clock.nowMs()',
  ])
    it(`passes: ${text.replace('\n', '; ')}`, () => {
      expect(problemsOf(text)).toEqual([])
    })
})
