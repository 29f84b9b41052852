import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCampaign, writeCampaign, writeReports } from '../../../reports/index.ts'
import { sampleFolder } from '../sample-folder.ts'

const options = { scenario: 'core20', runs: 60, badEvery: 9 }

describe('campaign.json', { tags: ['RES-02'] }, () => {
  it('is read back as it was written', () => {
    const { directory, campaign } = sampleFolder(options)
    expect(readCampaign(directory)).toEqual(campaign)
  })

  it('is replaced in one step, and nothing is left beside it', () => {
    const { directory, campaign } = sampleFolder(options)
    writeCampaign(directory, { ...campaign, seed: 8 })
    expect(readCampaign(directory).seed).toBe(8)
    expect(readdirSync(directory).toSorted()).toEqual(['campaign.json', 'runs.ndjson'])
  })

  it('with fields that came later is read', () => {
    const { directory, campaign } = sampleFolder(options)
    writeFileSync(join(directory, 'campaign.json'), JSON.stringify({ ...campaign, later: { much: 1 } }))
    expect(readCampaign(directory)).toEqual(campaign)
  })

  it('of a later version is refused, naming both versions', () => {
    const { directory, campaign } = sampleFolder(options)
    writeFileSync(join(directory, 'campaign.json'), JSON.stringify({ ...campaign, formatVersion: 2 }))
    expect(() => readCampaign(directory)).toThrow(/format version 2.*reads up to 1/)
  })

  it('that is damaged is told with the field that is wrong', () => {
    const { directory, campaign } = sampleFolder(options)
    const path = join(directory, 'campaign.json')
    const { io, ...families } = campaign.families
    writeFileSync(path, JSON.stringify({ ...campaign, families: { ...families, io: { ...io, run: 'many' } } }))
    expect(() => readCampaign(directory)).toThrow(/families\.io\.run/)
    writeFileSync(path, '{"formatVersion":')
    expect(() => readCampaign(directory)).toThrow(/is no JSON/)
    rmSync(path)
    expect(() => readCampaign(directory)).toThrow(/holds runs\.ndjson and no campaign\.json/)
  })
})

describe('reports', { tags: ['RES-02'] }, () => {
  it('can be made again from the folder alone, byte for byte', () => {
    const { directory } = sampleFolder(options)
    const files = writeReports(directory).paths
    expect(files.map((path) => path.slice(directory.length + 1))).toEqual([
      'report.html',
      'junit.xml',
      'results.sarif',
      'codequality.json',
      'summary.md',
    ])
    const first = files.map((path) => readFileSync(path, 'utf8'))
    for (const path of files) rmSync(path)
    expect(writeReports(directory).paths.map((path) => readFileSync(path, 'utf8'))).toEqual(first)
  })

  it('are made one by one when asked', () => {
    const { directory } = sampleFolder(options)
    writeReports(directory, ['junit'])
    expect(readdirSync(directory).toSorted()).toEqual(['campaign.json', 'junit.xml', 'runs.ndjson'])
  })
})
