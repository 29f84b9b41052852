export { CORE_MODULE } from './core-module.ts'
export { waitForDebugger } from './debugger.ts'
export { CONFIG_NAMES, loadConfigModule } from './load-config.ts'
export {
  builtinScenarioNames,
  isScenarioPath,
  loadScenario,
  scenarioFileExists,
  ScenarioLoadError,
} from './load-scenario.ts'
export { loadModel } from './load-model.ts'
export { LocalMachine } from './local-machine.ts'
export { billsOfMaterials, hostFacts, projectFacts } from './project-facts.ts'
export { coreCount, Machine, packageVersion } from './machine.ts'
export { isInstalledHere, writeNewFiles, type NewFile } from './new-files.ts'
export { checkAnchor, findEngineMutant, plantInThisThread, plantInThisThreadFrom } from './plant-mutant.ts'
export { loadParser, readSources, readTextFile } from './read-sources.ts'
export { replay, type Replayed, type ReplayOptions } from './replay-token.ts'
export { ThreadCrew, type ThreadCrewOptions } from './thread-crew.ts'
export { RealMachine, type RealAgreement } from './real/index.ts'
