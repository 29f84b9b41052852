import { createRequire } from 'node:module'
import fs, { existsSync, readFileSync, realpathSync } from 'node:fs'
import { readFile, writeFile } from 'fs/promises'
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installNodeFront, NotModelledError } from '../../../faults/index.ts'
import { makeMachine } from './helpers.ts'

const require = createRequire(import.meta.url)

let uninstall = (): void => {}
beforeEach(() => {
  uninstall = installNodeFront()
})
afterEach(() => uninstall())

const drawn = async (): Promise<unknown> => {
  const { process, wait } = makeMachine()
  return wait(async () => {
    const start = [Date.now(), new Date().toISOString(), performance.now(), process.pid]
    const chance = [Math.random(), randomUUID(), randomBytes(8).toString('hex'), randomInt(1000), crypto.randomUUID()]
    await sleep(1500)
    await new Promise((fulfil) => setImmediate(fulfil))
    return [start, chance, Date.now(), fs.mkdtempSync('/world/t-')]
  })
}

const order = async (choose?: (count: number) => number): Promise<string[]> => {
  const { wait } = makeMachine(choose === undefined ? {} : { choose })
  const ended: string[] = []
  await wait(() =>
    Promise.all(['a', 'b', 'c'].map(async (name) => writeFile(`/world/${name}`, name).then(() => ended.push(name)))),
  )
  return ended
}

const fails = (kind: string, code: string) =>
  makeMachine({ decide: (call) => (call.kind === kind && call.index < 9 ? { kind: 'error', code } : undefined) })

