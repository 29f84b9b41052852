export { formatBytes, formatCount, formatDuration, plural } from './units.ts'
export {
  OUTCOME_LABELS,
  VERDICT_LABELS,
  deliveredOf,
  familyLabel,
  notCovered,
  replayCommand,
  retrySentence,
  runsOf,
  verdictSentence,
} from './wording.ts'
