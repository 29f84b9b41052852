import { describe, expect, it } from 'vitest'
import { EngineError } from '../../engine/index.ts'
import { classifyEngineError } from '../../scenarios/engine-store.ts'

const PLACE = { path: '/data/a.pack', offsetBytes: 7 }

describe('an error of the engine', { tags: ['QA-09'] }, () => {
  it('is what its code says, with its place', () => {
    const error = new EngineError('E_CORRUPT', '/data/a.pack at 7: the record does not check', PLACE)
    expect(classifyEngineError(error)).toEqual({ kind: 'corruption', ...PLACE })
  })

  it.each(['', ' ', ': no memory for 8 bytes', '/data/a.pack at 7: '])(
    'is none that the engine promises if it gives no reason or no word of what was done: "%s"',
    (message) => {
      expect(classifyEngineError(new EngineError('E_CORRUPT', message, PLACE))).toEqual({ kind: 'other' })
    },
  )
})
