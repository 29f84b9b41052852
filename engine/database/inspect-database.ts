// engine/database/inspect-database.ts: looking at a database whose schema isn't known, for tools.

import type { DamageReport, DatabaseStatistics } from './api.ts'
import { openExisting, type OpenBase } from './open-database.ts'

export type VerifyResult = Readonly<{ problems: readonly DamageReport[]; summary: DatabaseStatistics }>

/** Walks everything. Throws EngineError: E_CORRUPT if the database can't even be opened, E_LOCKED, E_NOT_FOUND, E_IO. */
export function verifyDatabase(options: OpenBase): VerifyResult {
  const database = openExisting(options)
  try {
    return { problems: database.verify(), summary: database.statistics() }
  } finally {
    database.close()
  }
}

/** The figures of a database. Throws EngineError. */
export function statDatabase(options: OpenBase): DatabaseStatistics {
  const database = openExisting(options)
  try {
    return database.statistics()
  } finally {
    database.close()
  }
}
