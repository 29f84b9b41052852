export { circumstances, positionText, primaryPosition } from './place.ts'
export { formatBytes, formatCount, formatDuration, plural } from './units.ts'
export {
  OUTCOME_LABELS,
  VERDICT_LABELS,
  crashStateSentence,
  mergedSentences,
  scenarioRows,
  deliveredOf,
  familyLabel,
  minimisedSentence,
  modelRows,
  notCovered,
  notMinimised,
  replayCommand,
  replayCommands,
  retrySentence,
  runsOf,
  verdictSentence,
} from './wording.ts'
