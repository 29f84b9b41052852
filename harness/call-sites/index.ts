export {
  findCallSites,
  type SourceFile,
  type SourceParser,
  type StaticSite,
  type WatchedCalls,
} from './static-sites.ts'
export { NODE_CALLS, PORT_CALLS, watchedCalls } from './watched-calls.ts'
export { readReasons } from './reasons.ts'
