export { circumstances, positionText, primaryPosition } from './place.ts'
export { formatBytes, formatCount, formatDuration, plural } from './units.ts'
export {
  OUTCOME_LABELS,
  VERDICT_LABELS,
  crashStateSentence,
  mergedSentences,
  scenarioRows,
  deliveredOf,
  expectationNotes,
  expectedSentence,
  familyLabel,
  minimisedSentence,
  modelRows,
  notCovered,
  notMinimised,
  replayCommand,
  replayCommands,
  scenarioPrefix,
  retrySentence,
  runsOf,
  unexpectedFirst,
  verdictSentence,
} from './wording.ts'
