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
