// test/engine/lock/contender.ts: a process that takes a lock on the real file system when it is told to. Each line on
// standard input is a command: `acquire DIRECTORY`, or `release`; each gets one line as its answer.

import { createInterface } from 'node:readline'
import { nodeFileSystem, systemProcesses, systemRandom } from '../../../engine/adapters/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import { acquireLock, type Lock } from '../../../engine/lock/index.ts'
import { createAllocator, systemChunks } from '../../../engine/memory/index.ts'

let lock: Lock | undefined

function answer(command: string): string {
  const [verb, directory] = command.split(' ')
  if (verb === 'release') {
    lock?.checkStillOwner()
    const error = lock?.release()
    lock = undefined
    return error === undefined ? 'released' : error.message
  }
  try {
    lock = acquireLock({
      fileSystem: nodeFileSystem(),
      processes: systemProcesses(),
      random: systemRandom(),
      allocator: createAllocator({ algorithm: 'segregated-fit', memory: systemChunks({ chunkBytes: 4096 }) }),
      directory: directory ?? '',
    })
    return `owner of ${lock.number}`
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error)
  }
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${answer(line)}\n`)
