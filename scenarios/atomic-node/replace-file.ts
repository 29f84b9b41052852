// scenarios/atomic-node/replace-file.ts: replaces a file over `node:fs`, so that after any crash it is the old or the new.
//
//   write beside ─▶ sync ─▶ close ─▶ rename over ─▶ sync the directory
//
// As the npm package write-file-atomic does, with the three things that its own scenario shows it to leave out: a short
// write goes on where it ended, the directory is synced, and a failure of that is told apart.
//
// 1. What is acknowledged survives: the bytes are durable before the name, and the name before the return.
// 2. A call that fails has left the old content. Only if the directory's sync fails is the new content there, and nobody
//    knows whether it stays: OutcomeUnknownError.

import { OutcomeUnknownError } from '../atomic-file/index.ts'
import type { NodeCalls, OpenedFile } from './node-calls.ts'

/** Where a file is, where its new content is written first, and what that is. */
export type Replacement = Readonly<{ directory: string; target: string; beside: string; content: Uint8Array }>

/** How a file is replaced: ours, or somebody's. */
export type ReplaceFile = (calls: NodeCalls, replacement: Replacement) => Promise<void>

const IDLE_MAX = 100

export const replaceFile: ReplaceFile = async (calls, { directory, target, beside, content }) => {
  try {
    await withFile(calls, beside, 'wx', async (file) => {
      await writeWhole(file, content)
      await file.sync()
    })
    await calls.rename(beside, target)
  } catch (error) {
    await quietly(calls.unlink(beside))
    throw error
  }
  await syncDirectory(calls, directory)
}

/** Fails with OutcomeUnknownError. */
export async function syncDirectory(calls: NodeCalls, directory: string): Promise<void> {
  try {
    await withFile(calls, directory, 'r', (file) => file.sync())
  } catch (cause) {
    throw new OutcomeUnknownError(`names in ${directory} may not be durable`, { cause })
  }
}

/** Opens, works, and closes whatever happens; the first failure is the one that is told. */
export async function withFile(
  calls: NodeCalls,
  path: string,
  flags: Parameters<NodeCalls['open']>[1],
  work: (file: OpenedFile) => Promise<void>,
): Promise<void> {
  const file = await calls.open(path, flags)
  try {
    await work(file)
  } catch (error) {
    await quietly(file.close())
    throw error
  }
  await file.close()
}

export async function writeWhole(file: OpenedFile, content: Uint8Array): Promise<void> {
  let idle = 0
  for (let done = 0; done < content.length;) {
    const written = await file.write(content, done)
    idle = written === 0 ? idle + 1 : 0
    if (idle > IDLE_MAX) throw Object.assign(new Error('EIO: the file takes nothing'), { code: 'EIO' })
    done += written
  }
}

export async function quietly(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch {
    // The failure that led here is the one that is told.
  }
}
