// test/harness/cli/replay-inspect.test.ts: a debugger at a fault in the real engine, over the inspector protocol.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run, scratch, start } from '../fixtures/command.ts'
import { InspectorClient } from '../fixtures/inspector-client.ts'

const POWERCUT = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))

type Frame = Readonly<{
  functionName: string
  scopeChain: readonly Readonly<{ type: string; object: Readonly<{ objectId: string }> }>[]
}>

describe('replay --inspect of a fault in the engine', { tags: ['TOK-04', 'QA-20', 'QA-15'] }, () => {
  it('stops inside the call that is about to fail, with the engine on the stack and its locals at hand', async () => {
    const cwd = scratch()
    const words = ['run', 'lazy-log', '--faults', 'allocation', '--mode', 'once', '--at', '40', '--out', 'result']
    expect((await run(words, cwd, POWERCUT)).code).toBe(0)
    const [line = ''] = readFileSync(join(cwd, 'result', 'runs.ndjson'), 'utf8').split('\n')
    const { token } = JSON.parse(line) as { token: string }

    const { child, ended } = start(['replay', token, '--inspect'], cwd, { entry: POWERCUT })
    const client = await InspectorClient.of(child, ended)
    await client.call('Runtime.enable')
    await client.call('Debugger.enable')
    await client.call('Runtime.runIfWaitingForDebugger')
    const { callFrames } = (await client.event('Debugger.paused')) as { callFrames: readonly Frame[] }

    // The allocator's wrapper called from the overlay of an update, called from the step.
    const names = callFrames.map(({ functionName }) => functionName)
    expect(names).toEqual(expect.arrayContaining(['allocate', 'commit', 'update', 'step']))
    const engine = callFrames[names.lastIndexOf('allocate') + 1]
    expect(engine?.functionName).toBe('#newBlock')
    const local = engine?.scopeChain.find(({ type }) => type === 'local')
    const { result } = (await client.call('Runtime.getProperties', { objectId: local?.object.objectId })) as {
      result: readonly Readonly<{ name: string }>[]
    }
    expect(result.map(({ name }) => name)).toEqual(expect.arrayContaining(['level', 'slots', 'capacity']))

    await client.call('Debugger.resume')
    client.close()
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/delivered/i)
  })
})
