export {
  DURABILITIES,
  type BeginLaterOptions,
  type Changes,
  type ConcurrentTransaction,
  type Cursor,
  type DamageReport,
  type Database,
  type DatabaseStatistics,
  type Durability,
  type LiveResources,
  type OpenOptions,
  type PackOptions,
  type Reader,
  type ScanOptions,
  type Snapshot,
  type SoundFiles,
  type UpdateTransaction,
} from './api.ts'
export { decodeClaims, isPackPath, openBytesMax, type PositionClaim } from './claims.ts'
export { statDatabase, verifyDatabase, type VerifyResult } from './inspect-database.ts'
export { databaseDirectory, openDatabase, type OpenBase } from './open-database.ts'
export { openOnDisk } from './open-on-disk.ts'
export type { KeyRange } from './key-ranges.ts'
export { salvageDatabase, type SalvageOptions, type SalvageReport, type TableSalvageReport } from './salvage.ts'
export {
  column,
  defineSchema,
  type Column,
  type NewRowOf,
  type RowOf,
  type Schema,
  type TableDefinition,
  type Value,
} from './schema.ts'
