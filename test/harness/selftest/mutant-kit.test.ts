// The mutant kit against a store that replaces files whole, and defects of the store's own code, written by hand.
import { describe, expect, it } from 'vitest'
import { KIT_MUTANTS } from '../../../faults/mutant-kit/index.ts'
import { activations } from '../../../faults/mutants/index.ts'
import type { FileSystem } from '../../../engine/ports/index.ts'
import type { CampaignRequest } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import { atomicFileScenario, writeFileAtomic, type WriteFile } from '../../../scenarios/atomic-file/index.ts'
import type { AnyScenario } from '../../../scenarios/index.ts'

/** Oracles that complain, until the first one if not `all`; and how often the planted place was executed. */
async function complaints(
  write: WriteFile,
  mutant: string | undefined,
  all = false,
  families: CampaignRequest['families'] = ['crash', 'io'],
): Promise<Readonly<{ oracles: readonly string[]; executed: number; runs: number }>> {
  const core = createCampaignCore({
    loadScenario: () => Promise.resolve(atomicFileScenario(write) as unknown as AnyScenario),
  })
  const request: CampaignRequest = {
    subject: {
      scenario: 'atomic-file',
      parameters: { updates: 3 },
      seed: 1,
      model: 'posix-minimal',
      sectorBytes: 512,
      ...(mutant === undefined ? {} : { mutant }),
    },
    families,
    modes: ['once', 'from'],
    forms: ['linear'],
    statesPerIntervalMax: 0,
  }
  const before = activations()
  const { units, findings } = await core.prepare(request)
  const oracles = findings.map(({ oracle }) => oracle)
  let runs = 0
  for (const { index } of units) {
    if (oracles.length > 0 && !all) break
    await core.runUnit(
      request,
      index,
      ({ outcome, oracle }) => {
        runs += 1
        if (outcome !== 'passed') oracles.push(oracle ?? outcome)
      },
      { stop: () => oracles.length > 0 && !all },
    )
  }
  return { oracles, executed: activations() - before, runs }
}

/** Calls that this store never makes in a step, or whose failure it may ignore. */
const NOT_FOR_THIS_STORE = ['kit:existing-file-reused', 'kit:list-error-taken-for-empty', 'kit:unlink-error-ignored']

/** Without a word about errors: right as long as nothing but the power fails. */
const PLAIN: WriteFile = (files, directory, name, content) => {
  whole(files, `${directory}/${name}.new`, content, true)
  files.rename(`${directory}/${name}.new`, `${directory}/${name}`)
  files.syncDirectory(directory)
}

/** The same as somebody else might have written it. */
const BY_HAND: Readonly<Record<string, WriteFile>> = {
  'written in place': (files, directory, name, content) => {
    const path = `${directory}/${name}`
    if (files.stat(path) !== undefined) files.unlink(path)
    whole(files, path, content, true)
    files.syncDirectory(directory)
  },
  'the same temporary name for all files, and the one that is there is taken': (files, directory, name, content) => {
    const beside = `${directory}/temporary`
    const file = files.stat(beside) === undefined ? files.create(beside) : files.open(beside, 'append')
    file.append(content, 0, content.length)
    file.sync()
    file.close()
    files.rename(beside, `${directory}/${name}`)
    files.syncDirectory(directory)
  },
  'the sync of the file only when it is new': (files, directory, name, content) => {
    const isNew = files.stat(`${directory}/${name}`) === undefined
    whole(files, `${directory}/${name}.new`, content, isNew)
    files.rename(`${directory}/${name}.new`, `${directory}/${name}`)
    files.syncDirectory(directory)
  },
  'the directory is synced before the rename': (files, directory, name, content) => {
    whole(files, `${directory}/${name}.new`, content, true)
    files.syncDirectory(directory)
    files.rename(`${directory}/${name}.new`, `${directory}/${name}`)
  },
}

function whole(files: FileSystem, path: string, content: Uint8Array, sync: boolean): void {
  if (files.stat(path) !== undefined) files.unlink(path)
  const file = files.create(path)
  for (let done = 0; done < content.length;) done += file.append(content, done, content.length - done)
  if (sync) file.sync()
  file.close()
}

describe('a store that replaces files whole', { tags: ['MUT-03'] }, () => {
  it('is silent by itself', async () => {
    const { oracles, executed, runs } = await complaints(writeFileAtomic, undefined, true)
    expect({ oracles, executed }).toEqual({ oracles: [], executed: 0 })
    expect(runs).toBeGreaterThan(400)
  })

  for (const { id } of KIT_MUTANTS) {
    if (NOT_FOR_THIS_STORE.includes(id)) continue
    it(`is caught with ${id}`, async () => {
      const { oracles, executed } = await complaints(writeFileAtomic, id)
      expect(oracles.length).toBeGreaterThan(0)
      expect(executed).toBeGreaterThan(0)
    })
  }

  it('is silent without a word about errors, as long as there are none', async () => {
    expect((await complaints(PLAIN, undefined, true, ['crash'])).oracles).toEqual([])
  })

  for (const [what, write] of Object.entries(BY_HAND)) {
    it(`is caught where ${what}`, async () => {
      expect((await complaints(write, undefined, false, ['crash'])).oracles.length).toBeGreaterThan(0)
    })
  }
})

describe('the kit', { tags: ['MUT-03'] }, () => {
  it('has unique ids that tell it from the mutants of the engine, and at least twenty', () => {
    const ids = KIT_MUTANTS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^kit:[a-z]+(-[a-z]+)*$/)
    expect(ids.length - NOT_FOR_THIS_STORE.length).toBeGreaterThanOrEqual(20)
  })
})
