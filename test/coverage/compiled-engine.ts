// test/coverage/compiled-engine.ts: lets vitest load the compiled engine, so that V8's coverage of it is about the right lines.
//
// V8 counts in the text that it runs. What vitest runs is a rewritten text whose source map c8 is never told of, and its
// figures would be about other lines than they name. The compiled engine is loaded by Node itself, which keeps the map; and
// it is what users get.

import { dirname, join, relative, resolve } from 'node:path'

const PROJECT = resolve(import.meta.dirname, '../..')

/** Which modules vitest leaves to Node. */
export const COMPILED_ENGINE = /\/dist\/engine\//

/** What vite takes as a plugin. */
export type CompiledEnginePlugin = Readonly<{
  name: string
  enforce: 'pre'
  resolveId(source: string, importer: string | undefined): string | undefined
}>

export function compiledEngine(): CompiledEnginePlugin {
  return {
    name: 'powercut-compiled-engine',
    enforce: 'pre',
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith('.')) return undefined
      const path = relative(PROJECT, resolve(dirname(importer.replace(/[?#].*$/, '')), source))
      if (!path.startsWith('engine/') || !path.endsWith('.ts')) return undefined
      return join(PROJECT, 'dist', path.replace(/\.ts$/, '.js'))
    },
  }
}
