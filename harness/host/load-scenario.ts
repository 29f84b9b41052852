// harness/host/load-scenario.ts: a scenario by name or by the path of a module.
//
// A name is a built-in one. A path has a '/' or ends in .ts, .mts, .js or .mjs; its module's default export is the
// scenario. TypeScript is transpiled as it is loaded (jiti), without a build step of the user's.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BUILTIN_SCENARIOS, type AnyScenario } from '../../scenarios/index.ts'
import { importTypeScript } from './load-config.ts'

/** A scenario that can't be had. The message is one sentence that says what is valid. */
export class ScenarioLoadError extends Error {
  override readonly name = 'ScenarioLoadError'
  readonly code = 'E_SCENARIO'
}

export function builtinScenarioNames(): readonly string[] {
  return Object.keys(BUILTIN_SCENARIOS)
}

/** Whether `scenario` means a module's path. */
export function isScenarioPath(scenario: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(scenario)
}

/** Whether there is a file at the path. */
export function scenarioFileExists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** Loads it. Throws ScenarioLoadError, with the module's own error as its cause. */
export async function loadScenario(scenario: string): Promise<AnyScenario> {
  if (!isScenarioPath(scenario)) {
    const load = Object.hasOwn(BUILTIN_SCENARIOS, scenario) ? BUILTIN_SCENARIOS[scenario] : undefined
    if (load === undefined) {
      throw new ScenarioLoadError(
        `There is no scenario '${scenario}': valid are ${builtinScenarioNames().join(', ')}, or the path of a module.`,
      )
    }
    return load()
  }
  const path = resolve(scenario)
  if (!scenarioFileExists(path)) throw new ScenarioLoadError(`There is no scenario module at ${scenario}.`)
  let module: unknown
  try {
    module = /\.[cm]?ts$/.test(path) ? await importTypeScript(path) : await import(pathToFileURL(path).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ScenarioLoadError(`The scenario module ${scenario} can't be loaded: ${reason}`, { cause })
  }
  const found: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  if (!isScenario(found)) {
    throw new ScenarioLoadError(
      `The module ${scenario} has no scenario as its default export: name, parameters, open, steps, initial, read and close are needed.`,
    )
  }
  return found
}

function isScenario(value: unknown): value is AnyScenario {
  if (typeof value !== 'object' || value === null) return false
  const has = (key: string, type: string) => typeof Reflect.get(value, key) === type
  return (
    has('name', 'string') &&
    has('parameters', 'object') &&
    ['open', 'steps', 'initial', 'read', 'close'].every((key) => has(key, 'function'))
  )
}
