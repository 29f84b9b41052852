// test/browser/report.test.ts: report.html as a reader has it, in a real browser. The script is bundled anew, so that what
// is tested is what is written. Screenshots are left in test/browser/screenshots, to be looked at.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { htmlReport, type Campaign } from '../../reports/index.ts'
import type { Measured } from '../../reports/html/index.ts'
import { sampleInput, sampleRecord } from '../reports/sample-campaign.ts'
import { sampleEvidence } from '../reports/sample-evidence.ts'
import { sampleTotals } from '../reports/sample-folder.ts'
import { sampleMeasured } from '../reports/sample-measured.ts'
import { CHROMIUM, launch, NO_CHROMIUM } from './chromium.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const SCREENSHOTS = join(import.meta.dirname, 'screenshots')
const TABS = [
  'overview',
  'violations',
  'crash-points',
  'call-sites',
  'recovery',
  'coverage',
  'mcdc',
  'fault-coverage',
  'trace',
  'not-run',
  'details',
]
const HOSTILE = `"><img src=x onerror="window.ran = 1"><script>window.ran = 1</script>\n' onclick='window.ran = 1\u2028`
const PAGE_BYTES_MAX = 5_000_000

/** In `npm test` a machine without a browser skips these tests; asked for by name, they fail there. */
const ASKED_FOR = process.env['npm_lifecycle_event'] === 'test:browser'

let folder = ''
let script = ''
let browser: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  if (CHROMIUM === undefined) return
  folder = mkdtempSync(join(tmpdir(), 'powercut-browser-'))
  mkdirSync(SCREENSHOTS, { recursive: true })
  const outDir = join(folder, 'app')
  await build({ configFile: join(PROJECT, 'reports/ui/vite.config.ts'), build: { outDir } })
  script = readFileSync(join(outDir, 'report-app.js'), 'utf8')
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' })
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(`request: ${request.url()}`)
  })
})

