// harness/host/code-hash.ts: the identity of the code that a campaign runs, for what two machines ran to be put together.
//
// 1. It holds the harness, the engine and the built-in scenarios as they are installed, and of a scenario's own module all
//    that it imports by relative paths; of packages, name and version. Paths are told from the package, or from the
//    module: the same wherever the project lies.
// 2. Imports are found in the text, so one that is put together at run time is not in it. What a difference there does to
//    the events of a run shows in the identity of the plan, which is compared as well.

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOMS = ['engine', 'faults', 'harness', 'reports', 'scenarios']
const CODE = /\.[cm]?[jt]sx?$/
const IMPORTS = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]([^'"\n]+)['"]/g
const EXTENSIONS = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js']

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** 16 hexadecimal digits; `modules` are paths of scenarios' own modules. */
export function codeHash(modules: readonly string[]): string {
  const hash = createHash('sha256')
  const add = (name: string, text: string | Buffer) => hash.update(`${name}\0`).update(text).update('\0')
  for (const room of ROOMS) {
    for (const path of codeBelow(join(root, room))) add(relative(root, path).split(sep).join('/'), readFileSync(path))
  }
  for (const module of modules.toSorted()) {
    const start = resolve(module)
    const { files, packages } = closure(start)
    for (const path of files) add(relative(dirname(start), path).split(sep).join('/'), readFileSync(path))
    for (const name of packages) add('package', name)
  }
  return hash.digest('hex').slice(0, 16)
}

function codeBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && CODE.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** A module and all that it imports: files by relative path, packages by name and version. Both sorted. */
function closure(start: string): Readonly<{ files: readonly string[]; packages: readonly string[] }> {
  const files = new Set([start])
  const packages = new Set<string>()
  // What is added to a set while it is gone through is gone through as well.
  for (const file of files) {
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(IMPORTS)) {
      if (specifier.startsWith('.')) {
        const found = fileOf(resolve(dirname(file), specifier))
        if (found !== undefined) files.add(found)
      } else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier, file))
    }
  }
  return { files: [...files].toSorted(), packages: [...packages].toSorted() }
}

function fileOf(path: string): string | undefined {
  const source = path.replace(/\.([cm]?)js$/, '.$1ts')
  const candidates = [...EXTENSIONS.map((extension) => `${path}${extension}`), source]
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true)
}

function packageOf(specifier: string, from: string): string {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  try {
    const manifest: unknown = createRequire(from)(`${name}/package.json`)
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return `${name}@${manifest.version}`
  } catch {
    // Not installed, or it shows its manifest to nobody: its name alone is told.
  }
  return name
}
