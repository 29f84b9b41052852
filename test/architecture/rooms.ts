// test/architecture/rooms.ts: who may import what.
//
//   room         may import of the project
//   engine/      nothing
//   faults/      engine/ports
//   scenarios/   engine (its public face, its ports, its examples)
//   reports/     nothing
//   harness/     faults, scenarios, reports; of engine only engine/ports
//   test/        anything
//
// 1. Types count: a type that crosses a border binds the rooms as a value does.
// 2. Room to room goes through the room's index.ts; engine/ports and engine/examples/* are doors of their own.
// 3. Folder to folder within a room goes through the folder's index.ts. Files of a folder that encloses the importing one
//    are no other folder's.
// 4. scenarios/contract.ts imports only types: reading the contract loads no store.
// 5. Shipped code imports only Node and the package's dependencies, peers included; the engine only Node.

import { dirname } from 'node:path'
import { at, importsOf, targetOf, type Import, type Source } from './source.ts'

/** Doors that a room may use in the others. */
const DOORS: Readonly<Record<string, readonly RegExp[]>> = {
  engine: [],
  faults: [/^engine\/ports\/index\.ts$/],
  scenarios: [/^engine\/index\.ts$/, /^engine\/ports\/index\.ts$/, /^engine\/examples\/[^/]+\/index\.ts$/],
  reports: [],
  harness: [
    /^engine\/ports\/index\.ts$/,
    /^faults\/index\.ts$/,
    /^faults\/(mutants|mutant-kit|node-front)\/index\.ts$/,
    /^scenarios\/index\.ts$/,
    /^reports\/index\.ts$/,
  ],
}

/** Every import of a file that breaks a rule. `dependencies` are the package's, by name. */
export function importProblems(source: Source, dependencies: readonly string[]): string[] {
  return importsOf(source).flatMap((found) => {
    const target = targetOf(source.path, found.specifier)
    const problem =
      target === undefined ? packageProblem(source, found, dependencies) : fileProblem(source.path, target)
    const contract =
      source.path === 'scenarios/contract.ts' && !found.typeOnly ? 'the contract imports only types' : undefined
    return [problem, contract].filter((text) => text !== undefined).map((text) => at(source, found.node, text))
  })
}

function fileProblem(path: string, target: string): string | undefined {
  const room = roomOf(path)
  if (room === 'test') return undefined
  if (roomOf(target) !== room) {
    if (DOORS[room]?.some((door) => door.test(target)) === true) return undefined
    return `${room}/ may not import ${target}`
  }
  const folder = dirname(target)
  const isEnclosing = `${dirname(path)}/`.startsWith(`${folder}/`)
  if (isEnclosing || target.endsWith('/index.ts')) return undefined
  return `${target} is another folder's: import ${folder}/index.ts`
}

function packageProblem(source: Source, found: Import, dependencies: readonly string[]): string | undefined {
  const room = roomOf(source.path)
  const { specifier } = found
  if (room === 'test' || source.path.startsWith('reports/ui/')) return undefined
  if (specifier.startsWith('node:')) return undefined
  // Scenarios over published packages need them installed, and are loaded only where they are.
  if (source.path.startsWith('scenarios/packages/')) return undefined
  if (room === 'engine') return `the engine depends on no package: ${specifier}`
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  return dependencies.includes(name) ? undefined : `not among the package's dependencies: ${specifier}`
}

function roomOf(path: string): string {
  return path.split('/', 1)[0] ?? ''
}
