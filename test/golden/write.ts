// test/golden/write.ts: writes the golden files of the current version: `npx tsx test/golden/write.ts`.
//
// Only for a new version of the format. The files of a version that was released never change.

import { FORMAT_VERSION } from '../../engine/format/index.ts'
import { writeGolden } from './files.ts'
import { makeGolden } from './golden-database.ts'

writeGolden(FORMAT_VERSION, makeGolden())
