export { core20 } from './scenario.ts'
