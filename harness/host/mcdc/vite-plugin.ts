// harness/host/mcdc/vite-plugin.ts: makes what vite and vitest load count: `plugins: [mcdc()]`.
//
// 1. Outside of `powercut mcdc -- COMMAND` it does nothing, so it may stay in a project's configuration.
// 2. It comes before every other plugin, so that it sees the source. A text that is not the file's is told as a problem.

import { readFileSync } from 'node:fs'
import { languageOf } from '../../coverage/index.ts'
import { currentSession, Selection } from './session.ts'
import { Texts } from './texts.ts'

/** What vite takes as a plugin; vite itself is not needed. */
export type McdcPlugin = Readonly<{
  name: string
  enforce: 'pre'
  transform(code: string, id: string): Readonly<{ code: string; map: string }> | undefined
}>

export function mcdc(): McdcPlugin {
  const session = currentSession()
  const texts = session && new Texts(session)
  const selection = session && new Selection(session)
  return {
    name: 'powercut-mcdc',
    enforce: 'pre',
    transform(code, id) {
      const file = id.replace(/[?#].*$/, '')
      if (texts === undefined || selection === undefined || languageOf(file) === undefined) return undefined
      const path = selection.pathOf(file)
      if (path === undefined) return undefined
      if (textOf(file) !== code) {
        texts.problem({
          kind: 'changed-by-loader',
          path,
          message: 'another plugin changed it before: put mcdc() first',
        })
        return undefined
      }
      const prepared = texts.prepare(code, { module: 'module', file }, true)
      return prepared?.map === undefined ? undefined : { code: prepared.code, map: prepared.map }
    },
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
