// scenarios/salvage/salvage-samples.ts: one damaged sample put into the world and salvaged, and everything that must
// hold of what comes out.
//
// 1. Damage is named.
// 2. The new database holds the rows that the sample says, and no other. Where less came out, the error is one of damage, for
//    a device that gives too little may be the cause; rows that are wrong have no such excuse.
// 3. The program stops a salvage whose device fails now: it is for damage that stays. (The family `corruption` has devices that
//    cannot read a sector, and salvage goes on there.)
// 4. Keys that are lost are told to be; rows are called doubtful where a newer state may be among what was lost.

import { isDeepStrictEqual } from 'node:util'
import {
  EngineError,
  databaseDirectory,
  salvageDatabase,
  type AllocatorAlgorithm,
  type SalvageReport,
} from '../../engine/index.ts'
import type { World } from '../contract.ts'
import { EngineSession, withAllocator } from '../engine-store.ts'
import { freshDirectory, makeDurable, writeFile } from '../own-files.ts'
import { StoppingFiles } from './stopping-files.ts'
import {
  SAMPLE_NAME,
  sampleOf,
  sampleSchema,
  type Sample,
  type SampleKind,
  type SampleOptions,
  type SampleRow,
} from './sample.ts'

const SAVED_NAME = 'saved'

/** Throws what the engine throws, and an Error if what came out is wrong. */
export function salvageSample(
  world: World,
  kind: SampleKind,
  options: SampleOptions,
  algorithm: AllocatorAlgorithm,
): void {
  const sample = sampleOf(kind, options)
  const root = freshDirectory(world, 'image')
  const directory = databaseDirectory(root, SAMPLE_NAME)
  world.fileSystem.makeDirectory(directory)
  for (const { name, bytes } of sample.files) writeFile(world, `${directory}/${name}`, bytes)
  const saved = freshDirectory(world, 'saved')
  const fileSystem = new StoppingFiles(world.fileSystem)
  const report = withAllocator(world, algorithm, (allocator) =>
    fileSystem.guard(() =>
      salvageDatabase({
        directory,
        root: saved,
        name: SAVED_NAME,
        fileSystem,
        allocator,
        random: world.random('salvage'),
        processes: world.processes,
      }),
    ),
  )
  const rows = judgeRows(world, saved, sample, algorithm)
  judgeReport(sample, report)
  if (rows.length !== sample.rows.length)
    throw new Error(`salvage saved ${rows.length} rows, and says that it saved more`)
  makeDurable(world, saved)
  world.count('salvaged')
}

function judgeReport(sample: Sample, { directory, tables, damage, complete }: SalvageReport): void {
  const wrong = (what: string): EngineError => new EngineError('E_CORRUPT', `salvage of ${directory}: ${what}`)
  const [table] = tables
  if (complete || damage.length === 0) throw new Error('salvage finds no damage')
  if (table === undefined || table.saved !== sample.rows.length)
    throw wrong(`${table?.saved ?? 0} rows are said to be saved, of ${sample.rows.length}`)
  const untold = sample.lost.find((id) => !table.lostKeys.some(({ from, to }) => from <= id && id <= to))
  if (untold !== undefined) throw wrong(`row ${untold} is not said to be lost`)
  const isKept = sample.rows.find(({ id }) => table.lostKeys.some(({ from, to }) => from <= id && id <= to))
  if (isKept !== undefined) throw wrong(`row ${isKept.id} is said to be lost`)
  if (table.doubtful < sample.doubtfulMin) throw wrong('rows are called certain whose leaf is damaged')
}

/** Whatever was said of how many there are: no row that was never one. Those that were deleted have no text. */
function judgeRows(world: World, root: string, sample: Sample, algorithm: AllocatorAlgorithm): readonly SampleRow[] {
  const session = new EngineSession(world, {
    root,
    name: SAVED_NAME,
    schema: sampleSchema,
    mode: 'open',
    algorithm,
    pack: {},
  })
  try {
    const rows = session.database.read((reader) => [...reader.scan('item')])
    for (const row of rows)
      if (row.text !== '' && !sample.rows.some((whole) => isDeepStrictEqual(whole, row)))
        throw new Error(`salvage brought out a row ${row.id} that the sample never had`)
    return rows
  } finally {
    session.close()
  }
}
