// Allocations of code that has no allocator: which count, what a refusal is, and what a campaign makes of it.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest'
import { installBufferFaults, installNodeFront, isBufferRefusal } from '../../../faults/index.ts'
import { bindToken, decodeToken } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import type { AnyScenario } from '../../../scenarios/index.ts'
import { makeMachine } from '../../faults/node-front/helpers.ts'
import { runCampaign } from '../subjects/campaign.ts'
import { bufferScenario, type Habit } from '../subjects/buffer-store.ts'

let uninstall = (): void => {}
beforeAll(() => {
  uninstall = installNodeFront()
})
afterAll(() => uninstall())
afterEach(() => installBufferFaults()())

const ALL_MODES = ['once', 'from', 'budget', 'random'] as const
const CALLS = ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat', 'from'] as const

/** Tags of what is asked for while `code` runs as a process whose buffers are refused if `refuses`. */
function asked(code: () => void, refuses = false): readonly string[] {
  installBufferFaults()
  const tags: string[] = []
  const buffers = {
    isCounting: true,
    refuses: (byteLength: number, tag: string) => {
      tags.push(`${tag} ${byteLength}`)
      return refuses
    },
  }
  makeMachine({ buffers }).process.run(code)
  return tags
}

/** What the code throws. */
function errorOf(code: () => unknown): unknown {
  try {
    return code()
  } catch (error) {
    return error
  }
}

describe('a store that tells when a buffer cannot be had', { tags: ['ALC-04'] }, () => {
  it('is clean in every mode, with every fault delivered where one was chosen', async () => {
    const { preparation, units, violations, records } = await runCampaign(bufferScenario('tells'), {
      families: ['allocation'],
      modes: ALL_MODES,
    })
    expect(violations.map(({ message, fault }) => `${JSON.stringify(fault)} ${message}`)).toEqual([])
    expect(preparation.findings).toEqual([])
    expect(preparation.points.allocations).toBeGreaterThan(10)
    const tags = new Set(preparation.rows.filter(({ family }) => family === 'allocation').map(({ kind }) => kind))
    expect([...tags].toSorted()).toEqual(['Buffer.alloc', 'Buffer.allocUnsafe', 'Buffer.concat', 'Buffer.from'])
    const chosen = records.filter(({ mode }) => mode === 'once' || mode === 'from')
    expect(chosen.length).toBeGreaterThan(20)
    expect(units.reduce((sum, { delivered }) => sum + delivered, 0)).toBeGreaterThanOrEqual(chosen.length)
  })

  it('has points only if it asks for them', async () => {
    const { preparation } = await runCampaign(bufferScenario('tells', false), { families: ['allocation'] })
    expect(preparation.points.allocations).toBe(0)
  })

  it('names the line that asked, in a replay’s trace too', async () => {
    const scenario = bufferScenario('swallows')
    const { violations } = await runCampaign(scenario, { families: ['allocation'], modes: ['once'] })
    const [first] = violations
    expect(first?.site).toMatch(/^put \(buffer-store\)|^encoded \(buffer-store\)/)
    const core = createCampaignCore({ loadScenario: () => Promise.resolve(scenario as unknown as AnyScenario) })
    const description = await core.describe('buffers', {})
    const { record, trace, faultEvent } = await core.replay(bindToken(decodeToken(first?.token ?? ''), description))
    expect([record.outcome, record.oracle]).toEqual(['violation', 'failure-reported'])
    expect(trace[faultEvent ?? -1]).toMatchObject({ kind: 'allocate', failed: true })
    expect(trace[faultEvent ?? -1]?.site).toContain('buffer-store')
  })
})

describe('a store that does wrong when a buffer cannot be had', { tags: ['ALC-04', 'ORA-01'] }, () => {
  const CAUGHT: readonly (readonly [Habit, string])[] = [
    ['swallows', 'failure-reported'],
    ['tells something else', 'failure-reported'],
    ['allocates while unwinding', 'no-allocation-after-failure'],
    ['keeps the record', 'living-process'],
  ]
  it.each(CAUGHT)('is caught: it %s', async (habit, oracle) => {
    const { oracles } = await runCampaign(bufferScenario(habit), { families: ['allocation'], modes: ['once'] })
    expect(oracles).toContain(oracle)
  })
})

