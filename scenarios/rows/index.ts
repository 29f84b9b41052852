export { rows } from './scenario.ts'
