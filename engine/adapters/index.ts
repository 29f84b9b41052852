export { nodeFileSystem } from './node-file-system.ts'
export { sleepMs, systemClock, systemRandom, systemScheduler } from './system-environment.ts'
export { systemProcesses } from './system-processes.ts'
