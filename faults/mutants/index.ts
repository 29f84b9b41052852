export {
  activations,
  activationsIn,
  countActivation,
  countActivationsIn,
  createActivationMemory,
  isPlanted,
} from './activations.ts'
export { MutantError, type EngineMutant, type MutantCampaign } from './engine-mutant.ts'
export { ENGINE_MUTANTS } from './engine-mutants.ts'
export type { MutantHookData } from './loader-hook.ts'
export { mutantHookUrl, mutantTarget } from './locate.ts'
export { plantMutant } from './plant.ts'
