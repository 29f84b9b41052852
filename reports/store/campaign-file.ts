// reports/store/campaign-file.ts: campaign.json, written in one step and checked when it is read.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { FORMAT_VERSION, campaignSchema, type Campaign } from '../format/index.ts'
import { ReportError } from '../report-error.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { jsonProblem, problemsOf } from './json-problems.ts'
import { io } from './line-file.ts'

/** Beside it: the campaign's records. */
export const RECORDS_FILE = 'runs.ndjson'
export const CAMPAIGN_FILE = 'campaign.json'

/** Replaces campaign.json. Throws ReportError 'io'. */
export function writeCampaign(directory: string, campaign: Campaign): void {
  writeFileAtomic(join(directory, CAMPAIGN_FILE), `${JSON.stringify(campaign, undefined, 2)}\n`)
}

/**
 * Reads campaign.json. Throws ReportError 'folder-missing' if there is none, 'unfinished' if
 * only records are there, 'not-supported' if it is of a version that
 * came later, 'damaged' with the fields that are wrong.
 */
export function readCampaign(directory: string): Campaign {
  const path = join(directory, CAMPAIGN_FILE)
  if (!existsSync(path)) throw withoutCampaign(directory, path)
  return readChecked(path, campaignSchema, { what: 'campaign', version: FORMAT_VERSION })
}

/**
 * Reads a JSON file that has a `formatVersion`. Throws ReportError 'io', 'not-supported' if it is of a version above
 * `version`, 'damaged' with the fields that are wrong.
 */
export function readChecked<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  { what, version }: Readonly<{ what: string; version: number }>,
): z.infer<Schema> {
  const text = io(path, 'read', () => readFileSync(path, 'utf8'))
  const value = parseJson(path, text)
  const found = z.object({ formatVersion: z.number() }).safeParse(value)
  if (found.success && found.data.formatVersion > version)
    throw new ReportError(
      'not-supported',
      path,
      `${path} has format version ${found.data.formatVersion}, this powercut reads up to ${version}`,
    )
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ReportError('damaged', path, `${path} is no ${what} (${problemsOf(parsed.error)})`, { cause: parsed.error })
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const { line, reason } = jsonProblem(text, error)
    throw new ReportError('damaged', path, `${path} is no JSON, from line ${line} on (${reason})`, {
      line,
      cause: error,
    })
  }
}

/** A campaign that was killed has its records and no result. */
function withoutCampaign(directory: string, path: string): ReportError {
  return existsSync(join(directory, RECORDS_FILE))
    ? new ReportError('unfinished', path, `${directory} holds ${RECORDS_FILE} and no ${CAMPAIGN_FILE}`)
    : new ReportError('folder-missing', path, `${directory} holds no ${CAMPAIGN_FILE}`)
}
