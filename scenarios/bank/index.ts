export { bank } from './scenario.ts'
