export { upkeep } from './scenario.ts'