describe('the front in a thread', { tags: ['NFS-03'] }, () => {
  it(
    'is met under every name of the module, and by code that took a function before',
    { tags: ['NFS-01'] },
    async () => {
      const { process, wait, calls } = makeMachine()
      const { writeFileSync } = require('fs') as typeof fs
      process.run(() => writeFileSync('/world/a', 'one'))
      expect(process.run(() => readFileSync('/world/a', 'utf8'))).toBe('one')
      await wait(() => writeFile('/world/b', 'two'))
      expect(await wait(() => readFile('/world/b', 'utf8'))).toBe('two')
      expect(await wait(() => promisify(fs.readFile)('/world/b', 'utf8'))).toBe('two')
      expect(await wait(() => promisify(fs.exists)('/world/b'))).toBe(true)
      expect(process.run(() => realpathSync.native('/world/../world/b'))).toBe('/world/b')
      expect(calls.slice(0, 3)).toEqual(['create a', 'write a', 'close a'])
    },
  )

  it('leaves everything outside of the mount, and outside of a process, to the real file system', () => {
    const { process, calls } = makeMachine()
    const own = realpathSync('package.json')
    expect(process.run(() => readFileSync(own, 'utf8'))).toBe(readFileSync(own, 'utf8'))
    process.run(() => fs.writeFileSync('/world/a', ''))
    expect(existsSync('/world/a')).toBe(false)
    expect(calls).toEqual(['create a', 'close a'])
  })

  it('waits for no real I/O: a look outside is done when the scheduler says so', async () => {
    const { wait, calls } = makeMachine()
    const text = readFileSync('package.json', 'utf8')
    expect(await wait(() => readFile('package.json', 'utf8'))).toBe(text)
    expect(await wait(() => promisify(fs.readFile)('package.json', 'utf8'))).toBe(text)
    await expect(wait(() => readFile('no such file'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(calls).toEqual([])
  })

  it('serves graceful-fs, streams included', { tags: ['NFS-01'] }, async () => {
    const { process, wait } = makeMachine()
    const graceful = process.loadModule('graceful-fs', import.meta.url) as typeof fs
    const text = await wait(async () => {
      await promisify(graceful.writeFile)('/world/a', 'grace')
      let read = ''
      for await (const chunk of graceful.createReadStream('/world/a', 'utf8')) read += String(chunk)
      return read
    })
    expect(text).toBe('grace')
  })

  it('keeps processes apart: what one left to later goes on in its own world', async () => {
    const [first, second] = [makeMachine(), makeMachine()]
    const late: Promise<void> = first.process.run(async () => {
      await undefined
      fs.writeFileSync('/world/a', 'late')
    })
    second.process.run(() => expect(existsSync('/world/a')).toBe(false))
    await late
    expect(second.process.run(() => existsSync('/world/a'))).toBe(false)
    expect(first.process.run(() => existsSync('/world/a'))).toBe(true)
  })

  it('refuses by name what has no model, and remembers it when the program does not', () => {
    const { process } = makeMachine()
    process.run(() => {
      expect(() => fs.statfsSync('/world')).toThrow(NotModelledError)
      expect(() => fs.renameSync('/world/a', '/elsewhere')).toThrow('fs.renameSync between')
      try {
        fs.openSync('/world', fs.constants.O_DIRECT)
      } catch {
        // As a program might.
      }
    })
    expect(process.takeRefusal()?.call).toBe('fs.statfs')
    expect(process.takeRefusal()).toBeUndefined()
  })

  it('takes itself out again whole', () => {
    const installed = [fs.readFileSync, Date, setTimeout, Math.random]
    uninstall()
    const real = [fs.readFileSync, Date, setTimeout, Math.random]
    for (const [index, value] of real.entries()) expect(value).not.toBe(installed[index])
    const { process } = makeMachine()
    expect(process.run(() => existsSync('/world'))).toBe(false)
  })
})

describe('the world of a process', { tags: ['NFS-03', 'DET-01'] }, () => {
  it('has the same time and chance on every run, and time passes only by what is waited for', async () => {
    const [once, twice] = [await drawn(), await drawn()]
    expect(once).toEqual(twice)
    expect(once).toMatchObject([
      [1_767_225_600_000, '2026-01-01T00:00:00.000Z', 0, 101],
      {},
      1_767_225_601_501,
      /^\/world\/t-/,
    ])
  })

  it('names timers and watchers that are kept after everything else', async () => {
    const { process } = makeMachine()
    process.run(() => {
      const unwanted = setInterval(() => {}, 50)
      setTimeout(() => {}, 70).unref()
      clearInterval(unwanted)
      setTimeout(() => {}, 90)
      fs.watch('/world')
    })
    expect(process.held()).toEqual(['a timer of 90 ms', '1 file watchers'])
  })

  it('has its own instance of a module, with its own state', () => {
    const [first, second] = [makeMachine(), makeMachine()]
    const load = ({ process }: typeof first): unknown => process.loadModule('write-file-atomic', import.meta.url)
    expect(load(first)).toBe(load(first))
    expect(load(first)).not.toBe(load(second))
  })
})

describe('asynchronous calls', { tags: ['SCH-01', 'NFS-01'] }, () => {
  it('end in the order that the scheduler chooses', async () => {
    expect(await order()).toEqual(['a', 'b', 'c'])
    expect(await order((count) => count - 1)).toEqual(['c', 'b', 'a'])
  })
})

describe('a fault under the front', { tags: ['IOF-01', 'NFS-01'] }, () => {
  it('is an error of Node with code, call and path, and interrupted calls are made again', async () => {
    expect(() => fails('create', 'ENOSPC').process.run(() => fs.writeFileSync('/world/a', 'x'))).toThrow(
      expect.objectContaining({ code: 'ENOSPC', syscall: 'open', path: '/world/a', errno: -28 }),
    )
    const { process, calls } = fails('write', 'EINTR')
    process.run(() => fs.writeFileSync('/world/a', 'x'))
    expect(calls.filter((call) => call === 'write a').length).toBeGreaterThan(1)
    expect(process.run(() => readFileSync('/world/a', 'utf8'))).toBe('x')
  })

  it('is gone on with by whole-file calls if it is a short transfer', { tags: ['IOF-02'] }, () => {
    const { process } = makeMachine({
      decide: ({ kind }) => (kind === 'write' || kind === 'read' ? { kind: 'short', bytes: 3 } : undefined),
    })
    process.run(() => {
      fs.writeFileSync('/world/a', 'a longer text')
      expect(readFileSync('/world/a', 'utf8')).toBe('a longer text')
    })
  })

  it('of a file that takes nothing at all ends with ENOSPC', () => {
    const { process } = makeMachine({
      decide: ({ kind }) => (kind === 'write' ? { kind: 'short', bytes: 0 } : undefined),
    })
    expect(() => process.run(() => fs.writeFileSync('/world/a', 'x'))).toThrow(
      expect.objectContaining({ code: 'ENOSPC' }),
    )
  })
})
