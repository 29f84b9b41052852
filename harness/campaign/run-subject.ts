// harness/campaign/run-subject.ts: all units of one scenario and seed, spread over the crew.
//
// 1. Units are begun in plan order, as many at once as there are workers.
// 2. A campaign that stops ends the runs in hand, begins no unit, and says nothing of units that it did not end.
// 3. Every worker must come to the same preparation; one that does not is a finding of its own.

import type { CampaignFinding, CampaignRequest, Preparation, RunRecord } from '../plan/index.ts'
import type { Crew } from './crew.ts'
import type { ResultSink } from './result-sink.ts'
import { superviseUnit } from './supervise.ts'

/** A scenario with one seed, prepared. */
export type Subject = Readonly<{
  /** What records and reports call it: the scenario's name, with the seed if there are several. */
  label: string
  request: CampaignRequest
  preparation: Preparation
  digest: string
  /** The campaign is made under several persistence models: records say which. */
  severalModels: boolean
  /** Replays the run without a fault. */
  faultlessToken: string
  /** Added to the core's plan-order and unit numbers. */
  orderOffset: number
  unitOffset: number
}>

export type SubjectEnd = Readonly<{
  findings: readonly CampaignFinding[]
  /** Why units were given up, a sentence each. */
  reasons: readonly string[]
}>

export async function runSubject(
  subject: Subject,
  crew: Crew,
  sink: ResultSink,
  control: Readonly<{
    stopped: () => boolean
    owns: (unit: number) => boolean
    recorded: (records: readonly RunRecord[]) => void
  }>,
): Promise<SubjectEnd> {
  const { request, preparation, orderOffset, unitOffset, label } = subject
  const findings = new Map<string, CampaignFinding>()
  const reasons: string[] = []
  const waiting = preparation.units[Symbol.iterator]()

  const lane = async (): Promise<void> => {
    for (const unit of waiting) {
      if (control.stopped()) return
      if (!control.owns(unitOffset + unit.index) || sink.hasUnit(unitOffset + unit.index)) continue
      let received = 0
      const keep = (records: readonly RunRecord[]) => {
        received += records.length
        const own = records.map((record) => ({
          ...record,
          scenario: label,
          ...(subject.severalModels ? { model: request.subject.model } : {}),
          order: record.order + orderOffset,
        }))
        sink.add(own)
        control.recorded(own)
      }
      const done = sink.doneBetween(orderOffset + unit.firstOrder, unit.planned)
      const own = (orders: ReadonlySet<number>) => new Set([...orders].map((order) => order - orderOffset))
      const lost = own(sink.lostBetween(orderOffset + unit.firstOrder, unit.planned))
      const task = { request, unit: unit.index, done: own(done), lost }
      const end = await superviseUnit(crew, task, keep, control.stopped)
      if (end.digest !== undefined && end.digest !== subject.digest) {
        findings.set('worker', differentPreparation(subject))
      }
      if (end.result === undefined) {
        if (!control.stopped()) reasons.push(`${unit.family} runs of ${unit.phase} were given up: ${end.reason}.`)
        continue
      }
      const { merged, mergedBy, skipped, interval, recoveryMs, checkMs } = end.result
      // A unit that was stopped on its way is not ended: on resume it goes on.
      if (control.stopped() && done.size + received + merged + skipped < unit.planned) continue
      sink.addUnit(unitOffset + unit.index, {
        scenario: label,
        family: unit.family,
        merged,
        mergedBy,
        skipped,
        ...(interval === undefined ? {} : { interval }),
        recoveryMs,
        checkMs,
      })
      control.recorded([])
    }
  }

  await Promise.all(Array.from({ length: crew.workers }, lane))
  return { findings: [...findings.values()], reasons }
}

function differentPreparation(subject: Subject): CampaignFinding {
  return {
    oracle: 'nondeterminism',
    message: `Two workers counted different fault points for '${subject.label}', from the same scenario, parameters and seed.`,
    token: subject.faultlessToken,
    fingerprint: `nondeterminism:${subject.label}:workers`,
  }
}
