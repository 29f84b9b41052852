// reports/store/shard-store.ts: shard.json, written in one step and checked when it is read.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { FORMAT_VERSION, shardSchema, type ShardFile } from '../format/index.ts'
import { ReportError } from '../report-error.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { jsonProblem, problemsOf } from './json-problems.ts'
import { io } from './line-file.ts'

export const SHARD_FILE = 'shard.json'

/** Replaces shard.json. Throws ReportError 'io'. */
export function writeShard(directory: string, shard: ShardFile): void {
  writeFileAtomic(join(directory, SHARD_FILE), `${JSON.stringify(shard)}\n`)
}

/**
 * Reads shard.json. Throws ReportError 'no-shard' if there is none, 'not-supported' if it is of another version, 'damaged'
 * with the fields that are wrong.
 */
export function readShard(directory: string): ShardFile {
  const path = join(directory, SHARD_FILE)
  if (!existsSync(path)) throw new ReportError('no-shard', path, `${directory} holds no ${SHARD_FILE}`)
  const text = io(path, 'read', () => readFileSync(path, 'utf8'))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const { line, reason } = jsonProblem(text, cause)
    throw new ReportError('damaged', path, `${path} is no JSON, from line ${line} on (${reason})`, { line, cause })
  }
  const version = z.object({ formatVersion: z.number() }).safeParse(value)
  if (version.success && version.data.formatVersion !== FORMAT_VERSION)
    throw new ReportError(
      'not-supported',
      path,
      `${path} has format version ${version.data.formatVersion}, this powercut reads ${FORMAT_VERSION}`,
    )
  const parsed = shardSchema.safeParse(value)
  if (parsed.success) return parsed.data as unknown as ShardFile
  throw new ReportError('damaged', path, `${path} is no shard (${problemsOf(parsed.error)})`, { cause: parsed.error })
}
