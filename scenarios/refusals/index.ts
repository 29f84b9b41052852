export { refusals } from './scenario.ts'
