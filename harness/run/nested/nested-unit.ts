// harness/run/nested/nested-unit.ts: the recovery family cut into units: the disks from which a recovering process is
// swept, with the number of plans of each.
//
//   depth 2   a disk that the recorded run's crash leaves                                ─▶ its recovery swept
//   depth 3   a disk that a crash of that recovery leaves                                ─▶ its recovery swept, and so on
//
//   chain     the disk that a failed sync and a kill leave (io-chains.ts)                ─▶ its recovery crashed
//
// 1. A unit is a sync interval of the recorded run, or a segment whose syncs fail. Equal disks are one, in a unit; so are, unless all are asked for, disks
//    whose undisturbed recovery has the same trace: the first is the representative.
// 2. A disk whose recovery is wrong without another fault is a finding, with the token that shows it.

import { crashPlans } from '../../explore/index.ts'
import { fingerprintOf } from '../../oracles/index.ts'
import type { CampaignFinding, CampaignRequest, Form, UnitSummary } from '../../plan/index.ts'
import type { RunContext } from '../context.ts'
import { PointTwins } from '../crash-run.ts'
import { crashOptions } from '../sweep-crashes.ts'
import type { CrashUnit, FaultUnit } from '../unit.ts'
import { crashedDisk, type CrashedDisk, type CrashingRun } from './crashed-disk.ts'
import { chainDisks } from './io-chains.ts'
import { countNestedPlans, type NestedOptions } from './nested-plans.ts'
import { enterRecovery, type FailedRecovery, type RecoveryProcess } from './recovery-process.ts'

/** Crash states of a sync interval that are looked at for a recovery unlike the others, unless all are swept. */
const CANDIDATES_MAX = 64
/** Failed syncs of one call site, in one way, that are looked at likewise. */
const CHAINS_MAX = 6

/** A disk whose recovery is swept. */
export type NestedStart = Readonly<{
  disk: CrashedDisk
  planned: number
  /** Hash of the undisturbed recovery when it was counted. */
  digest: string
  crashesOnly: boolean
}>

export type NestedUnit = Readonly<{ kind: 'nested'; summary: UnitSummary; starts: readonly NestedStart[] }>

/** What a campaign asks of the family. */
export function nestedOptions(request: CampaignRequest, crashesOnly: boolean): NestedOptions {
  const { modes, statesPerIntervalMax, everyRecovery = false } = request
  return { modes, statesPerIntervalMax, everyRecovery, crashesOnly }
}

/** Units for the crash units of the recorded run, then for the chains of a segment's failed syncs, one each. */
export async function nestedUnits(
  context: RunContext,
  request: CampaignRequest,
  { crashes, calls }: Readonly<{ crashes: readonly CrashUnit[]; calls: readonly FaultUnit[] }>,
  first: Readonly<{ index: number; order: number }>,
): Promise<Readonly<{ units: readonly NestedUnit[]; findings: readonly CampaignFinding[] }>> {
  const units: NestedUnit[] = []
  const findings = new Map<string, CampaignFinding>()
  const shapes = new Set<string>()
  const everyDisk = request.everyRecovery === true
  let { index, order } = first
  const failed = (failure: FailedRecovery): void => {
    const finding = findingOf(context, failure)
    if (!findings.has(finding.fingerprint)) findings.set(finding.fingerprint, finding)
  }
  const add = ({ form, phase }: UnitSummary, { starts }: StartChooser): void => {
    if (starts.length === 0) return
    const planned = starts.reduce((sum, start) => sum + start.planned, 0)
    const summary = { index, family: 'recovery' as const, form, phase, firstOrder: order, planned }
    units.push({ kind: 'nested', summary, starts })
    index += 1
    order += planned
  }
  for (const unit of crashes) {
    const chooser = new StartChooser(request, shapes, failed)
    for (const disk of disksOf(context, unit, everyDisk ? undefined : CANDIDATES_MAX))
      await chooser.offer(disk, { depth: request.depth ?? 2 })
    add(unit.summary, chooser)
  }
  const chains = new Map<string, number>()
  const wants = (kind: string): boolean => {
    const known = chains.get(kind) ?? 0
    chains.set(kind, known + 1)
    return everyDisk || known < CHAINS_MAX
  }
  // A range of points is of calls of the recorded run; those that fail here have other numbers.
  for (const unit of request.points === undefined ? calls : []) {
    const chooser = new StartChooser(request, shapes, failed)
    for await (const { disk, kind } of chainDisks(context, request, unit, wants))
      await chooser.offer(disk, { depth: 2, crashesOnly: true, kind })
    add(unit.summary, chooser)
  }
  return { units, findings: [...findings.values()] }
}

