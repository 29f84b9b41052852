// harness/host/load-config.ts: the module in which a project keeps its defaults, from the working directory.
//
// 1. Only the working directory is looked at: what a campaign does never depends on a folder above.
// 2. Two such files are wrong use: which of them holds would be a guess.

import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../campaign/index.ts'

export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `powercut.config.${extension}`)

/** The file's name and what it exports, unchecked; undefined if there is none. Throws UsageError. */
export async function loadConfigModule(): Promise<Readonly<{ file: string; content: unknown }> | undefined> {
  const files = CONFIG_NAMES.filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile() === true)
  const [file] = files
  if (file === undefined) return undefined
  if (files.length > 1) throw new UsageError(`There are ${files.join(' and ')}: keep one of them.`)
  try {
    return { file, content: await contentOf(resolve(file)) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`${file} can't be loaded: ${reason.replaceAll(/\s+/g, ' ')}`)
  }
}

async function contentOf(path: string): Promise<unknown> {
  if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'))
  const module: unknown = /\.m?ts$/.test(path) ? await importTypeScript(path) : await import(pathToFileURL(path).href)
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
}

/** A TypeScript module, transpiled as it is loaded, with the modules that it imports. */
export async function importTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  return createJiti(import.meta.url, { interopDefault: false }).import(path)
}
