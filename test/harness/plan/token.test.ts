import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IO_VARIANTS } from '../../../faults/index.ts'
import {
  bindToken,
  CLOCK_CHANGES,
  DAMAGE_FAMILIES,
  decodeToken,
  encodeToken,
  TokenError,
  type Fault,
  type FaultPlan,
} from '../../../harness/plan/index.ts'

const count = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat())
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,11}$/)
const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.string({ unit: 'binary' }))
const mode = fc.constantFrom('once' as const, 'from' as const)
const unidentified: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('allocation' as const), mode, point: count }),
  fc.record({
    kind: fc.constant('allocation' as const),
    mode: fc.constant('budget' as const),
    point: count,
    bytes: count,
  }),
  fc.record({
    kind: fc.constant('allocation' as const),
    mode: fc.constant('random' as const),
    point: count,
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant('allocation' as const),
    mode: fc.constant('random' as const),
    point: count,
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    tags: fc.constant('drawn' as const),
  }),
  fc.record({ kind: fc.constant('io' as const), mode, point: count, code: fc.constantFrom('EIO', 'ENOSPC', 'EOTHER') }),
  fc.record({
    kind: fc.constant('io' as const),
    mode,
    point: count,
    code: fc.constant('EIO'),
    variant: fc.constantFrom(...IO_VARIANTS),
  }),
  fc.record({
    kind: fc.constant('io' as const),
    mode,
    point: count,
    code: fc.constant('short' as const),
    bytes: count,
  }),
  fc.record({
    kind: fc.constant('io' as const),
    mode: fc.constant('outage' as const),
    point: count,
    calls: count,
    code: fc.constantFrom('EIO', 'ENOSPC'),
  }),
  fc.record({
    kind: fc.constant('io' as const),
    mode: fc.constant('outage' as const),
    point: count,
    calls: count,
    code: fc.constant('EIO'),
    variant: fc.constantFrom(...IO_VARIANTS),
  }),
  fc.record({ kind: fc.constant('io' as const), mode: fc.constant('full' as const), point: count, freeBytes: count }),
  fc.record({ kind: fc.constant('io' as const), mode: fc.constant('slow' as const), point: count, ms: count }),
  fc.record({
    kind: fc.constant('io' as const),
    mode: fc.constant('write-back' as const),
    point: count,
    variant: fc.constantFrom('pages-dropped' as const, 'pages-evicted' as const),
  }),
  fc.record({ kind: fc.constant('io' as const), mode: fc.constant('lie' as const), point: count }),
  fc.record({
    kind: fc.constant('crash' as const),
    point: count,
    when: fc.constantFrom('before' as const, 'after' as const, 'within' as const),
    state: fc.record({
      family: fc.constantFrom(
        'kill' as const,
        'none' as const,
        'torn' as const,
        'names' as const,
        'data-first' as const,
      ),
      index: count,
    }),
  }),
  fc.record({
    kind: fc.constant('corruption' as const),
    point: count,
    damage: fc.record({ family: fc.constantFrom(...DAMAGE_FAMILIES), index: count }),
  }),
  fc.record({ kind: fc.constant('schedule' as const), point: count, choices: fc.array(count, { maxLength: 8 }) }),
  fc.record({
    kind: fc.constant('clock' as const),
    point: count,
    change: fc.constantFrom(...CLOCK_CHANGES),
    ms: count,
  }),
)
const fault: fc.Arbitrary<Fault> = fc
  .tuple(unidentified, fc.option(fc.nat({ max: 2 ** 32 - 1 })))
  .map(([given, identity]) => (identity === null ? given : { ...given, identity }))
const plan: fc.Arbitrary<FaultPlan> = fc.record({
  subject: fc.record(
    {
      scenario: fc.oneof(name, fc.string({ unit: 'binary' })),
      parameters: fc.dictionary(name, value),
      seed: count,
      model: fc.oneof(fc.constantFrom('posix-minimal', 'process-kill', 'ext4-ordered'), name),
      sectorBytes: fc.constantFrom(512 as const, 4096 as const),
      mutant: name,
      steps: fc.uniqueArray(count, { maxLength: 6 }).map((steps) => steps.toSorted((left, right) => left - right)),
    },
    { requiredKeys: ['scenario', 'parameters', 'seed', 'model', 'sectorBytes'] },
  ),
  form: fc.constantFrom('linear' as const, 'warm' as const),
  faults: fc.array(fault, { maxLength: 3 }),
})
const contractHash = fc.stringMatching(/^[0-9a-f]{8}$/)

