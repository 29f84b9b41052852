// harness/cli/signing-commands.ts: `powercut keygen`, `sign` and `verify-evidence`: who stands for a bundle, and whether it is whole.
//
// 1. A bundle that is whole and unsigned passes with a warning, unless signatures are asked for.
// 2. Everything that is wrong is told, each thing with its name and its file.

import {
  BUNDLE_PROBLEMS,
  SIGN_OFF_ROLES,
  bundleReader,
  plural,
  readPrivateKey,
  readPublicKey,
  resolveBundle,
  signBundle,
  verifyBundle,
  writeKeyPair,
} from '../../reports/index.ts'
import { EXIT, UsageError } from '../campaign/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { parseWords } from './parse.ts'
import { printJson, speaker } from './terminal.ts'

const DEFAULT_KEY = 'powercut-signing'
const NAME_LENGTH_MAX = 200

export async function keygenCommand(
  flags: Readonly<{ out?: string; json?: boolean }>,
  { terminal }: CommandContext,
): CommandResult {
  const name = flags.out ?? DEFAULT_KEY
  const made = writeKeyPair(name.replace(/\.key$/, ''))
  if (flags.json === true) printJson(terminal, made)
  else
    terminal.out(
      `Wrote ${made.privatePath}, which signs: keep it to yourself, and out of the repository.\n` +
        `Wrote ${made.publicPath}, with which others check: give it to them by a way that they trust.\n` +
        `Key ${made.keyId}\n`,
    )
  return EXIT.passed
}

export type SignFlags = Readonly<{
  role?: string
  key?: string
  name?: string
  organisation?: string
  statement?: string
  json?: boolean
}>

export async function signCommand(
  directory: string,
  flags: SignFlags,
  { terminal, host }: CommandContext,
): CommandResult {
  if (flags.role === undefined) throw new UsageError(`--role is missing: valid are ${SIGN_OFF_ROLES.join(', ')}.`)
  const [role, second] = parseWords('--role', [flags.role], SIGN_OFF_ROLES)
  if (role === undefined || second !== undefined)
    throw new UsageError(`--role takes one role: valid are ${SIGN_OFF_ROLES.join(', ')}.`)
  const { name = '', organisation = '', statement } = flags
  for (const [option, text] of Object.entries({ name, organisation }))
    if (text.length > NAME_LENGTH_MAX) throw new UsageError(`--${option} is longer than ${NAME_LENGTH_MAX} characters.`)
  const bundle = resolveBundle(directory)
  const key = readPrivateKey(flags.key ?? `${DEFAULT_KEY}.key`)
  const signer = { role, name, organisation, ...(statement === undefined ? {} : { statement }) }
  const paths = signBundle(bundle, { ...signer, key, now: host.timestamp() })
  if (flags.json === true) printJson(terminal, { files: paths })
  else for (const path of paths) terminal.out(`${path}\n`)
  if (name === '') terminal.error('powercut: signed without a name: --name says who stands for it.\n')
  return EXIT.passed
}

export type VerifyFlags = Readonly<{
  key?: string[]
  requireSignatures?: boolean
  role?: string[]
  independence?: boolean
  json?: boolean
}>

export async function verifyEvidenceCommand(
  directory: string,
  flags: VerifyFlags,
  { terminal, host }: CommandContext,
): CommandResult {
  const roles = flags.role === undefined ? [] : parseWords('--role', flags.role, SIGN_OFF_ROLES)
  const keys = (flags.key ?? []).map(readPublicKey)
  const bundle = resolveBundle(directory)
  const verdict = verifyBundle(bundleReader(bundle), {
    keys,
    roles,
    requireSignatures: flags.requireSignatures === true || roles.length > 0,
    independence: flags.independence === true,
    now: host.timestamp(),
  })
  const { problems, warnings, filesChecked, recordsChecked, signOffs, manifestSha256 } = verdict
  const isWhole = problems.length === 0
  if (flags.json === true)
    printJson(terminal, {
      whole: isWhole,
      manifestSha256,
      reproducibleSha256: verdict.manifest?.reproducibleSha256,
      filesChecked,
      recordsChecked,
      signOffs,
      problems: problems.map((problem) => ({ ...problem, meaning: BUNDLE_PROBLEMS[problem.code] })),
      warnings,
    })
  const say = speaker(terminal, flags.json === true)
  for (const { code, path, message } of problems) say(`${code}: ${path} ${message}`)
  for (const warning of warnings) say(`warning: ${warning}`)
  for (const { role, name, organisation, date } of signOffs)
    say(
      `signed as ${role} by ${[name, organisation].filter((text) => text !== '').join(', ') || 'nobody named'}, ${date}`,
    )
  const looked = `${plural(filesChecked, 'file')} and ${plural(recordsChecked, 'chained record')} checked`
  say(isWhole ? `The bundle is whole: ${looked}.` : `${plural(problems.length, 'problem')}: ${looked}.`)
  return isWhole ? EXIT.passed : EXIT.violations
}
