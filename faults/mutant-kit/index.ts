export type { Defect, KitMutant } from './defect.ts'
export { findKitMutant, KIT_MUTANTS, NOT_OVER_NODE_FS } from './kit-mutants.ts'
export { MutantDisk } from './mutant-disk.ts'
export { MutantFileSystem } from './mutant-file-system.ts'
