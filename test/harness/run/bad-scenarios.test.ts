import { describe, expect, it } from 'vitest'
import { step, type Scenario } from '../../../scenarios/index.ts'
import { createHeap } from '../../../harness/selftest/known/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

type Store = { readonly values: string[]; readonly write: (text: string) => void; readonly close: () => void }

/** A store in memory that also writes a file, so that a campaign has something to fail. */
function simple(changes: Partial<Scenario<Store, readonly string[]>> = {}): Scenario<Store, readonly string[]> {
  const put = (text: string) =>
    step<Store, readonly string[]>(`put ${text}`, {
      run: (store) => store.write(text),
      model: (texts) => [...texts, text],
      durability: 'kill-only',
    })
  return {
    name: 'simple',
    summary: 'keeps texts',
    parameters: {},
    open: (world) => {
      const allocator = world.wrapAllocator(createHeap())
      const block = allocator.allocate(8, 'store')
      const values: string[] = []
      return { values, write: (text) => void values.push(text), close: () => allocator.free(block) }
    },
    steps: () => [put('a'), put('b')],
    initial: () => [],
    read: (store) => [...store.values],
    close: (store) => store.close(),
    ...changes,
  }
}

async function findings(changes: Partial<Scenario<Store, readonly string[]>>) {
  const { preparation, records } = await runCampaign(simple(changes))
  expect(records).toEqual([])
  return preparation.findings.map(({ oracle, step: at, message }) => ({ oracle, at, message }))
}

describe('a scenario that can prove nothing', { tags: ['ORA-02'] }, () => {
  it('is refused if it has no steps', async () => {
    expect(await findings({ steps: () => [] })).toMatchObject([{ oracle: 'scenario-contract' }])
  })

  it('is refused if its model never changes', async () => {
    const idle = step<Store, readonly string[]>('idle', { run: () => {}, model: (texts) => texts })
    expect(await findings({ steps: () => [idle] })).toMatchObject([{ oracle: 'scenario-contract' }])
  })

  it('is refused if it takes nothing of its world that could fail', async () => {
    const values: string[] = []
    const inMemory = {
      open: () => ({ values, write: (text: string) => void values.push(text), close: () => values.splice(0) }),
    }
    const [first, ...others] = await findings(inMemory)
    expect(others).toEqual([])
    expect(first).toMatchObject({ oracle: 'scenario-contract' })
    expect(first?.message).toContain('takes nothing of its world')
  })

  it('is refused if its read never changes', async () => {
    expect(await findings({ read: () => [] })).toMatchObject([{ oracle: 'scenario-contract', at: 'put a' }])
  })
})

describe('a scenario that fails by itself', { tags: ['ORA-02'] }, () => {
  it('is a finding that names the step that throws', async () => {
    const thrower = step<Store, readonly string[]>('throws', {
      run: () => {
        throw new Error('out of ideas')
      },
      model: (texts) => [...texts, 'never'],
    })
    const [first] = await findings({ steps: () => [thrower] })
    expect(first).toMatchObject({ oracle: 'scenario-failure', at: 'throws' })
    expect(first?.message).toContain('out of ideas')
  })

  it('is a finding that names the step that never ends', async () => {
    const waiter = step<Store, readonly string[]>('waits', {
      run: () => new Promise<void>(() => {}),
      model: (texts) => [...texts, 'never'],
    })
    const [first] = await findings({ steps: () => [waiter] })
    expect(first).toMatchObject({ oracle: 'scenario-failure', at: 'waits' })
    expect(first?.message).toContain('does not end')
  })

  it('is a finding that names the first event in which two runs differ', { tags: ['DET-01', 'QA-10'] }, async () => {
    let opened = 0
    const [first] = await findings({
      open: (world, parameters) => {
        opened += 1
        world.count(`opened ${opened}`)
        return simple().open(world, parameters)
      },
    })
    expect(first).toMatchObject({ oracle: 'nondeterminism', at: 'open' })
    expect(first?.message).toMatch(/event 2 in 'open'/)
  })
})

describe('a scenario whose steps return promises', { tags: ['ORA-02'] }, () => {
  it('is waited for on simulated time', async () => {
    const timed = step<Store, readonly string[]>('later', {
      run: async (store) => {
        await Promise.resolve()
        store.write('later')
      },
      model: (texts) => [...texts, 'later'],
      durability: 'kill-only',
    })
    const { preparation, violations } = await runCampaign(simple({ steps: () => [timed] }), {
      families: ['allocation'],
    })
    expect(preparation.findings).toEqual([])
    expect(violations.map(({ oracle }) => oracle)).not.toContain('scenario-failure')
  })
})
