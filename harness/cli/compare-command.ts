// harness/cli/compare-command.ts: `powercut compare`, what changed between two campaigns.

import {
  compareCampaigns,
  comparisonText,
  lcovLosses,
  mutantLosses,
  readCampaign,
  readLcov,
  readRecords,
  readSelftest,
  resolveResultFolder,
  sweepLosses,
  type ComparedCampaign,
} from '../../reports/index.ts'
import { EXIT, UsageError } from '../campaign/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { printJson } from './terminal.ts'

type CompareFlags = Readonly<{
  strict?: boolean
  selftests?: string[]
  lcov?: string[]
  lcovDrop?: string
  json?: boolean
}>

/**
 * Exits 1 if there are new violations, if a mutant is no longer caught, or if coverage fell; with `--strict` also if points
 * are gone or a family is no longer swept whole.
 */
export async function compareCommand(
  before: string,
  after: string,
  flags: CompareFlags,
  { terminal }: CommandContext,
): CommandResult {
  const drop = parseDrop(flags)
  const [selftests, lcov] = [pairOf('--selftests', flags.selftests), pairOf('--lcov', flags.lcov)]
  const [old, now] = [compared(before), compared(after)]
  const comparison = compareCampaigns(old, now)
  const gates = {
    sweep: sweepLosses(old.campaign, now.campaign),
    mutants: selftests === undefined ? [] : mutantLosses(...both(selftests, readSelftest)),
    coverage: lcov === undefined ? [] : lcovLosses(...both(lcov, readLcov), drop),
  }
  if (flags.json === true) printJson(terminal, { ...comparison, gates })
  else {
    const lost = [...gates.sweep, ...gates.mutants, ...gates.coverage]
    terminal.out([...lost, ...(lost.length === 0 ? [] : ['']), comparisonText(comparison)].join('\n'))
  }
  const { violations, points } = comparison
  const strict = flags.strict === true && (points.went.count > 0 || gates.sweep.length > 0)
  const worse = violations.new.some(({ expected }) => expected === undefined) || gates.mutants.length > 0
  return worse || strict || gates.coverage.length > 0 ? EXIT.violations : EXIT.passed
}

function parseDrop({ lcov, lcovDrop }: CompareFlags): number {
  if (lcovDrop === undefined) return 0
  if (lcov === undefined) throw new UsageError('--lcov-drop belongs to --lcov OLD,NEW: how far a share may fall.')
  const percent = /^\d+(\.\d+)?$/.test(lcovDrop) ? Number(lcovDrop) : Number.NaN
  if (percent <= 100) return percent
  throw new UsageError(`--lcov-drop takes percents from 0 to 100, not '${lcovDrop}'.`)
}

function pairOf(option: string, given: readonly string[] | undefined): readonly [string, string] | undefined {
  if (given === undefined) return undefined
  const [old, now, ...more] = given.flatMap((text) => text.split(',')).map((word) => word.trim())
  if (old !== undefined && now !== undefined && old !== '' && now !== '' && more.length === 0) return [old, now]
  throw new UsageError(`${option} takes two files, OLD,NEW, not '${given.join(',')}'.`)
}

function both<T>([old, now]: readonly [string, string], read: (path: string) => T): [T, T] {
  return [read(old), read(now)]
}

function compared(folder: string): ComparedCampaign {
  const directory = resolveResultFolder(folder)
  return { campaign: readCampaign(directory), records: () => readRecords(directory) }
}
