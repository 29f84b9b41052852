export { group } from './scenario.ts'
