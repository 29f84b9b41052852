export { atomicFile, atomicFileScenario, type WriteFile } from './scenario.ts'
export { OutcomeUnknownError, readFileWhole, writeFileAtomic } from './write-file-atomic.ts'
