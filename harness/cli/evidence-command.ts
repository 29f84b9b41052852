// harness/cli/evidence-command.ts: `powercut report --format evidence`: the self-check, then a bundle of what there is.
//
// 1. The self-check comes first. A bundle is written either way: with a wrong answer it is void, and the exit code 1.
// 2. What is missing is named, with the command that makes it. It is no failure: the bundle says how far it goes. A result
//    folder that is not as it was written is told and its campaign is incomplete: exit code 3.

import { join } from 'node:path'
import { ENGINE_MUTANTS } from '../../faults/mutants/index.ts'
import {
  BUNDLE_FOLDER,
  gateAnswers,
  plural,
  readBundleCampaign,
  readEvidenceInputs,
  resolveResultFolder,
  writeBundle,
  type BundleCampaign,
  type Manifest,
} from '../../reports/index.ts'
import { EXIT, RUN_LIMIT_MS } from '../campaign/index.ts'
import { billsOfMaterials, hostFacts, packageVersion, projectFacts } from '../host/index.ts'
import { HARNESS_MUTANTS, KNOWN_ANSWER_MUTANTS, askKnownAnswers, type KnownAnswerPlan } from '../selftest/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { DEFAULT_SEED } from './run-options.ts'
import { printJson, speaker } from './terminal.ts'

export type EvidenceFlags = Readonly<{ with?: string[]; out?: string; independence?: boolean; json?: boolean }>

/** What the self-check asks. */
export const SELF_CHECK: Omit<KnownAnswerPlan, 'answer'> = {
  engine: ENGINE_MUTANTS.filter(({ id }) => KNOWN_ANSWER_MUTANTS.includes(id)),
  harness: HARNESS_MUTANTS,
  clean: [{ scenario: 'atomic-file', parameters: {} }],
  runLimitMs: RUN_LIMIT_MS,
  seed: DEFAULT_SEED,
}

export async function evidenceCommand(
  directories: readonly string[],
  flags: EvidenceFlags,
  context: CommandContext,
  selfCheck: Omit<KnownAnswerPlan, 'answer'> = SELF_CHECK,
): CommandResult {
  const { terminal } = context
  const say = speaker(terminal, flags.json === true)
  const folders = directories.map((directory) => resolveResultFolder(directory))
  const out = flags.out ?? join(folders[0] ?? '.', BUNDLE_FOLDER)
  // Read first: what is wrong with the input is said before the self-check has taken its time.
  const campaigns = folders.map(readBundleCampaign)
  const problems = campaigns.flatMap((one) => one.problems)
  for (const problem of problems) terminal.error(`powercut: ${problem}\n`)
  const manifest = await makeEvidence(campaigns, out, flags, context, selfCheck)
  if (flags.json === true) printJson(terminal, { directory: out, problems, ...summaryOf(manifest) })
  for (const { artefact, what, why } of manifest.missing) say(`missing: ${what} (artefact ${artefact}): ${why}`)
  for (const reason of manifest.void) say(`VOID: ${reason}`)
  say(`${plural(manifest.files.length, 'file')} in ${out}, UNSIGNED: powercut sign puts a sign-off on it`)
  if (manifest.void.length > 0) return EXIT.violations
  return problems.length > 0 ? EXIT.incomplete : EXIT.passed
}

async function makeEvidence(
  given: readonly BundleCampaign[],
  out: string,
  flags: EvidenceFlags,
  { terminal, host }: CommandContext,
  selfCheck: Omit<KnownAnswerPlan, 'answer'>,
): Promise<Manifest> {
  const startedAt = host.timestamp()
  const campaigns = given.map(({ directory, campaign }) => ({ directory, campaign }))
  const files = readEvidenceInputs(flags.with ?? [])
  const gates = gateAnswers()
  const { answers, planted } = await askKnownAnswers(
    {
      ...selfCheck,
      answer: ({ id, passed, detail }) => {
        if (terminal.interactive || !passed) terminal.error(`${passed ? 'right' : 'WRONG'} ${id}: ${detail}\n`)
      },
    },
    host,
  )
  const latest =
    campaigns
      .map(({ campaign }) => campaign.endedAt)
      .toSorted()
      .at(-1) ?? startedAt
  return writeBundle(out, {
    project: projectFacts('.'),
    host: hostFacts(),
    powercut: packageVersion(),
    campaigns,
    files,
    knownAnswers: [...gates, ...answers],
    planted,
    sboms: billsOfMaterials('.', latest),
    independence: flags.independence === true,
    startedAt,
    producedAt: host.timestamp(),
  })
}

function summaryOf({ void: reasons, missing, files, reproducibleSha256 }: Manifest): Readonly<Record<string, unknown>> {
  return { void: reasons, missing, files: files.length, reproducibleSha256 }
}
