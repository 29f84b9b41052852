// scenarios/engine-salvage.ts: a damaged database of a scenario, salvaged into a new one beside it and read from there.

import {
  createAllocator,
  databaseDirectory,
  openDatabase,
  salvageDatabase,
  singleChunk,
  type Reader,
  type Schema,
} from '../engine/index.ts'
import type { Plain, Salvaged, World } from './contract.ts'
import { CHUNK_BYTES } from './engine-store.ts'

const SAVED = 'saved'

/** A part of the content: its name, its value, and the primary key that it stands for. */
export type SavedPart = Readonly<{ name: string; value: Plain; primaryKey: number }>

/** Salvages the database `name`, of one table, and sorts its parts by what the report says of their keys. */
export function salvageParts<S extends Schema>(
  world: World,
  name: string,
  schema: S,
  partsOf: (reader: Reader<S>) => Iterable<SavedPart>,
): Salvaged {
  const { fileSystem, processes } = world
  const root = `${world.directory}/${SAVED}`
  const memory = singleChunk(new Uint8Array(2 * CHUNK_BYTES))
  const allocator = world.wrapAllocator(createAllocator({ algorithm: 'segregated-fit', memory }))
  const ports = { fileSystem, processes, allocator, random: world.random('salvage') }
  fileSystem.makeDirectory(root)
  const report = salvageDatabase({ ...ports, directory: databaseDirectory(world.directory, name), root, name, schema })
  const doubtfulKeys = report.tables.flatMap((table) => table.doubtfulKeys)
  const certain: Record<string, Plain> = {}
  const doubtful: Record<string, Plain> = {}
  const database = openDatabase({ ...ports, root, name, schema, mode: 'open' })
  try {
    database.read((reader) => {
      for (const { name: part, value, primaryKey } of partsOf(reader)) {
        const isDoubtful = doubtfulKeys.some(({ from, to }) => primaryKey >= from && primaryKey <= to)
        if (isDoubtful) doubtful[part] = value
        else certain[part] = value
      }
    })
  } finally {
    database.close()
  }
  return { certain, doubtful }
}
