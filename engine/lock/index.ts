export { acquireLock, acquireLockSteps } from './acquire-lock.ts'
export type { Lock, LockOptions } from './held-lock.ts'
export { RETRIES_MAX, runSteps, type Steps } from './lock-files.ts'
