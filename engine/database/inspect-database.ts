// engine/database/inspect-database.ts: looking at a database whose schema isn't known, for tools.

import type { DamageReport, DatabaseStatistics } from './api.ts'
import { openExisting, type OpenBase } from './open-database.ts'

/** Statistics with the size of all packs. */
export type DatabaseFigures = DatabaseStatistics & Readonly<{ bytes: number }>

export type VerifyResult = Readonly<{ problems: readonly DamageReport[]; summary: DatabaseFigures }>

/** Walks everything. Throws EngineError: E_CORRUPT if the database can't even be opened, E_LOCKED, E_NOT_FOUND, E_IO. */
export function verifyDatabase(options: OpenBase): VerifyResult {
  const database = openExisting(options)
  try {
    return { problems: database.verify(), summary: { ...database.statistics(), bytes: database.sizeBytes() } }
  } finally {
    database.close()
  }
}

/** The figures of a database. Throws EngineError. */
export function statDatabase(options: OpenBase): DatabaseFigures {
  const database = openExisting(options)
  try {
    return { ...database.statistics(), bytes: database.sizeBytes() }
  } finally {
    database.close()
  }
}
