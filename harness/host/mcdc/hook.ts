// harness/host/mcdc/hook.ts: a module customisation hook that makes ES modules count as they are loaded.
//
// Runs in the loader's own thread. It is below the hooks that the program registers later: it gives them what they
// would have got, with its counting. A hook that must have the text as it is says so with `unmeasured` in its context.

import { fileURLToPath } from 'node:url'
import type { Session } from './session.ts'
import { Texts } from './texts.ts'

type LoadContext = Readonly<{ format?: string | null; unmeasured?: boolean }>
type LoadResult = Readonly<{
  format?: string | null
  source?: string | ArrayBuffer | Uint8Array
  shortCircuit?: boolean
}>

let texts: Texts | undefined

export function initialize(session: Session): void {
  texts = new Texts(session)
}

/** Formats that are no ES modules, or are loaded elsewhere. */
const OTHERS: readonly unknown[] = [
  'commonjs',
  'commonjs-typescript',
  'json',
  'wasm',
  'builtin',
  'addon',
  'require-commonjs',
]

export async function load(
  url: string,
  context: LoadContext,
  nextLoad: (url: string, context: LoadContext) => Promise<LoadResult>,
): Promise<LoadResult> {
  const result = await nextLoad(url, context)
  const { source, format } = result
  if (texts === undefined || context.unmeasured === true || !url.startsWith('file:')) return result
  if (source === undefined || source === null || OTHERS.includes(format)) return result
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
  const prepared = texts.prepare(text, { module: 'module', file: fileURLToPath(url.replace(/[?#].*$/, '')) })
  return prepared === undefined ? result : { ...result, source: prepared.code }
}
