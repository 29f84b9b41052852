export type { Defect, KitMutant } from './defect.ts'
export { findKitMutant, KIT_MUTANTS } from './kit-mutants.ts'
export { MutantFileSystem } from './mutant-file-system.ts'
