import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiskRecorder, imageIdentity } from '../../../faults/index.ts'
import { Doer, anyDeed, append, diskWith } from './helpers.ts'

describe('a recorder', { tags: ['DSK-03'] }, () => {
  it('gives for each event what a run that stopped there would have left', () => {
    fc.assert(
      fc.property(fc.array(anyDeed, { minLength: 1, maxLength: 20 }), (deeds) => {
        const doer = new Doer(diskWith({ a: 'abc' }))
        const recorder = new DiskRecorder(doer.disk)
        deeds.forEach((deed, index) => {
          doer.do(deed)
          recorder.record(index + 1)
        })
        for (let event = 1; event <= deeds.length; event += 1) {
          const stopped = new Doer(diskWith({ a: 'abc' }))
          for (const deed of deeds.slice(0, event - 1)) stopped.do(deed)
          const before = imageIdentity(stopped.disk.checkpoint())
          for (const deed of deeds.slice(event - 1, event)) stopped.do(deed)
          expect(imageIdentity(recorder.at(event, 'before').image)).toBe(before)
          expect(imageIdentity(recorder.at(event, 'after').image)).toBe(imageIdentity(stopped.disk.checkpoint()))
        }
        expect([...recorder.points()].map(({ event, when }) => `${when} ${event}`)).toEqual(
          deeds.flatMap((_, index) => [`before ${index + 1}`, `after ${index + 1}`]),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('shares the image of events that changed nothing', () => {
    const disk = diskWith({ a: '' })
    const recorder = new DiskRecorder(disk)
    const file = disk.fileSystem.open('/d/a', 'append')
    recorder.record(3)
    append(file, 'x')
    recorder.record(7)
    file.sizeBytes()
    recorder.record(8)
    expect(recorder.at(3, 'after').image).toBe(recorder.at(3, 'before').image)
    expect(recorder.at(8, 'after').image).toBe(recorder.at(7, 'within').image)
    expect(recorder.at(7, 'before').image).not.toBe(recorder.at(7, 'after').image)
    expect(recorder.recorded).toEqual([3, 7, 8])
    expect(() => recorder.at(4, 'after')).toThrow(RangeError)
  })
})
