// test/package/pack-check.ts: `npm run pack:check`: the package as its users get it. Not a test: it installs from a registry.
//
// Packs, installs the tarball in an empty folder with production dependencies only, imports every export, runs both
// commands, a short campaign and a planted defect. The first thing that is wrong ends it with exit code 1.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const PROJECT = resolve(import.meta.dirname, '../..')
/** What users have no use for. */
const UNWANTED = [/^dist\/test\//, /\.tsbuildinfo$/, /^test\//, /powercut-results/]

type Manifest = Readonly<{
  name: string
  bin: Readonly<Record<string, string>>
  exports: Readonly<Record<string, unknown>>
}>

const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Manifest
const folder = mkdtempSync(join(tmpdir(), 'powercut-pack-'))
try {
  main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function main(): void {
  run('npm pack', 'npm', ['pack', '--pack-destination', folder], PROJECT)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack made no tarball')
  // Without --prefix, npm would install into the nearest folder above that has a package.json.
  run(`npm install ${tarball}`, 'npm', [
    'install',
    '--prefix',
    folder,
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    `./${tarball}`,
  ])
  const installed = join(folder, 'node_modules', manifest.name)
  if (!existsSync(join(installed, 'dist/reports/ui/report-app.js')))
    throw new Error("the package has no script for its reports: 'npm run build' makes it")
  const unwanted = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((path) =>
    UNWANTED.some((pattern) => pattern.test(path)),
  )
  if (unwanted.length > 0) throw new Error(`the package holds ${unwanted.join(', ')}`)
  // The fronts for vitest and the plugin for MC/DC need optional peers, which are not installed here.
  const needPeers = ['./vitest', './vitest/requirements', './mcdc']
  const names = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json') && !needPeers.includes(name))
  for (const name of names) {
    const specifier = name.replace(/^\./, manifest.name)
    const code = `if (Object.keys(await import('${specifier}')).length === 0) process.exit(1)`
    run(`import '${specifier}'`, process.execPath, ['--input-type=module', '--eval', code])
  }
  const command = (name: string, ...words: readonly string[]) =>
    run([name, ...words].join(' '), join(folder, 'node_modules', '.bin', name), words)
  for (const name of Object.keys(manifest.bin)) command(name, '--help')
  command('powercut', 'init')
  command('powercut', 'run', './notes.scenario.ts', '--faults', 'crash')
  command('powercut', 'run', 'core20', '--points', '1..20')
  command('powercut', 'run', 'core20', '--points', '1..20', '--faults', 'allocation')
  command('powercut', 'selftest', 'directory-not-synced-before-create')
  command('packdb', 'core20', '--docroot', folder, '--iterations', '20')
  command('packdb', 'verify', folder)
}

/** Runs it in the empty folder, unless another is named. Throws, with what it said, if its exit code is not 0. */
function run(what: string, file: string, words: readonly string[], cwd = folder): void {
  const { status, stdout, stderr, error } = spawnSync(file, words, { cwd, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${what} ended with exit code ${status}\n${stdout}\n${stderr}`)
  process.stdout.write(`ok  ${what}\n`)
}
