import { describe, expect, it } from 'vitest'
import { HARNESS_MUTANTS } from '../../../harness/selftest/index.ts'

describe('a defect of the harness itself', { tags: ['MUT-02'] }, () => {
  for (const { id, run } of HARNESS_MUTANTS)
    it(`is caught: ${id}`, async () => {
      expect(await run()).toMatchObject({ verdict: 'caught' })
    })
})
