import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FILE_SYSTEM_CALLS, IO_ERROR_CODES } from '../../../engine/ports/index.ts'
import { IO_FAULTS, applicableCodes, ioFaults, outcomeOwed, shortLengths } from '../../../faults/index.ts'

describe('the table of I/O faults', { tags: ['IOF-04'] }, () => {
  it('has faults for every kind of call, with codes of the port', { tags: ['IOF-01'] }, () => {
    for (const kind of FILE_SYSTEM_CALLS) {
      expect(IO_FAULTS[kind].length).toBeGreaterThan(0)
      for (const code of applicableCodes(kind)) expect(IO_ERROR_CODES).toContain(code)
      expect(applicableCodes(kind)).toContain('EIO')
    }
  })

  it('lists a fault once', () => {
    for (const kind of FILE_SYSTEM_CALLS) {
      const faults = ioFaults({ kind, lengthBytes: 3000, offsetBytes: 100 }, 512).map((fault) => JSON.stringify(fault))
      expect(new Set(faults).size).toBe(faults.length)
    }
  })

  it('owes survival for what can be tried again, an error for the rest', () => {
    expect(outcomeOwed('read', { code: 'EINTR' }, 'once')).toBe('survive')
    expect(outcomeOwed('sync', { code: 'EINTR' }, 'once')).toBe('survive')
    expect(outcomeOwed('append', { code: 'short', bytes: 3 }, 'once')).toBe('survive')
    expect(outcomeOwed('read', { code: 'short', bytes: 0 }, 'once')).toBe('detect')
    expect(outcomeOwed('append', { code: 'ENOSPC' }, 'once')).toBe('report')
    expect(outcomeOwed('read', { code: 'EAGAIN' }, 'from')).toBe('either')
  })
})

describe('short lengths', { tags: ['IOF-02'] }, () => {
  it('are 0, 1, all but one and every sector border of the file, ascending', () => {
    expect(shortLengths(1200, 0, 512)).toEqual([0, 1, 512, 1024, 1199])
    expect(shortLengths(1200, 500, 512)).toEqual([0, 1, 12, 524, 1036, 1199])
    expect(shortLengths(1, 0, 512)).toEqual([0])
    expect(shortLengths(0, 0, 512)).toEqual([])
  })

  it('are always shorter than the call, and never one twice', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), (lengthBytes, offsetBytes) => {
        const lengths = shortLengths(lengthBytes, offsetBytes, 512)
        expect(lengths.every((length) => length >= 0 && length < lengthBytes)).toBe(true)
        expect(lengths).toEqual([...new Set(lengths)].toSorted((left, right) => left - right))
        const borders = Math.floor((offsetBytes + lengthBytes - 1) / 512) - Math.floor(offsetBytes / 512)
        if (lengthBytes > 0) expect(lengths.length).toBeGreaterThanOrEqual(borders)
      }),
    )
  })
})
