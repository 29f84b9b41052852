// harness/selftest/newer-mutants.ts: defects of the harness around order, time, isolation, damage and conditions of the
// device. Each takes something away that a known defect of a known store needs to show.

import type { CallDecision } from '../../faults/index.ts'
import type { Scenario } from '../../scenarios/index.ts'
import type { CampaignRequest } from '../plan/index.ts'
import { REAL_SEAMS, type CoreSeams } from '../run/index.ts'
import { believingScenario, logScenario, racingScenario, timedNamesScenario } from './known/index.ts'

/** The store with the known defect, the campaign that finds it, and how the defect is known. */
export type Finding = Readonly<{
  scenario: Scenario
  request: Partial<CampaignRequest>
  oracle: string
  mode?: string
}>

export type NewerMutant = Readonly<{
  id: string
  summary: string
  seams: (reached: () => void) => Partial<CoreSeams>
  finding: () => Finding
}>

const IO_ONCE = { families: ['io'], modes: ['once'] } as const
const IO_FROM = { families: ['io'], modes: ['from'] } as const

export const NEWER_MUTANTS: readonly NewerMutant[] = [
  {
    id: 'schedule-takes-the-first',
    summary: 'the scheduler takes what is first, whatever the plan says',
    seams: (reached) => ({
      arm: ({ schedule, ...rest }) => {
        if (schedule !== undefined) reached()
        return rest
      },
    }),
    finding: racing,
  },
  {
    id: 'clock-is-right',
    summary: 'the clock shows the true time, whatever the plan says',
    seams: (reached) => ({
      arm: ({ clock, ...rest }) => {
        if (clock !== undefined) reached()
        return rest
      },
    }),
    finding: () => ({
      scenario: erased(timedNamesScenario()),
      request: { families: ['clock'], forms: ['warm'] },
      oracle: 'survives',
    }),
  },
  {
    id: 'isolation-forgets-reads',
    summary: 'the judge of isolation does not look at what transactions read',
    seams: (reached) => ({
      isolation: (history) =>
        REAL_SEAMS.isolation(
          history.map((recorded) => {
            reached()
            return { ...recorded, operations: recorded.operations.filter(({ kind }) => kind !== 'read') }
          }),
        ),
    }),
    finding: racing,
  },
  {
    id: 'isolation-takes-all-for-aborted',
    summary: 'the judge of isolation takes every transaction for one that was aborted',
    seams: (reached) => ({
      isolation: (history) =>
        REAL_SEAMS.isolation(
          history.map((recorded) => {
            reached()
            return { ...recorded, outcome: 'aborted' }
          }),
        ),
    }),
    finding: racing,
  },
  {
    id: 'damage-not-done',
    summary: 'the image is opened as it was before it was damaged',
    seams: (reached) => ({
      damage: (damage, undamaged) => {
        reached()
        return { ...damage, image: undamaged }
      },
    }),
    finding: () => ({
      scenario: erased(believingScenario()),
      request: { families: ['corruption'], statesPerIntervalMax: 40 },
      oracle: 'damage-detected',
    }),
  },
  {
    id: 'slow-call-takes-no-time',
    summary: 'a slow call takes no time',
    seams: replacing('slow', (decision) => ({ ...decision, ms: 0 })),
    finding: () => known('slow-call-taken-for-failure', IO_ONCE, 'survives', 'slow'),
  },
  {
    id: 'outage-ends-at-once',
    summary: 'an outage fails one call and no more',
    seams: (reached) => ({
      decideWith: (decide) => {
        let failed = 0
        return (call) => {
          const decision = decide(call)
          if (decision?.kind !== 'error') return decision
          failed += 1
          if (failed === 1) return decision
          reached()
          return undefined
        }
      },
    }),
    finding: () => known('gives-up-after-two-failures', IO_FROM, 'store-still-works', 'outage'),
  },
  {
    id: 'failed-write-back-keeps-all',
    summary: 'a write-back that fails lets nothing go',
    seams: replacing('write-back', () => undefined),
    finding: () => known('synced-by-another-handle', IO_ONCE, 'claim-audit', 'write-back'),
  },
  {
    id: 'full-disk-has-room',
    summary: 'a full disk takes what is written',
    seams: replacing('full', () => undefined),
    finding: () => known('failed-put-stays-visible', IO_FROM, 'living-process', 'full'),
  },
  {
    id: 'lying-sync-is-done',
    summary: 'a sync that is planned to lie is done',
    seams: replacing('lie', () => undefined),
    finding: () => ({
      scenario: erased(logScenario({ detectsLostWrites: true })),
      request: IO_ONCE,
      oracle: 'sound-after-unwinding',
      mode: 'lie',
    }),
  },
]

function racing(): Finding {
  return { scenario: erased(racingScenario()), request: { families: ['schedule'] }, oracle: 'isolation' }
}

function known(
  defect: NonNullable<Parameters<typeof logScenario>[0]>['defect'] & string,
  request: Partial<CampaignRequest>,
  oracle: string,
  mode: string,
): Finding {
  return { scenario: erased(logScenario({ defect })), request, oracle, mode }
}

function replacing<Kind extends CallDecision['kind']>(
  kind: Kind,
  by: (decision: Extract<CallDecision, { kind: Kind }>) => CallDecision | undefined,
): NewerMutant['seams'] {
  const isOfKind = (decision: CallDecision | undefined): decision is Extract<CallDecision, { kind: Kind }> =>
    decision?.kind === kind
  return (reached) => ({
    decideWith: (decide) => (call) => {
      const decision = decide(call)
      if (!isOfKind(decision)) return decision
      reached()
      return by(decision)
    },
  })
}

/** The harness knows neither store nor model of a scenario; the cast says so. */
function erased<Store, Model>(scenario: Scenario<Store, Model>): Scenario {
  return scenario as unknown as Scenario
}
