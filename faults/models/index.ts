export {
  countStates,
  crashStates,
  stateAt,
  type CrashState,
  type CrashStateAddress,
  type StateCount,
  type StateOptions,
} from './crash-states.ts'
export {
  diskPicture,
  SECTOR_STATES,
  type DiskPicture,
  type FilePicture,
  type NameState,
  type SectorState,
} from './disk-picture.ts'
export {
  CRASH_FAMILIES,
  FILLS,
  PERSISTENCE_MODELS,
  persistenceModel,
  type CrashFamily,
  type Fill,
  type PersistenceModel,
  type PersistenceModelName,
} from './persistence-model.ts'
