export { UnparsableSource, findCallSites, type SourceFile, type StaticSite, type WatchedCalls } from './static-sites.ts'
