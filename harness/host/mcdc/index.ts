// harness/host/mcdc/index.ts: MC/DC of what runs on this machine. `powercut/mcdc` is this module: the plugin for vite and
// vitest, and measuring a command from a program.
//
// It needs oxc-parser and magic-string, which are optional peers of the package.
export { runMeasured, type MeasureOptions } from './run-measured.ts'
export { mcdc, type McdcPlugin } from './vite-plugin.ts'
