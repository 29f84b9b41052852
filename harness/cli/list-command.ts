// harness/cli/list-command.ts: `powercut list`, what there is to run, to fail, to judge with and to plant.

import {
  applicableCodes,
  CRASH_FAMILIES,
  IO_CONDITION_MODES,
  PERSISTENCE_MODELS,
  type IoCondition,
} from '../../faults/index.ts'
import { KIT_MUTANTS } from '../../faults/mutant-kit/index.ts'
import { ENGINE_MUTANTS } from '../../faults/mutants/index.ts'
import { EXIT, RUN_LIMIT_MS, UsageError, type Crew } from '../campaign/index.ts'
import { builtinScenarioNames } from '../host/index.ts'
import { ORACLES } from '../oracles/index.ts'
import { ALLOCATION_MODES, CLOCK_CHANGES, DAMAGE_FAMILIES } from '../plan/index.ts'
import { FILE_SYSTEM_CALLS, type FileSystemCall } from '../../engine/ports/index.ts'
import { HARNESS_MUTANTS } from '../selftest/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { printJson, table } from './terminal.ts'

/** What is put into the process that recovers from a crash, and the chain of a failed sync. */
const RECOVERY_KINDS = ['crash', 'allocation', 'io', 'failed sync, kill, commit, power loss']

/** What calls fail with while a condition of the device lasts. */
const CONDITION_CODES: Readonly<Record<IoCondition['mode'], readonly string[]>> = {
  outage: ['EIO', 'ENOSPC'],
  full: ['ENOSPC'],
  slow: [],
  'write-back': ['EIO'],
  lie: [],
}

/** What the campaign itself complains of, beside the judges of a run. */
const SHELL_ORACLES = {
  hang: 'a run ends: no event for the limit of wall-clock time ends its worker',
  harness: 'a run does not end its worker: one that does so twice is the harness that failed',
}

export async function listCommand(flags: Readonly<{ json?: boolean }>, context: CommandContext): CommandResult {
  await using crew = context.host.makeCrew({ workers: 1, mutant: undefined, runLimitMs: RUN_LIMIT_MS })
  const scenarios = []
  for (const name of builtinScenarioNames()) {
    scenarios.push(await described(crew, name))
  }
  const families = [
    { name: 'allocation', kinds: ALLOCATION_MODES.map((mode) => ({ kind: mode, codes: ['ENOMEM'] })) },
    {
      name: 'io',
      kinds: [
        ...FILE_SYSTEM_CALLS.map((call) => ({ kind: call, codes: ioCodes(call) })),
        ...IO_CONDITION_MODES.map((mode) => ({ kind: mode, codes: CONDITION_CODES[mode] })),
      ],
    },
    { name: 'crash', kinds: CRASH_FAMILIES.map((family) => ({ kind: family, codes: [] })) },
    { name: 'corruption', kinds: DAMAGE_FAMILIES.map((family) => ({ kind: family, codes: [] })) },
    { name: 'recovery', kinds: RECOVERY_KINDS.map((kind) => ({ kind, codes: [] })) },
    { name: 'schedule', kinds: [{ kind: 'choices', codes: [] }] },
    { name: 'clock', kinds: CLOCK_CHANGES.map((change) => ({ kind: change, codes: [] })) },
  ]
  const oracles = Object.entries({ ...ORACLES, ...SHELL_ORACLES }).map(([name, demands]) => ({ name, demands }))
  const models = Object.values(PERSISTENCE_MODELS).map(({ name, summary }) => ({ name, summary }))
  const mutants = [...ENGINE_MUTANTS, ...HARNESS_MUTANTS].map(({ id, kind, scenario, summary }) => ({
    id,
    kind,
    scenario,
    summary,
  }))
  const kit = KIT_MUTANTS.map(({ id, kind, summary }) => ({ id, kind, summary }))
  if (flags.json === true) {
    printJson(context.terminal, { scenarios, families, models, oracles, mutants, kit })
    return EXIT.passed
  }
  const lines = [
    'Scenarios',
    ...table(
      scenarios.map(({ name, summary, parameters }) => [
        `  ${name}`,
        summary,
        Object.entries(parameters)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
      ]),
    ),
    '',
    'Fault families',
    ...families.flatMap(({ name, kinds }) => [
      `  ${name}`,
      ...table(kinds.map(({ kind, codes }) => [`    ${kind}`, codes.join(' ')])),
    ]),
    '',
    'Persistence models',
    ...table(models.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'Oracles',
    ...table(oracles.map(({ name, demands }) => [`  ${name}`, demands])),
    '',
    'Mutants',
    ...table(mutants.map(({ id, kind, scenario, summary }) => [`  ${id}`, kind, scenario, summary])),
    '',
    'Mutant kit, for any scenario',
    ...table(kit.map(({ id, summary }) => [`  ${id}`, summary])),
  ]
  context.terminal.out(`${lines.join('\n')}\n`)
  return EXIT.passed
}

/** Short transfers are no code of their own: the call says how much it did. */
function ioCodes(call: FileSystemCall): readonly string[] {
  return call === 'read' || call === 'append' ? [...applicableCodes(call), 'short'] : applicableCodes(call)
}

/** What a scenario says of itself; one over a package that is not installed says so. */
async function described(crew: Crew, name: string) {
  try {
    const { summary, parameters, models } = await crew.describe(name, {})
    return { name, summary, parameters, models, available: true }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { name, summary: error.message, parameters: {}, models: [], available: false }
  }
}