describe('what counts as a buffer of the program', { tags: ['ALC-04'] }, () => {
  it('is each call that takes memory, once, with its size', () => {
    const tags = asked(() => {
      Buffer.alloc(1)
      Buffer.allocUnsafe(2)
      Buffer.allocUnsafeSlow(3)
      Buffer.from('four')
      Buffer.from([1, 2, 3, 4, 5])
      Buffer.from(Buffer.from('six...'))
      Buffer.concat([Buffer.from('abc'), Buffer.from('defg')])
      void new ArrayBuffer(8)
    })
    expect(tags).toEqual([
      'Buffer.alloc 1',
      'Buffer.allocUnsafe 2',
      'Buffer.allocUnsafeSlow 3',
      'Buffer.from 4',
      'Buffer.from 5',
      'Buffer.from 6',
      'Buffer.from 6',
      'Buffer.from 3',
      'Buffer.from 4',
      'Buffer.concat 7',
      'new ArrayBuffer 8',
    ])
  })

  it('is nothing that takes none, that is wrong anyway, or that somebody else asks for', () => {
    const tags = asked(() => {
      Buffer.alloc(0)
      Buffer.from('')
      Buffer.from(new Uint8Array(4).buffer)
      expect(() => Buffer.alloc(-1)).toThrow('out of range')
      expect(() => Reflect.apply(Buffer.alloc, Buffer, ['1'])).toThrow(TypeError)
      fs.writeFileSync('/world/a', 'text')
      expect(fs.readFileSync('/world/a', 'utf8')).toBe('text')
    })
    expect(tags).toEqual([])
    Buffer.alloc(1)
    expect(tags).toEqual([])
  })

  it('is nothing that a module takes while it is loaded, and all that it takes later', () => {
    const tags = asked(() => {
      const load = createRequire(import.meta.url)
      const { loaded, later } = load('../fixtures/allocating-module.cjs') as { loaded: Buffer; later: () => Buffer }
      expect(loaded.length + later().length).toBe(19)
    })
    expect(tags).toEqual(['Buffer.alloc 10'])
  })

  it('is refused with the error that Node has for memory that is not there', () => {
    const real = errorOf(() => new ArrayBuffer(2 ** 44))
    expect(isBufferRefusal(real)).toBe(true)
    const refused: unknown[] = []
    asked(() => {
      for (const name of CALLS)
        refused.push(
          errorOf(() =>
            Reflect.apply(Buffer[name], Buffer, [name === 'concat' ? [new Uint8Array(1)] : name === 'from' ? 'a' : 1]),
          ),
        )
      refused.push(errorOf(() => new ArrayBuffer(1)))
    }, true)
    expect(refused).toHaveLength(6)
    for (const error of refused) {
      expect(error).toBeInstanceOf(RangeError)
      expect(error).toMatchObject({ message: Reflect.get(Object(real), 'message') })
      expect('code' in Object(error)).toBe('code' in Object(real))
    }
  })

  it('leaves every function as it was when it is taken out', () => {
    const before = [...CALLS.map((name) => Object.getOwnPropertyDescriptor(Buffer, name)), ArrayBuffer]
    const undo = installBufferFaults()
    expect(ArrayBuffer).not.toBe(before.at(-1))
    const made = new ArrayBuffer(2)
    expect([made instanceof ArrayBuffer, made.constructor === ArrayBuffer, made.slice(1).byteLength]).toEqual([
      true,
      true,
      1,
    ])
    expect([Buffer.alloc.name, Buffer.alloc.length]).toEqual(['alloc', 3])
    undo()
    expect([...CALLS.map((name) => Object.getOwnPropertyDescriptor(Buffer, name)), ArrayBuffer]).toEqual(before)
    expect(made.constructor === ArrayBuffer).toBe(true)
  })
})
