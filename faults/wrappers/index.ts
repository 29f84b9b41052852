export {
  IO_FAULTS,
  IO_VARIANTS,
  applicableCodes,
  ioFaults,
  outcomeOwed,
  shortLengths,
  type IoFault,
  type IoVariant,
  type OutcomeOwed,
} from './io-faults.ts'
export type { CallDecision, FileSystemCallInfo, FileSystemCallResult } from './call.ts'
