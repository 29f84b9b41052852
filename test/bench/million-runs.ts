// test/bench/million-runs.ts: the report of a campaign of a million runs: its size, how long it takes to make, and how long
// a browser takes to open it.
//
// The records are made up by arithmetic, and go through the same totals, files and report writer as a campaign's. Two
// campaigns: one that found nothing, one in which a fifth of the runs failed, half of
// them violations, each a defect of its own.

import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CampaignTotals, RecordWriter, writeCampaign, writeReports, type RunRecord } from '../../reports/index.ts'
import { sampleInput, sampleRecord } from '../reports/sample-campaign.ts'
import type { Bench } from './bench.ts'

const RUNS = 1_000_000
const SHORT = 10
const OPENINGS = 5
const MIB = 1024 * 1024
const BROWSERS = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser']

type Made = Readonly<{ name: string; page: string; pageBytes: number; reportMs: number; rssBytes: number }>

export const millionRuns: Bench = {
  name: 'million-runs',
  summary:
    'the report of a million runs, and of a hundred thousand defects: size, time to make, time to open (minutes)',
  onDemand: true,
  async run({ directory, short }) {
    const runs = short ? RUNS / SHORT : RUNS
    const made = [make(directory, 'nothing found', runs, 0), make(directory, 'a fifth failed', runs, 5)]
    const browser = BROWSERS.find((path) => path !== '' && existsSync(path))
    const opened = browser === undefined ? [] : await openings(browser, made)
    return {
      tables: [
        {
          title: `${runs.toLocaleString('en-US')} runs`,
          rows: [
            ['', 'page MB', 'report made in s', 'resident MiB'],
            ...made.map(({ name, pageBytes, reportMs, rssBytes }) => [
              name,
              pageBytes / 1e6,
              reportMs / 1000,
              rssBytes / MIB,
            ]),
          ],
        },
        {
          title: browser === undefined ? "no browser: install Debian's chromium" : `opened by ${browser}, ms`,
          rows: [['', 'least', 'median', 'most'], ...opened],
        },
      ],
      figures: [
        {
          name: 'largest page',
          value: Math.max(...made.map(({ pageBytes }) => pageBytes)) / 1e6,
          unit: 'MB',
          goal: { kind: 'at most', value: 5 },
        },
        ...opened.map(([name, , , most]) => ({
          name: `opened, ${name}, the slowest`,
          value: most / 1000,
          unit: 's',
          goal: { kind: 'at most', value: 3 } as const,
        })),
      ],
    }
  },
}

function make(directory: string, name: string, runs: number, badEvery: number): Made {
  const options = { scenario: 'made-up', runs, badEvery }
  const folder = join(directory, name.replaceAll(' ', '-'))
  mkdirSync(folder)
  const totals = new CampaignTotals()
  using writer = RecordWriter.create(folder)
  for (let order = 0; order < runs; order += 1) {
    const record = withOwnFingerprint(sampleRecord(order, options))
    writer.append(record)
    totals.add(record)
  }
  writer.close()
  writeCampaign(folder, totals.result(sampleInput(options)))
  const startMs = performance.now()
  writeReports(folder, ['html'])
  const page = join(folder, 'report.html')
  return {
    name,
    page,
    pageBytes: statSync(page).size,
    reportMs: performance.now() - startMs,
    rssBytes: process.memoryUsage.rss(),
  }
}

/** Every violation is a defect of its own: the most that a report can be asked for. */
function withOwnFingerprint(record: RunRecord): RunRecord {
  return record.fingerprint === undefined ? record : { ...record, fingerprint: `${record.fingerprint}-${record.order}` }
}

/** From the address to the first frame that is drawn with everything loaded, in a page of its own each time. */
async function openings(
  browserPath: string,
  made: readonly Made[],
): Promise<(readonly [string, number, number, number])[]> {
  // Loaded here and not with the other benchmarks: it has graceful-fs in it, after which no front can be put in.
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  try {
    const rows: (readonly [string, number, number, number])[] = []
    for (const { name, page: path } of made) {
      const times: number[] = []
      for (let opening = 0; opening < OPENINGS; opening += 1) {
        const page = await browser.newPage()
        const startMs = performance.now()
        await page.goto(pathToFileURL(path).href)
        await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
        times.push(performance.now() - startMs)
        await page.close()
      }
      times.sort((left, right) => left - right)
      rows.push([name, times[0] ?? 0, times[OPENINGS >> 1] ?? 0, times.at(-1) ?? 0])
    }
    return rows
  } finally {
    await browser.close()
  }
}
