// What a campaign says of the place of a violation: the line of the source, whatever code ran.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Campaign, SarifLog } from '../../../reports/index.ts'
import { run, scratch } from '../fixtures/command.ts'

const POWERCUT = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))

/** A log that keeps its handle open if what it does with it fails. */
const STORE = `// A store in a module of its own, as TypeScript has it.
import type {
  World,
} from 'powercut/scenarios'

export interface Entry { readonly text: string }

export function append(world: World, entry: Entry): void {
  const path = \`\${world.directory}/log\`
  const old = world.fileSystem.stat(path) !== undefined
  const file = old ? world.fileSystem.open(path, 'write') : world.fileSystem.create(path) // MADE
  const bytes = new TextEncoder().encode(entry.text + '\\n')
  const at = file.sizeBytes() // FAILS
  for (let done = 0; done < bytes.length;) done += file.append(bytes, done, bytes.length - done)
  file.sync()
  file.close()
  if (!old) world.fileSystem.syncDirectory(world.directory)
}
`
const SCENARIO = `import { append } from './store.ts'
export default {
  name: 'log', summary: 'a log', parameters: { lines: 3 },
  open: (world) => world,
  steps: ({ lines }) => Array.from({ length: lines }, (_, i) => ({
    name: 'line ' + i,
    run: (world) => append(world, { text: 'line ' + i }),
    model: (all) => [...all, 'line ' + i],
  })),
  initial: () => [],
  read: ({ fileSystem, directory }) => {
    if (fileSystem.stat(directory + '/log') === undefined) return []
    const file = fileSystem.open(directory + '/log', 'read')
    const bytes = new Uint8Array(file.sizeBytes())
    for (let done = 0; done < bytes.length;) done += file.read(bytes, done, bytes.length - done, done) || bytes.length
    file.close()
    return new TextDecoder().decode(bytes).split('\\n').filter((line) => line !== '')
  },
  close: () => {},
}
`

describe('the evidence of a violation', { tags: ['RES-09'] }, () => {
  it('names the line of a TypeScript store that lost or leaked, and results.sarif stands there', async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, 'store.ts'), STORE)
    writeFileSync(join(cwd, 'log.scenario.ts'), SCENARIO)
    const words = ['--minimise-budget', '0', '--workers', '1', '--out']
    const io = ['--faults', 'io', '--mode', 'once', '--at', '17']
    expect((await run(['run', './log.scenario.ts', ...io, ...words, 'leak'], cwd, POWERCUT)).code).toBe(1)
    const { violations } = JSON.parse(readFileSync(join(cwd, 'leak', 'campaign.json'), 'utf8')) as Campaign
    const lineOf = (mark: string) => STORE.split('\n').findIndex((line) => line.includes(mark)) + 1

    const leak = violations.find(({ oracle, fault }) => oracle === 'no-leak' && fault.startsWith('size'))
    expect(leak?.evidence?.stack[0]).toMatchObject({ function: 'append', file: 'store.ts', line: lineOf('FAILS') })
    expect(leak?.evidence?.cause?.[0]).toMatchObject({ file: 'store.ts', line: lineOf('MADE') })
    expect(leak?.evidence?.events.map(({ role }) => role).filter((role) => role !== undefined)).toEqual([
      'cause',
      'fault',
    ])

    const [sarif] = (JSON.parse(readFileSync(join(cwd, 'leak', 'results.sarif'), 'utf8')) as SarifLog).runs
    const places = sarif?.results.map(({ locations }) => locations[0]?.physicalLocation?.artifactLocation.uri)
    expect(places).toEqual(violations.map(() => 'store.ts'))
    const leakResult = sarif?.results.find(
      ({ partialFingerprints }) => partialFingerprints['powercut/v1'] === leak?.fingerprint,
    )
    expect(leakResult?.locations[0]?.physicalLocation?.region?.startLine).toBe(lineOf('MADE'))

    const crash = ['--faults', 'crash', '--mutant', 'kit:drop-sync', '--set', 'lines=1']
    expect((await run(['run', './log.scenario.ts', ...crash, ...words, 'lost'], cwd, POWERCUT)).code).toBe(1)
    const lost = (JSON.parse(readFileSync(join(cwd, 'lost', 'campaign.json'), 'utf8')) as Campaign).violations
    for (const { evidence } of lost)
      expect(evidence?.stack.map(({ file }) => file)).toEqual(['store.ts', 'log.scenario.ts'])
  })

  it('follows the source map of compiled code', async () => {
    const cwd = scratch()
    const words = ['--faults', 'crash', '--minimise-budget', '0', '--workers', '1', '--out', 'out']
    const mutant = ['--mutant', 'kit:drop-directory-sync', '--set', 'updates=1']
    expect((await run(['run', 'atomic-file', ...words, ...mutant], cwd, POWERCUT)).code).toBe(1)
    const campaign = JSON.parse(readFileSync(join(cwd, 'out', 'campaign.json'), 'utf8')) as Campaign
    for (const { evidence } of campaign.violations) {
      const [first] = evidence?.stack ?? []
      expect(first?.file).toMatch(/scenarios\/atomic-file\/[\w-]+\.ts$/)
      expect(first?.text).toMatch(/fileSystem\.|file\./)
    }
  })
})
