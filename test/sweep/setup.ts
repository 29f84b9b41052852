// test/sweep/setup.ts: properties under failing allocations: the same few cases each time, and no shrinking, which would
// run the body again after its failure.
import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1, numRuns: 3, endOnFailure: true })
