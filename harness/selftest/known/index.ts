export { classifyLogError, logScenario, type LogScenarioOptions } from './known-scenario.ts'
export { DEFECTS, LogStore, LogStoreError, type Defect, type LogStoreOptions } from './known-store.ts'
export { unsyncedScenario, type CountIn } from './unsynced-scenario.ts'
export { createHeap } from './heap.ts'
