export { lazyLog } from './scenario.ts'
