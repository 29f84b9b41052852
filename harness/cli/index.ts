export type { CommandContext } from './context.ts'
export { main } from './program.ts'
export type { Terminal } from './terminal.ts'
export { defineConfig, type PowercutConfig } from './project-config.ts'