const sample: FaultPlan = {
  subject: { scenario: 'core20', parameters: { iterations: 60 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
  form: 'linear',
  faults: [{ kind: 'crash', point: 173, when: 'after', state: { family: 'prefix', index: 3 } }],
}
const contract = { contractHash: '0badcafe', defaults: { iterations: 60 } }
const word = encodeToken(sample, contract)
const identified = encodeToken(
  { ...sample, faults: sample.faults.map((given) => ({ ...given, identity: 0xdeadbeef })) },
  contract,
)

const codeOf = (text: string): string => {
  try {
    decodeToken(text)
    return 'taken'
  } catch (error) {
    return error instanceof TokenError ? error.code : 'not a TokenError'
  }
}

describe('token', { tags: ['TOK-01'] }, () => {
  it('decodes to the plan and the contract that it was made from', { tags: ['QA-17'] }, () => {
    fc.assert(
      fc.property(plan, contractHash, (given, hash) => {
        const content = decodeToken(encodeToken(given, { contractHash: hash, defaults: {} }))
        expect(content.contractHash).toBe(hash)
        expect(bindToken(content, { contractHash: hash, parameters: given.subject.parameters })).toEqual(given)
      }),
    )
  })

  it('holds only the parameters that differ from the defaults', () => {
    fc.assert(
      fc.property(plan, fc.dictionary(name, value), (whole, others) => {
        const { parameters } = whole.subject
        const defaults = {
          ...parameters,
          ...Object.fromEntries(Object.entries(others).filter(([key]) => key in parameters)),
        }
        const content = decodeToken(encodeToken(whole, { contractHash: '00000000', defaults }))
        for (const [key, held] of Object.entries(content.plan.subject.parameters)) {
          expect(Object.is(defaults[key], held)).toBe(false)
        }
        expect(bindToken(content, { contractHash: '00000000', parameters: defaults }).subject.parameters).toEqual(
          parameters,
        )
      }),
    )
  })

  it('is one short word of letters and digits', () => {
    expect(word).toMatch(/^pc1-[0-9a-z]+$/)
    expect(word.length).toBeLessThan(50)
    expect(identified.length).toBe(word.length + 7)
  })

  it('is read without identities too, as it was written before there were any', () => {
    const content = decodeToken('pc1-1epwnzg6cdqq4s9j6000200126pg20g3v4j0tt')
    expect([content.contractHash, content.plan.faults]).toEqual([contract.contractHash, sample.faults])
  })

  it('takes only identities of 32 bits', () => {
    for (const identity of [-1, 0.5, 2 ** 32]) {
      const faults = sample.faults.map((given) => ({ ...given, identity }))
      expect(() => encodeToken({ ...sample, faults }, contract)).toThrow(TypeError)
    }
  })

  it('survives what a copy does to it: case, blanks, line breaks, quotes', () => {
    const broken = `${word.slice(0, 17)}\n   ${word.slice(17)}`
    for (const copy of [word.toUpperCase(), ` ${word}\r\n`, `'${word}'`, `"${word}",`, broken]) {
      expect(decodeToken(copy)).toEqual(decodeToken(word))
    }
  })

  it('is refused when any one character is changed, removed or added', () => {
    const letters = '0123456789abcdefghjkmnpqrstvwxyz'
    for (let at = 4; at < word.length; at += 1) {
      expect(codeOf(word.slice(0, at) + word.slice(at + 1))).toBe('check')
      for (const letter of letters) {
        if (letter !== word[at]) expect(codeOf(word.slice(0, at) + letter + word.slice(at + 1))).toBe('check')
      }
    }
    expect(codeOf(`${word}x`)).toBe('check')
    expect(codeOf(`${word}u`)).toBe('check')
  })

  it('tells a word of another version from one that is no token', () => {
    expect(codeOf(word.replace('pc1', 'pc2'))).toBe('version')
    expect(codeOf('latest')).toBe('malformed')
    expect(codeOf('')).toBe('malformed')
  })

  it('is bound to one contract', () => {
    const content = decodeToken(word)
    expect(() => bindToken(content, { contractHash: '00000000', parameters: { iterations: 60 } })).toThrow(
      /core20.*0badcafe/,
    )
    const other = decodeToken(encodeToken(sample, { contractHash: '0badcafe', defaults: {} }))
    expect(() => bindToken(other, { contractHash: '0badcafe', parameters: { rows: 1 } })).toThrow(
      /'iterations'.*valid: rows/,
    )
  })

  it('never throws anything but a TokenError, whatever it is given', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => codeOf(text) !== 'not a TokenError'))
    fc.assert(fc.property(fc.string(), (text) => codeOf(`pc1-${text}`) === 'check'))
  })
})
