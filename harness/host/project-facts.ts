// harness/host/project-facts.ts: what exactly is under test, and on what: commit, package, lock file, bill of materials, machine.
//
// 1. What can not be found out is said, with the reason, and never guessed.
// 2. Nothing is changed: npm is asked without scripts and without a network.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { basename, join, resolve } from 'node:path'
import {
  normaliseCycloneDx,
  normaliseSpdx,
  type EvidenceInput,
  type HostFacts,
  type ProjectFacts,
} from '../../reports/index.ts'

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024
const TIME_LIMIT_MS = 120_000

export function hostFacts(): HostFacts {
  const [cpu] = cpus()
  return {
    node: process.version,
    nodeSha256: createHash('sha256').update(readFileSync(process.execPath)).digest('hex'),
    v8: process.versions.v8,
    execArguments: process.execArgv,
    platform: `${process.platform} ${process.arch}`,
    release: release(),
    cpu: cpu?.model ?? 'not known',
    cpus: cpus().length,
  }
}

export function projectFacts(directory: string): ProjectFacts {
  const unknown: string[] = []
  const ask = <T>(what: string, make: () => T): T | undefined => {
    try {
      return make()
    } catch (error) {
      unknown.push(`${what} is not known (${firstLine(error)})`)
      return undefined
    }
  }
  const git = (...words: string[]): string => run('git', words, directory).trim()
  const manifest = ask('the package', () => record(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))))
  const packed = ask('the package hash', () =>
    packedFacts(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], directory)),
  )
  const lock = join(directory, 'package-lock.json')
  return {
    name: text(manifest?.['name']) ?? basename(resolve(directory)),
    version: text(manifest?.['version']) ?? 'not known',
    commit: ask('the commit', () => git('rev-parse', 'HEAD')),
    tree: ask('the tree', () => git('rev-parse', 'HEAD^{tree}')),
    changed: ask('whether files differ from the commit', () => git('status', '--porcelain') !== ''),
    packageIntegrity: packed?.integrity,
    packageFiles: packed?.files,
    lockFileSha256: ask('the lock file', () => createHash('sha256').update(readFileSync(lock)).digest('hex')),
    unknown,
  }
}

/** `created` stands for the time in SPDX, which demands one. */
export function billsOfMaterials(directory: string, created: string): EvidenceInput['sboms'] {
  const unknown: string[] = []
  if (!existsSync(join(directory, 'package-lock.json')))
    return { unknown: ['there is no package-lock.json: no bill of materials could be made of it'] }
  const ask = (format: string, normalise: (given: string) => string): string | undefined => {
    try {
      return normalise(run('npm', ['sbom', '--sbom-format', format, '--package-lock-only'], directory))
    } catch (error) {
      unknown.push(`npm made no bill of materials as ${format} (${firstLine(error)})`)
      return undefined
    }
  }
  const cyclonedx = ask('cyclonedx', normaliseCycloneDx)
  const spdx = ask('spdx', (given) => normaliseSpdx(given, created))
  return { cyclonedx, spdx, unknown }
}

function run(command: string, words: readonly string[], cwd: string): string {
  const shell = process.platform === 'win32'
  return execFileSync(command, [...words], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: TIME_LIMIT_MS,
    shell,
  })
}

function packedFacts(output: string): Readonly<{ integrity: string; files: number }> {
  const parsed: unknown = JSON.parse(output)
  const list = Array.isArray(parsed) ? parsed : Object.values(record(parsed))
  const first = record(list[0])
  const integrity = text(first['integrity'])
  const files = first['files']
  if (integrity === undefined) throw new Error('npm pack told no integrity')
  return { integrity, files: Array.isArray(files) ? files.length : 0 }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
