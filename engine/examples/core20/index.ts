export {
  CORE20_NAME,
  core20Schema,
  insertNext,
  readAll,
  readLast,
  type Core20Reading,
  type Core20Schema,
} from './workload.ts'
