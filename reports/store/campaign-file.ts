// reports/store/campaign-file.ts: campaign.json, written in one step and checked when it is read.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { FORMAT_VERSION, campaignSchema, type Campaign } from '../format/index.ts'
import { ReportError } from '../report-error.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { io } from './line-file.ts'

export const CAMPAIGN_FILE = 'campaign.json'
const PROBLEMS_MAX = 5

/** Replaces campaign.json. Throws ReportError 'io'. */
export function writeCampaign(directory: string, campaign: Campaign): void {
  writeFileAtomic(join(directory, CAMPAIGN_FILE), `${JSON.stringify(campaign, undefined, 2)}\n`)
}

/**
 * Reads campaign.json. Throws ReportError 'folder-missing' if there is none, 'not-supported' if it is of a version that
 * came later, 'damaged' with the fields that are wrong.
 */
export function readCampaign(directory: string): Campaign {
  const path = join(directory, CAMPAIGN_FILE)
  if (!existsSync(path)) throw new ReportError('folder-missing', path, `${directory} holds no ${CAMPAIGN_FILE}`)
  const text = io(path, 'read', () => readFileSync(path, 'utf8'))
  const value = parseJson(path, text)
  const version = z.object({ formatVersion: z.number() }).safeParse(value)
  if (version.success && version.data.formatVersion > FORMAT_VERSION)
    throw new ReportError(
      'not-supported',
      path,
      `${path} has format version ${version.data.formatVersion}, this powercut reads up to ${FORMAT_VERSION}`,
    )
  const parsed = campaignSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ReportError('damaged', path, `${path} is no campaign (${problemsOf(parsed.error)})`, {
    cause: parsed.error,
  })
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new ReportError('damaged', path, `${path} is no JSON`, { cause: error })
  }
}

/** The first few problems, each with its place: `families.io.run: expected number`. */
function problemsOf(error: z.ZodError): string {
  const shown = error.issues
    .slice(0, PROBLEMS_MAX)
    .map(({ path, message }) => `${path.map(String).join('.') || 'top'}: ${message}`)
  const more = error.issues.length - shown.length
  return shown.join('; ') + (more > 0 ? `; ${more} more` : '')
}
