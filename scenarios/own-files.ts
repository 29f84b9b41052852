// scenarios/own-files.ts: directories and files that a scenario itself makes: copies of a database, samples.
//
// 1. Interrupted calls are made again, short ones gone on with, a bounded number of times; other refusals are thrown.
// 2. What was written is synced: a device that lost it has said so.
// 3. Every attempt of a step works in a directory of its own, for what an earlier one left cannot be taken away.

import { IoError, type FileHandle } from '../engine/index.ts'
import type { World } from './contract.ts'

const TRIES_MAX = 16

/** Makes the first directory of `name-1`, `name-2`, … that is not there, durably, and gives its path. */
export function freshDirectory({ fileSystem, directory }: World, name: string): string {
  const taken = new Set(patiently(() => fileSystem.list(directory)))
  let number = 1
  while (taken.has(`${name}-${number}`)) number += 1
  const path = `${directory}/${name}-${number}`
  patiently(() => fileSystem.makeDirectory(path))
  patiently(() => fileSystem.syncDirectory(directory))
  return path
}

/** A new file with those bytes, synced. */
export function writeFile({ fileSystem }: World, path: string, bytes: Uint8Array): void {
  closing(
    patiently(() => fileSystem.create(path)),
    (file) => {
      for (let done = 0, idle = 0; done < bytes.length;) {
        const from = done
        done += patiently(() => file.append(bytes, from, bytes.length - from))
        idle = done === from ? idle + 1 : 0
        if (idle > TRIES_MAX) throw new IoError('EIO', 'append', path)
      }
      patiently(() => file.sync())
    },
  )
}

/**
 * Makes a directory durable with all that is in it: what a database leaves to the system (its lock files) as well, so that a
 * crash long after has fewer states to leave it in.
 */
export function makeDurable(world: World, directory: string): void {
  const { fileSystem } = world
  for (const name of patiently(() => fileSystem.list(directory))) {
    const path = `${directory}/${name}`
    if (patiently(() => fileSystem.stat(path))?.kind === 'directory') makeDurable(world, path)
    else
      closing(
        patiently(() => fileSystem.open(path, 'append')),
        (file) => patiently(() => file.sync()),
      )
  }
  patiently(() => fileSystem.syncDirectory(directory))
}

/** Copies the files of a directory, as they are now, into one that exists and is empty. */
export function copyFiles(world: World, from: string, to: string): void {
  for (const name of patiently(() => world.fileSystem.list(from)))
    writeFile(world, `${to}/${name}`, readFile(world, `${from}/${name}`))
}

function readFile({ fileSystem }: World, path: string): Uint8Array {
  return closing(
    patiently(() => fileSystem.open(path, 'read')),
    (file) => {
      const bytes = new Uint8Array(patiently(() => file.sizeBytes()))
      for (let done = 0; done < bytes.length;) {
        const at = done
        const read = patiently(() => file.read(bytes, at, bytes.length - at, at))
        if (read === 0) throw new IoError('EIO', 'read', path, at)
        done += read
      }
      return bytes
    },
  )
}

function closing<R>(file: FileHandle, work: (file: FileHandle) => R): R {
  let result: R
  try {
    result = work(file)
  } catch (error) {
    try {
      file.close()
    } catch {
      // the first error is the one to tell
    }
    throw error
  }
  file.close()
  return result
}

function patiently<R>(call: () => R): R {
  for (let tries = 1; ; tries += 1) {
    try {
      return call()
    } catch (error) {
      const isInterruption = error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN')
      if (!isInterruption || tries >= TRIES_MAX) throw error
    }
  }
}
