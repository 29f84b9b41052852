// harness/host/new-files.ts: files that a command makes in the user's project, all of them or none.
//
// 1. Nothing that exists is overwritten, also if it comes between the look and the write.
// 2. What was written before a later file fails is taken back.

import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../campaign/index.ts'

/** A file to be made, its path relative to the working directory. */
export type NewFile = Readonly<{ path: string; text: string }>

/** Writes all of them. Throws UsageError that names the first which exists, and has written nothing then. */
export function writeNewFiles(files: readonly NewFile[]): void {
  for (const { path } of files) if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw taken(path)
  const written: string[] = []
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text, { flag: 'wx' })
      written.push(path)
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true })
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw taken(files[written.length]?.path ?? '')
    }
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${files[written.length]?.path ?? ''} can't be written: ${reason}`)
  }
}

/** Whether a module in the working directory finds this package under its name. */
export function isInstalledHere(): boolean {
  try {
    createRequire(resolve('scenario.js')).resolve('powercut/package.json')
    return true
  } catch {
    return false
  }
}

function taken(path: string): UsageError {
  return new UsageError(`There is ${path} already, and it is not overwritten: move it away, or work in another folder.`)
}
