import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RECORDS_FILE, RecordWriter, ReportError, readRecords, type RunRecord } from '../../../reports/index.ts'
import { sampleRecord } from '../sample-campaign.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const sample = { scenario: 'core20', runs: 200, badEvery: 7 }
const records = (count: number, from = 0): RunRecord[] =>
  Array.from({ length: count }, (_, index) => sampleRecord(from + index, sample))

function write(directory: string, list: readonly RunRecord[], batchBytes = 64 * 1024): void {
  using writer = RecordWriter.create(directory, { batchBytes })
  for (const record of list) writer.append(record)
}

describe('records', { tags: ['RES-01'] }, () => {
  it('are read back as they were written, for any size of batch', () => {
    for (const batchBytes of [1, 700, 1_000_000]) {
      const directory = temporaryFolder()
      write(directory, records(50), batchBytes)
      expect([...readRecords(directory)]).toEqual(records(50))
    }
  })

  it('hold one line each, even if a message holds newlines and any character', () => {
    const directory = temporaryFolder()
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), (messages) => {
        const list = messages.map((text, index) => ({ ...sampleRecord(index, sample), message: `${text}\n\u2028` }))
        write(directory, list)
        expect(readFileSync(join(directory, RECORDS_FILE), 'utf8').split('\n').length - 1).toBe(list.length)
        expect([...readRecords(directory)]).toEqual(list)
      }),
      { numRuns: 30 },
    )
  })

  it('go on after a cut at any byte of a record, losing the torn line and nothing else', () => {
    const directory = temporaryFolder()
    const path = join(directory, RECORDS_FILE)
    write(directory, records(3))
    const whole = readFileSync(path)
    for (let size = whole.indexOf('\n', whole.indexOf('\n') + 1); size <= whole.length; size += 1) {
      writeFileSync(path, whole)
      truncateSync(path, size)
      const kept = whole.subarray(0, size).toString('latin1').split('\n').length - 1
      expect([...readRecords(directory)]).toEqual(records(kept))
      const seen: RunRecord[] = []
      using writer = RecordWriter.resume(directory, (record) => seen.push(record))
      for (const record of records(3 - kept, kept)) writer.append(record)
      expect(writer.count).toBe(3)
      writer.close()
      expect(seen).toEqual(records(kept))
      expect(readFileSync(path)).toEqual(whole)
    }
  })

  it('cut a last line that is whole but no record', () => {
    const directory = temporaryFolder()
    write(directory, records(2))
    const whole = readFileSync(join(directory, RECORDS_FILE), 'utf8')
    appendFileSync(join(directory, RECORDS_FILE), '\0\0\0\n')
    RecordWriter.resume(directory, () => undefined).close()
    expect(readFileSync(join(directory, RECORDS_FILE), 'utf8')).toBe(whole)
  })

  it('name the line if one in the middle is damaged, and change nothing', () => {
    const directory = temporaryFolder()
    const path = join(directory, RECORDS_FILE)
    write(directory, records(3))
    const lines = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, [lines[0], '{"order":1}', lines[2], ''].join('\n'))
    const before = readFileSync(path)
    const resume = (): RecordWriter => RecordWriter.resume(directory, () => undefined)
    expect(resume).toThrow(ReportError)
    expect(resume).toThrow(/line 2 is no record/)
    expect(readFileSync(path)).toEqual(before)
  })

  it('are read one at a time: damage far behind is not met before it is reached', () => {
    const directory = temporaryFolder()
    write(directory, records(3000))
    appendFileSync(join(directory, RECORDS_FILE), 'damage\n{}\n')
    const reader = readRecords(directory)
    for (let order = 0; order < 3000; order += 1) expect(reader.next().value).toMatchObject({ order })
    expect(() => reader.next()).toThrow(/line 3001/)
  })

  it('that were flushed are in the file while the campaign goes on', () => {
    const directory = temporaryFolder()
    using writer = RecordWriter.create(directory)
    for (const record of records(5)) writer.append(record)
    expect([...readRecords(directory)]).toEqual([])
    writer.flush()
    expect([...readRecords(directory)]).toEqual(records(5))
  })

  it('cannot be appended after the close, and closing twice is no harm', () => {
    const writer = RecordWriter.create(temporaryFolder())
    writer.close()
    writer.close()
    expect(() => writer.append(sampleRecord(0, sample))).toThrow(ReportError)
  })
})
