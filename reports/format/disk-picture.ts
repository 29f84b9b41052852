// reports/format/disk-picture.ts: the disk at a fault, sector by sector, as campaign.json holds it.
//
// 1. Runs of sectors in one state are one entry; files and runs are bounded, and what is left out is counted.

import { z } from 'zod'

const count = z.number().int().nonnegative()

/** What became of a sector; the words are those of the harness's disk picture. */
export const SECTOR_STATES = ['durable', 'pending', 'dropped', 'kept', 'lost', 'torn', 'filled', 'damaged'] as const

export const diskPictureSchema = z
  .object({
    sectorBytes: count,
    files: z.array(
      z.object({
        path: z.string(),
        name: z.enum(['durable', 'pending', 'kept', 'lost']),
        sizeBytes: count.describe('As the process saw it'),
        durableSizeBytes: count.describe('As a sync left it'),
        foundSizeBytes: count.optional().describe('After the crash'),
        sectors: z
          .array(z.object({ state: z.enum(SECTOR_STATES), count }))
          .describe('From sector 0, runs of one state'),
        sectorsLeftOut: count,
      }),
    ),
    filesLeftOut: count,
  })
  .describe('The disk at the fault: what was durable, what was pending, and what became of it')

export type DiskPicture = z.infer<typeof diskPictureSchema>
export type FilePicture = DiskPicture['files'][number]
export type SectorState = (typeof SECTOR_STATES)[number]