type OfferOptions = Readonly<{
  /** Faults that a plan from the disk on may have, the crash that left it included. */
  depth: number
  crashesOnly?: boolean
  /** Representatives are chosen for each kind apart. */
  kind?: string
}>

/** Chooses the disks of one unit. */
class StartChooser {
  readonly starts: NestedStart[] = []
  private readonly request: CampaignRequest
  private readonly everyDisk: boolean
  private readonly failed: (failure: FailedRecovery) => void
  private readonly disks = new Set<string>()
  private readonly shapes: Set<string>

  constructor(request: CampaignRequest, shapes: Set<string>, failed: (failure: FailedRecovery) => void) {
    this.shapes = shapes
    this.request = request
    this.everyDisk = request.everyRecovery === true
    this.failed = failed
  }

  /** Takes the disk and what `depth` allows behind it, unless it is known. */
  async offer(disk: CrashedDisk, options: OfferOptions): Promise<void> {
    const { depth, crashesOnly = false, kind = '' } = options
    if (depth < 2 || this.disks.has(disk.key)) return
    this.disks.add(disk.key)
    // A crash within it, deeper down, is named by the identity of its point.
    const process = await enterRecovery(disk, { sites: depth > 2 })
    if (process === undefined) return
    if ('violation' in process) {
      this.failed(process)
      return
    }
    if (!this.everyDisk) {
      const shape = `${kind} ${process.shape}`
      if (this.shapes.has(shape)) return
      this.shapes.add(shape)
    }
    const planned = countNestedPlans(process, nestedOptions(this.request, crashesOnly))
    this.starts.push({ disk, planned, digest: process.digest, crashesOnly })
    if (depth > 2) for (const next of disksWithin(process)) await this.offer(next, { ...options, depth: depth - 1 })
  }
}

/** The crash states of a unit of the recorded run, twins of earlier points left out. */
function* disksOf(context: RunContext, unit: CrashUnit, statesMax: number | undefined): Generator<CrashedDisk, void> {
  const { form, phase } = unit.summary
  const calls = new Map(unit.calls.map((recorded) => [recorded.point.call.index, recorded]))
  const twins = new PointTwins()
  const points = unit.points.filter((point) => {
    const recorded = calls.get(point.call)
    return recorded !== undefined && !twins.isTwin(point, recorded.progress)
  })
  const run = recordedRun(context, form, phase)
  const share = statesMax === undefined ? undefined : Math.max(1, Math.floor(statesMax / Math.max(1, points.length)))
  for (const plan of crashPlans(points, crashOptions(context, share))) {
    const recorded = calls.get(plan.point.call)
    if (plan.kind === 'state' && recorded !== undefined) yield crashedDisk(run, plan.point, plan.state, recorded)
  }
}

/** The crash states of a recovering process. */
function* disksWithin(process: RecoveryProcess): Generator<CrashedDisk, void> {
  const run = recoveringRun(process)
  for (const points of process.intervals)
    for (const plan of crashPlans(points, crashOptions(process.context, undefined))) {
      const recorded = process.recorded.get(plan.point.call)
      if (plan.kind === 'state' && recorded !== undefined) yield crashedDisk(run, plan.point, plan.state, recorded)
    }
}

/** The run that all crashes of the crash family belong to. */
export function recordedRun(context: RunContext, form: Form, phase: string): CrashingRun {
  return { context, form, faults: [], text: '', phase, process: { process: 1, boot: 1 }, digest: '', delivered: 0 }
}

/** The recovering process as one that crashes in its turn. */
export function recoveringRun({ disk, context, digest }: RecoveryProcess): CrashingRun {
  const { form, faults, text, phase, next, delivered } = disk
  return { context, form, faults, text, phase, process: next, digest: `${disk.digest} ${digest}`, delivered }
}

function findingOf(context: RunContext, { disk, violation }: FailedRecovery): CampaignFinding {
  const { oracle, message } = violation
  const { name } = context.loaded
  // A crash of the recorded run is a case of the crash family: the same name, so that it is one row and can be made smaller.
  const fingerprint =
    disk.faults.length === 1
      ? fingerprintOf(oracle, name, disk.phaseKind, disk.place)
      : fingerprintOf(oracle, name, 'recovery', 'undisturbed')
  return {
    oracle,
    message: `${disk.text}: ${message}`,
    step: disk.phase,
    token: context.token(disk.form, disk.faults),
    fingerprint,
  }
}
