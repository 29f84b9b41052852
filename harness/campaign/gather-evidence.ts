// harness/campaign/gather-evidence.ts: what happened around the fault of each violation, with places in the sources.
//
// 1. It is seen in a replay of the run that is named: what is told is what happened, not what is likely.
// 2. Only the first EVIDENCE_MAX violations have it: a campaign that finds thousands is no place to replay them all.
// 3. A replay that does not fail again, or ends its worker, leaves its violation without evidence, and changes nothing else.

import type { DiskPicture } from '../../faults/index.ts'
import type { Campaign, Evidence, EvidenceEvent, Violation } from '../../reports/index.ts'
import { namedEvent, type ReplayResult, type TraceLine } from '../plan/index.ts'
import { ORACLES } from '../oracles/index.ts'
import { bindPlan } from './bind-plan.ts'
import type { CampaignHost } from './campaign-host.ts'
import type { Crew } from './crew.ts'

export const EVIDENCE_MAX = 100
/** Events before the fault and after it. */
const EVENTS_BEFORE = 12
const EVENTS_AFTER = 6
/** Frames of a stack. */
const STACK_MAX = 12
/** Frames of an event's call site. */
const FRAMES_SHOWN = 5
/** Characters of what was expected, and of what was found. */
const TEXT_MAX = 4000

/** The campaign with `evidence` in its first violations. `crew` has the campaign's mutant planted. */
export async function gatherEvidence(
  campaign: Campaign,
  { crew, host }: Readonly<{ crew: Crew; host: Pick<CampaignHost, 'sourcePositions' | 'onInterrupt'> }>,
): Promise<Campaign> {
  if (campaign.violations.length === 0) return campaign
  let interrupted = false
  const cancel = host.onInterrupt(() => {
    interrupted = true
  })
  const rows: Violation[] = [...campaign.violations]
  const waiting = campaign.violations.slice(0, EVIDENCE_MAX).entries()
  const lane = async (): Promise<void> => {
    for (const [index, violation] of waiting) {
      if (interrupted) return
      const evidence = await evidenceOf(violation, crew, host)
      if (evidence !== undefined) rows[index] = { ...violation, evidence }
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(crew.workers, rows.length) }, lane))
  } finally {
    cancel()
  }
  return { ...campaign, violations: rows }
}

async function evidenceOf(
  { token, fingerprint }: Violation,
  crew: Crew,
  host: Pick<CampaignHost, 'sourcePositions'>,
): Promise<Evidence | undefined> {
  const end = await crew.replay(await bindPlan(crew, token), { positions: true })
  if (end.kind !== 'done' || end.result.record.fingerprint !== fingerprint) return undefined
  return evidenceIn(end.result, host)
}

/** What a replay saw; undefined if its trace has nothing to tell. */
export function evidenceIn(result: ReplayResult, host: Pick<CampaignHost, 'sourcePositions'>): Evidence | undefined {
  const { trace, faultEvent } = result
  const middle = faultEvent ?? trace.length - 1
  const cause = namedEvent(result)
  const indices = new Set(cause === undefined ? [] : [cause])
  for (let at = middle - EVENTS_BEFORE; at <= middle + EVENTS_AFTER; at += 1) indices.add(at)
  const events = [...indices]
    .toSorted((left, right) => left - right)
    .flatMap((at) => {
      const line = trace[at]
      const role = at === faultEvent ? 'fault' : at === cause ? 'cause' : undefined
      return line === undefined ? [] : [eventOf(line, role, host)]
    })
  if (events.length === 0) return undefined
  const stack = host.sourcePositions(trace[middle]?.stack ?? '')
  const began = cause === undefined ? [] : host.sourcePositions(trace[cause]?.stack ?? '')
  return {
    stack: stack.slice(0, STACK_MAX),
    ...(began.length === 0 ? {} : { cause: began.slice(0, STACK_MAX) }),
    events,
    eventsTotal: trace.length,
    compared: comparedIn(result),
    ...(result.disk === undefined ? {} : { disk: pictureOf(result.disk) }),
  }
}

/** What differed, side by side; of a complaint that compared nothing, what was demanded and what it says. */
function comparedIn({ compared, record }: ReplayResult): NonNullable<Evidence['compared']> {
  const demands: Readonly<Record<string, string>> = ORACLES
  const { oracle = '', message = record.outcome } = record
  return {
    expected: (compared?.expected ?? demands[oracle] ?? 'a run without a complaint').slice(0, TEXT_MAX),
    found: (compared?.found ?? message).slice(0, TEXT_MAX),
  }
}

function pictureOf({ sectorBytes, files, filesLeftOut }: DiskPicture): NonNullable<Evidence['disk']> {
  return { sectorBytes, files: files.map((file) => ({ ...file, sectors: [...file.sectors] })), filesLeftOut }
}

function eventOf(
  { index, kind, phase, detail, failed, site, stack }: TraceLine,
  role: EvidenceEvent['role'],
  host: Pick<CampaignHost, 'sourcePositions'>,
): EvidenceEvent {
  const position = stack === undefined ? undefined : host.sourcePositions(stack)[0]
  return {
    index,
    kind,
    phase,
    detail,
    ...(role === undefined ? {} : { role }),
    ...(failed === true ? { failed } : {}),
    ...(site === undefined || site === '' ? {} : { site: site.split(' < ').slice(0, FRAMES_SHOWN).join(' < ') }),
    ...(position === undefined ? {} : { position }),
  }
}
