// `powercut replay` over a core without a store: what it prints, how it ends, and how a debugger gets in.
import { describe, expect, it } from 'vitest'
import { encodeToken, type FaultPlan } from '../../../harness/plan/index.ts'
import { InspectorClient } from '../fixtures/inspector-client.ts'
import { run, scratch, start } from '../fixtures/command.ts'

const parameters = { units: 4, plans: 25, failEvery: 0 }
const plan = (point: number, set: Readonly<Record<string, number>> = {}): FaultPlan => ({
  subject: {
    scenario: 'bank',
    parameters: { ...parameters, ...set },
    seed: 5,
    model: 'posix-minimal',
    sectorBytes: 512,
  },
  form: 'linear',
  faults: [{ kind: 'io', mode: 'once', point, code: 'EIO' }],
})
const token = (given: FaultPlan, contractHash = '0badcafe') =>
  encodeToken(given, { contractHash, defaults: parameters })

describe('powercut replay', { tags: ['TOK-02'] }, () => {
  it('prints what was delivered and exits 0 when the run passes', { tags: ['CLI-01'] }, async () => {
    const { code, stdout } = await run(['replay', token(plan(7)), '--json'], scratch())
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'passed', delivered: 1, traceHash: 'trace-io-7', oracle: null })
  })

  it(
    'prints the trace with call sites and the stack, and exits 1 when an oracle complains',
    { tags: ['QA-15', 'QA-17', 'QA-19'] },
    async () => {
      const { code, stdout } = await run(['replay', token(plan(7, { failEvery: 7 })), '--trace'], scratch())
      expect(code).toBe(1)
      expect(stdout).toMatch(/> +2 +step 0 +append +p1 48 bytes +commit \(pack\.ts\)/)
      expect(stdout).toMatch(/at commit \(pack\.ts:1:1\)/)
      expect(stdout).toMatch(/no-leak: a block is left/)
    },
  )

  it('says when the point has moved', async () => {
    const sentence = 'Point 11 is open now; the recorded one is point 12.'
    expect((await run(['replay', token(plan(11))], scratch())).stdout).toContain(`The point moved. ${sentence}\n`)
    const { stdout } = await run(['replay', token(plan(11)), '--json'], scratch())
    expect(JSON.parse(stdout)).toMatchObject({ moved: sentence, outcome: 'passed' })
  })

  it('exits 3 when the point is no longer there', { tags: ['CLI-01'] }, async () => {
    const { code, stdout } = await run(['replay', token(plan(5000))], scratch())
    expect(code).toBe(3)
    expect(stdout).toMatch(/not reached/)
  })

  it(
    'tells a damaged token, another version and another contract apart, and exits 2',
    { tags: ['TOK-01', 'CLI-01'] },
    async () => {
      const good = token(plan(7))
      const wrong = [
        [`${good}x`, /check characters/],
        [good.replace('pc1', 'pc9'), /version 9/],
        ['none', /no replay token/],
        [token(plan(7), '00000000'), /another contract of scenario 'bank'/],
        [token(plan(7, { gone: 1 })), /no parameter 'gone'/],
      ] as const
      for (const [word, sentence] of wrong) {
        const { code, stderr } = await run(['replay', word], scratch())
        expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)])
      }
    },
  )

  it(
    'waits for a debugger with --inspect, and stops it at the fault with its locals',
    { tags: ['TOK-04', 'QA-20'] },
    async () => {
      const { child, ended } = start(['replay', token(plan(7)), '--inspect'], scratch())
      const client = await InspectorClient.of(child, ended)
      await client.call('Runtime.enable')
      await client.call('Debugger.enable')
      await client.call('Runtime.runIfWaitingForDebugger')
      const paused = (await client.event('Debugger.paused')) as {
        callFrames: readonly { functionName: string; callFrameId: string }[]
      }
      const [frame] = paused.callFrames
      expect(frame?.functionName).toBe('replay')
      const expression = 'JSON.stringify(locals)'
      const value = await client.call('Debugger.evaluateOnCallFrame', { callFrameId: frame?.callFrameId, expression })
      expect(value).toMatchObject({ result: { value: '{"point":7}' } })
      await client.call('Debugger.resume')
      client.close()
      expect((await ended).code).toBe(0)
    },
  )
})
