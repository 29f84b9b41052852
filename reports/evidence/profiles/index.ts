import { EN_50716, IEC_61508, ISO_26262 } from './machines.ts'
import { DO_178C, IEC_60880, IEC_62304 } from './others.ts'
import type { Profile } from './profile.ts'

export {
  CLAUSE_MARKS,
  ROW_STATUSES,
  judgeProfile,
  type ClauseMark,
  type JudgedRow,
  type Profile,
  type RowStatus,
} from './profile.ts'
export const PROFILES: readonly Profile[] = [IEC_61508, ISO_26262, DO_178C, IEC_62304, IEC_60880, EN_50716]
