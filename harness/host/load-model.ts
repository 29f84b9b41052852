// harness/host/load-model.ts: a persistence model by name, or by the path of a user's own module.
//
// A model is data: what comes out of a module is checked word by word, and nothing of it is called.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import {
  CRASH_FAMILIES,
  FILLS,
  PERSISTENCE_MODELS,
  persistenceModel,
  type PersistenceModel,
} from '../../faults/index.ts'
import { suggestion, UsageError } from '../campaign/index.ts'
import { importTypeScript } from './load-config.ts'
import { isScenarioPath, scenarioFileExists } from './load-scenario.ts'

const oneOf = <Word extends string>(words: readonly Word[]) => z.enum(words as readonly [Word, ...Word[]])

const modelSchema = z.strictObject({
  name: z.string().min(1),
  summary: z.string(),
  families: z.array(oneOf(CRASH_FAMILIES)).min(1),
  lostBeyondSize: z.array(oneOf(FILLS)).min(1),
  lostRewrite: z.array(oneOf(['old', ...FILLS])).min(1),
  atomicSectors: z.boolean(),
  sizes: oneOf(['any', 'after-data']),
  names: oneOf(['alone', 'in-order']),
  fileSyncCoversCreation: z.boolean(),
})

/** Throws UsageError: one sentence that names the word that is wrong and what is valid. */
export async function loadModel(model: string): Promise<PersistenceModel> {
  const known = persistenceModel(model)
  if (known !== undefined) return known
  const names = Object.keys(PERSISTENCE_MODELS)
  if (!isScenarioPath(model)) {
    throw new UsageError(
      `There is no persistence model '${model}': valid are ${names.join(', ')}, or the path of a module.${suggestion(model, names)}`,
    )
  }
  if (!scenarioFileExists(model)) throw new UsageError(`There is no persistence model's module at ${model}.`)
  let module: unknown
  try {
    const path = resolve(model)
    module = /\.[cm]?ts$/.test(path) ? await importTypeScript(path) : await import(pathToFileURL(path).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`The persistence model ${model} can't be loaded: ${reason}`, { cause })
  }
  const found: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  const parsed = modelSchema.safeParse(found)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue === undefined || issue.path.length === 0 ? 'its default export' : `'${issue.path.join('.')}'`
  const value = issue?.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    found,
  )
  const given = typeof value === 'string' ? ` is '${value}'` : ''
  throw new UsageError(
    `The persistence model ${model} is none: ${place}${given}: ${issue?.message ?? 'it is no model'}.`,
  )
}
