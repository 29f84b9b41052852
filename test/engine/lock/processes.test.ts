// Real processes on a real directory.

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('contender.ts', import.meta.url))

class Contender {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  constructor() {
    this.#child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ask(command: string): Promise<string> {
    this.#child.stdin.write(`${command}\n`)
    return String((await this.#lines.next()).value)
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await ended
  }
}

describe('processes that contend for a directory', { tags: ['LCK-01'] }, () => {
  let directory = ''
  const contenders: Contender[] = []

  const start = (): Contender => {
    const contender = new Contender()
    contenders.push(contender)
    return contender
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'powercut-lock-'))
  })
  afterEach(async () => {
    await Promise.all(contenders.splice(0).map((contender) => contender.kill()))
    rmSync(directory, { recursive: true, force: true })
  })

  it('have exactly one owner each time, in 200 rounds, and leave one file', async () => {
    const racers = [start(), start()]
    const winners = new Set<number>()
    for (let round = 1; round <= 200; round += 1) {
      const answers = await Promise.all(racers.map((racer) => racer.ask(`acquire ${directory}`)))
      const owners = answers.filter((answer) => answer.startsWith('owner of '))
      expect([...answers].toSorted()).toEqual(['E_LOCKED', `owner of ${round}`])
      expect(owners).toHaveLength(1)
      const winner = answers.findIndex((answer) => answer.startsWith('owner of '))
      winners.add(winner)
      expect(await racers[winner]?.ask('release')).toBe('released')
    }
    expect(winners.size).toBeGreaterThan(0)
    expect(readdirSync(directory)).toEqual(['lock.200'])
  })

  it('take over at once from an owner that was killed', { tags: ['LCK-02'] }, async () => {
    const heir = start()
    const owner = start()
    expect(await owner.ask(`acquire ${directory}`)).toBe('owner of 1')
    expect(await heir.ask(`acquire ${directory}`)).toBe('E_LOCKED')
    await owner.kill()
    expect(await heir.ask(`acquire ${directory}`)).toBe('owner of 2')
    expect(readdirSync(directory)).toEqual(['lock.2'])
  })
})
