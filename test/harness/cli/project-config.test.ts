import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checked, mergeDefaults } from '../../../harness/cli/project-config.ts'
import { run, scratch } from '../fixtures/command.ts'

const PLAN = ['run', '--plan']
const firstLine = ({ stdout }: Readonly<{ stdout: string }>) => stdout.split('\n')[0]

describe("a project's defaults", { tags: ['CLI-06'] }, () => {
  it('hold where the command line says nothing, from each kind of file', async () => {
    const files = {
      'powercut.config.ts':
        "const config: object = { scenarios: ['bank'], faults: ['crash'], seed: 7, set: { units: 2 } }\nexport default config\n",
      'powercut.config.mts':
        "export default { scenarios: ['bank'], faults: ['crash'], seed: 7, set: { units: 2 } } as const\n",
      'powercut.config.js': "module.exports = { scenarios: ['bank'], faults: ['crash'], seed: 7, set: { units: 2 } }\n",
      'powercut.config.mjs': "export default { scenarios: ['bank'], faults: ['crash'], seed: 7, set: { units: 2 } }\n",
      'powercut.config.json': '{ "scenarios": ["bank"], "faults": ["crash"], "seed": 7, "set": { "units": 2 } }',
    }
    for (const [name, text] of Object.entries(files)) {
      const cwd = scratch()
      writeFileSync(join(cwd, name), text)
      const ended = await run(PLAN, cwd)
      expect([name, ended.code, firstLine(ended)]).toEqual([
        name,
        0,
        'npx powercut run bank --faults crash --set units=2 --seed 7',
      ])
    }
  })

  it('give way to every option of the command line, and to --no-config as a whole', async () => {
    const cwd = scratch()
    writeFileSync(
      join(cwd, 'powercut.config.json'),
      '{ "scenarios": ["bank"], "faults": ["io"], "seed": 7, "workers": 1 }',
    )
    expect(firstLine(await run([...PLAN, '--seeds', '2..3', '--faults', 'crash'], cwd))).toBe(
      'npx powercut run bank --faults crash --seeds 2..3',
    )
    expect(firstLine(await run([...PLAN, '--no-config', '--faults', 'crash'], cwd))).toBe(
      'npx powercut run core20 --faults crash --seed 1',
    )
    expect(firstLine(await run([...PLAN, '--at', '3'], cwd))).toContain('--faults allocation ')
  })

  it('keep their parameters to the scenarios that they name', () => {
    const config = { scenarios: ['./orders.scenario.ts'], set: { orders: 50 }, faults: ['crash'] } as const
    expect(mergeDefaults(config, [], { set: ['orders=3'] })).toEqual({
      names: ['./orders.scenario.ts'],
      flags: { faults: ['crash'], set: ['orders=50', 'orders=3'] },
    })
    expect(mergeDefaults(config, ['bank'], {})).toEqual({ names: ['bank'], flags: { faults: ['crash'] } })
    expect(mergeDefaults(config, [], { mutant: 'sync-left-out' }).names).toEqual([])
  })

  it('are refused in one sentence that names the key and what is valid', { tags: ['CLI-02'] }, async () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      [
        '{ "fault": ["io"] }',
        /powercut\.config\.json has no key 'fault': valid are scenarios, .*Did you mean 'faults'\?/,
      ],
      ['{ "faults": ["oi"] }', /'faults' takes a list of allocation, io, crash.*, not \["oi"\]/],
      ['{ "seed": -1 }', /'seed' takes an integer from 0, not -1/],
      ['{ "seed": 1, "seeds": "1..2" }', /'seed' and 'seeds' exclude each other/],
      ['{ "budget": "soon" }', /'budget' takes a duration such as '10m', not "soon"/],
      ['{ "model": "tape" }', /'model' takes one of posix-minimal, .*, not "tape"/],
      ['{ "sector": 100 }', /'sector' takes 512 or 4096, not 100/],
      ['{ "warm": "yes" }', /'warm' takes true or false, not "yes"/],
      ['{ "scenarios": [] }', /'scenarios' takes a list of names or paths/],
      ['[]', /has no config as its default export/],
    ]
    for (const [text, sentence] of wrong) {
      expect(() => checked('powercut.config.json', JSON.parse(text)), text).toThrow(sentence)
    }
    const cwd = scratch()
    for (const [text, sentence] of [
      ['{ "seed": -1 }', /'seed' takes an integer from 0, not -1/],
      ['{ "seed": ', /can't be loaded/],
    ] as const) {
      writeFileSync(join(cwd, 'powercut.config.json'), text)
      const { code, stderr } = await run(PLAN, cwd)
      expect([text, code]).toEqual([text, 2])
      expect(stderr).toMatch(sentence)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
    writeFileSync(join(cwd, 'powercut.config.mjs'), 'export default {}')
    expect((await run(PLAN, cwd)).stderr).toMatch(/powercut\.config\.mjs and powercut\.config\.json: keep one/)
  })

  it('are looked for in the working directory alone', async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, 'powercut.config.json'), '{ "seed": 7 }')
    mkdirSync(join(cwd, 'inner'))
    expect(firstLine(await run(PLAN, join(cwd, 'inner')))).toContain('--seed 1')
  })
})
