export { ddmin, type Fails } from './ddmin.ts'
export {
  minimise,
  MINIMISE_RUNS_MAX,
  type Failing,
  type Minimised,
  type MinimiseLimits,
  type Prober,
} from './minimise.ts'
export { smallerNumber } from './smaller-number.ts'