afterAll(async () => {
  if (CHROMIUM === undefined) return
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach((context) => {
  if (CHROMIUM !== undefined) return
  if (ASKED_FOR) throw new Error(NO_CHROMIUM)
  context.skip(NO_CHROMIUM)
})

function campaignOf(runs: number, badEvery: number): Campaign {
  const options = { scenario: 'core20', runs, badEvery }
  const campaign = sampleTotals(options).result(sampleInput(options))
  return { ...campaign, violations: campaign.violations.map((row) => ({ ...row, evidence: sampleEvidence })) }
}

/** Writes the page, and gives its address. */
function written(name: string, campaign: Campaign, measured?: Measured): string {
  const records = Array.from({ length: 20 }, (_, order) =>
    sampleRecord(order, { scenario: 'core20', runs: 400, badEvery: 7 }),
  )
  const path = join(folder, `${name}.html`)
  writeFileSync(
    path,
    htmlReport(campaign, { records, total: 57 }, { script, ...(measured === undefined ? {} : { measured }) }),
  )
  return pathToFileURL(path).href
}

async function opened(name: string, campaign: Campaign, hash = '', measured?: Measured): Promise<string> {
  const address = written(name, campaign, measured)
  await page.goto('about:blank')
  complaints.length = 0
  await page.goto(`${address}${hash}`)
  return address
}

const visible = (selector: string): Promise<number> => page.locator(`${selector}:visible`).count()

describe('report.html in a browser', { tags: ['RES-06'] }, () => {
  it('opens every tab, draws every chart, and complains of nothing, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await opened('tabs', campaignOf(2000, 7), '', sampleMeasured())
      for (const [at, tab] of TABS.entries()) {
        await page.locator(`nav.tabs a[href="#${tab}"]`).click()
        expect(await visible('[data-tab]')).toBeGreaterThan(0)
        expect(await visible(`[data-tab]:not([data-tab="${tab}"])`)).toBe(0)
        const charts = await visible('figure[data-chart]')
        expect(await visible('figure[data-chart] canvas')).toBe(charts)
        await page.screenshot({ path: join(SCREENSHOTS, `${at + 1}-${tab}-${colorScheme}.png`), fullPage: true })
      }
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
      expect(background).toBe(colorScheme === 'light' ? 'rgb(251, 251, 250)' : 'rgb(20, 23, 26)')
      expect(complaints).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
  })

  it('finds violations by words and by what they are, says so in the address, and follows such an address', async () => {
    const address = await opened('filters', campaignOf(2000, 7), '#violations')
    const all = await visible('article[data-finding]')
    await page.getByLabel('Search violations').fill('leak')
    await expect.poll(() => visible('article[data-finding]')).toBeLessThan(all)
    const found = await visible('article[data-finding]')
    expect(found).toBeGreaterThan(0)
    expect(page.url()).toBe(`${address}#violations?q=leak`)
    await page.reload()
    await expect.poll(() => visible('article[data-finding]')).toBe(found)
    await page.getByRole('button', { name: 'Clear' }).click()
    await expect.poll(() => visible('article[data-finding]')).toBe(all)
    await page.getByLabel('oracle').selectOption('model')
    await expect.poll(() => visible('article[data-finding]')).toBeLessThan(all)
    expect(await visible('article[data-finding][data-oracle="model"]')).toBe(await visible('article[data-finding]'))
    await page.getByLabel('Search violations').fill('nothing says this')
    await expect.poll(() => visible('article[data-finding]')).toBe(0)
    await page.locator('nav.tabs a[href="#call-sites"]').click()
    await page.getByLabel('Search call sites').fill('cursor.open')
    await expect.poll(() => visible('[data-row]:not(:has-text("Cursor.open"))')).toBe(0)
    expect(await visible('[data-row]')).toBeGreaterThan(0)
    expect(complaints).toEqual([])
  })

  it('says which command makes what was not measured, and finds requirements by their words', async () => {
    await opened('unmeasured', campaignOf(400, 7), '#mcdc')
    for (const [tab, command] of [
      ['mcdc', 'powercut mcdc'],
      ['fault-coverage', 'powercut fault-coverage'],
      ['trace', 'powercut trace'],
      ['coverage', '--with coverage/lcov.info'],
    ] as const) {
      await page.locator(`nav.tabs a[href="#${tab}"]`).click()
      expect(await visible(`[data-tab="${tab}"] .empty:has-text("${command}")`)).toBe(1)
    }
    await opened('measured', campaignOf(400, 7), '#trace', sampleMeasured())
    expect(await visible('[data-tab="trace"] [data-row]')).toBe(2)
    await page.getByLabel('Search requirements').fill('A-2')
    await expect.poll(() => visible('[data-tab="trace"] [data-row]')).toBe(1)
    await page.keyboard.press('Escape')
    await page.locator('nav.tabs a[href="#fault-coverage"]').focus()
    await page.keyboard.press('0')
    expect(await visible('#not-run')).toBe(1)
    expect(complaints).toEqual([])
  })

  it('opens at a violation that a link names, with its disk and its events', async () => {
    const address = await opened('links', campaignOf(2000, 7), '#violations')
    const anchors = await page.locator('article[data-finding]').evaluateAll((cards) => cards.map(({ id }) => id))
    const anchor = anchors[3] ?? ''
    await page.goto('about:blank')
    await page.goto(`${address}#${anchor}`)
    await page.waitForFunction(`document.activeElement?.id === '${anchor}'`)
    expect(await visible(`#${anchor} .sector-torn`)).toBeGreaterThan(0)
    expect(await visible(`#${anchor} tr.fault`)).toBe(1)
    await page.locator(`#${anchor}`).screenshot({ path: join(SCREENSHOTS, 'violation.png') })
    expect(complaints).toEqual([])
  })

  it('is used by the keyboard alone: tabs, search, from violation to violation, the chart, light and dark', async () => {
    await opened('keys', campaignOf(2000, 7))
    await page.keyboard.press('2')
    expect(await visible('#violations')).toBe(1)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const second = await page.locator('article[data-finding]').nth(1).getAttribute('id')
    expect(await page.evaluate('document.activeElement.id')).toBe(second)
    await page.keyboard.press('/')
    await page.keyboard.type('model')
    const everyone = await page.locator('article[data-finding]').count()
    await expect.poll(() => visible('article[data-finding]')).toBeLessThan(everyone)
    await page.keyboard.press('Escape')
    await expect.poll(() => visible('article[data-finding]')).toBe(everyone)
    await page.keyboard.press('3')
    await page.locator('figure[data-chart] .live').first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction(`/^Points? /.test(document.querySelector('.readout.on')?.textContent ?? '')`)
    await page.keyboard.press('t')
    await page.keyboard.press('t')
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await page.keyboard.press('t')
    await page.keyboard.press('?')
    expect(await visible('dialog.keys')).toBe(1)
    await page.keyboard.press('Escape')
    await page.locator('nav.tabs a[aria-selected="true"]').focus()
    await page.keyboard.press('ArrowRight')
    expect(await visible('#call-sites')).toBe(1)
    expect(complaints).toEqual([])
  })

  it('copies a command', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await opened('copy', campaignOf(400, 7), '#violations')
    const button = page.locator('button[data-copy]').first()
    await button.click()
    await page.waitForFunction(`/Copied|Selected/.test(document.querySelector('button[data-copy]').textContent)`)
    expect(await button.getAttribute('data-copy')).toMatch(/^npx powercut replay /)
  })

  it('prints all of its parts, unfolded, on white', async () => {
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    await opened('print', campaignOf(2000, 7))
    for (const id of ['totals', ...TABS]) expect(await visible(`#${id}`)).toBe(1)
    expect(await visible('button')).toBe(0)
    expect(await visible('.live')).toBe(0)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-')
    await page.screenshot({ path: join(SCREENSHOTS, 'print.png') })
    await page.emulateMedia({ colorScheme: 'light', media: 'screen' })
    expect(complaints).toEqual([])
  })

  it('is read without its script: verdict, violations and tables', async () => {
    const address = written('still', campaignOf(2000, 7))
    await using context = await browser.newContext({ javaScriptEnabled: false })
    const still = await context.newPage()
    await still.goto(address)
    for (const id of ['totals', ...TABS]) expect(await still.locator(`#${id}:visible`).count()).toBe(1)
    expect(await still.locator('article[data-finding]:visible').count()).toBeGreaterThan(3)
  })

  it('runs nothing that a name holds', async () => {
    const campaign = campaignOf(2000, 7)
    const hostile = campaign.violations.map((row, at) => ({
      ...row,
      oracle: HOSTILE,
      family: HOSTILE,
      scenario: HOSTILE,
      message: HOSTILE,
      phase: HOSTILE,
      fault: HOSTILE,
      site: HOSTILE,
      token: HOSTILE,
      fingerprint: `${HOSTILE}${at}`,
      evidence: { ...sampleEvidence, compared: { expected: HOSTILE, found: HOSTILE } },
    }))
    const scenarios = campaign.scenarios.map((scenario) => ({
      ...scenario,
      name: HOSTILE,
      callSites: scenario.callSites.map((site) => ({ ...site, site: HOSTILE })),
      timeLines: scenario.timeLines.map((line) => ({
        form: HOSTILE,
        buckets: line.buckets.map((bucket) => ({ ...bucket, phase: HOSTILE })),
      })),
    }))
    const whole = { ...campaign, scenario: HOSTILE, commandLine: HOSTILE, scenarios, violations: hostile }
    await opened('hostile', whole, '', sampleMeasured(HOSTILE))
    for (const tab of TABS) await page.locator(`nav.tabs a[href="#${tab}"]`).click()
    await page.locator('nav.tabs a[href="#violations"]').click()
    await page.evaluate(`for (const each of document.querySelectorAll('*')) each.dispatchEvent(new Event('click'))`)
    expect(await page.evaluate('window.ran')).toBeUndefined()
    expect(await page.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('holds a hundred thousand defects in five megabytes, and opens', async () => {
    const campaign = campaignOf(2000, 7)
    const [row] = campaign.violations
    if (row === undefined) throw new Error('the sample has no violation')
    const violations = Array.from({ length: 100_000 }, (_, at) => ({ ...row, fingerprint: `${row.fingerprint}-${at}` }))
    await opened('many', { ...campaign, violations }, '#violations')
    expect(readFileSync(join(folder, 'many.html')).length).toBeLessThan(PAGE_BYTES_MAX)
    expect(await visible('article[data-finding][data-outcome="violation"]')).toBe(100)
    expect(await page.locator('.note.warn', { hasText: 'more defects not shown here' }).count()).toBe(1)
    expect(complaints).toEqual([])
  })
})
