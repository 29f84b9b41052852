// reports/store/evidence-inputs.ts: files that are given to a bundle, each told from its content.
//
// 1. A file that is named and not known is refused. In a folder, what is not known is passed over.
// 2. Of what a bundle has one of, two are refused: which one counts is not for us to say.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KNOWN_INPUTS, recognise, type BundleCampaign, type InputFile, type InputKind } from '../evidence/index.ts'
import { ReportError } from '../report-error.ts'
import { readCampaign } from './campaign-file.ts'
import { checkFolder } from './check-folder.ts'
import { io } from './line-file.ts'

const BYTES_MAX = 512 * 1024 * 1024
const EXTENSION = /\.(json|xml|csv|info|reqif|sarif|lcov)$/i
const ONE_OF: readonly InputKind[] = [
  'mcdc',
  'mcdc-justifications',
  'fault-coverage',
  'matrix',
  'matrix-table',
  'requirements-table',
  'reqif',
  'needs',
  'mutation',
  'selftest',
  'cyclonedx',
  'spdx',
]

/**
 * A campaign for a bundle, and what its folder says twice and not the same, which makes it incomplete. Throws as
 * `readCampaign` does.
 */
export function readBundleCampaign(directory: string): BundleCampaign & Readonly<{ problems: readonly string[] }> {
  const stored = readCampaign(directory)
  const problems = checkFolder(stored, directory)
  const incomplete = [...stored.incomplete, ...problems]
  const campaign = problems.length === 0 ? stored : { ...stored, complete: false, incomplete }
  return { directory, campaign, problems }
}

/** Files and folders by path. Throws ReportError 'file-missing', 'bad-input-file' or 'damaged'. */
export function readEvidenceInputs(paths: readonly string[]): readonly InputFile[] {
  const files = paths.flatMap((path) => {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there === undefined) throw new ReportError('file-missing', path, `there is no ${path}`)
    if (there.isDirectory()) return folderFiles(path).flatMap((inside) => readOne(inside) ?? [])
    const file = readOne(path)
    if (file === undefined)
      throw new ReportError('bad-input-file', path, `${path} is none of what a bundle takes (${KNOWN_INPUTS})`)
    return [file]
  })
  for (const kind of ONE_OF) {
    const [first, second] = files.filter(({ content }) => content.kind === kind)
    if (first !== undefined && second !== undefined)
      throw new ReportError(
        'bad-input-file',
        second.path,
        `${first.path} and ${second.path} are of the same kind (${kind}), and a bundle has one`,
      )
  }
  return files
}

function readOne(path: string): InputFile | undefined {
  if (statSync(path).size > BYTES_MAX)
    throw new ReportError('bad-input-file', path, `${path} is larger than ${BYTES_MAX} bytes`)
  const text = io(path, 'read', () => readFileSync(path, 'utf8'))
  const content = recognise(path, text)
  return content === undefined ? undefined : { path: path.replaceAll('\\', '/'), text, content }
}

function folderFiles(folder: string): string[] {
  const entries = io(folder, 'listed', () => readdirSync(folder, { withFileTypes: true }))
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory())
        return entry.name === 'tmp' || existsSync(join(path, 'manifest.json')) ? [] : folderFiles(path)
      return entry.isFile() && EXTENSION.test(entry.name) ? [path] : []
    })
}
