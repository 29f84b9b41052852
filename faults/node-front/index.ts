export { NotModelledError, FrontInstallError } from './errors.ts'
export type { Face, FaceFunction } from './face.ts'
export { installNodeFront, nativeAddons } from './install.ts'
export { currentProcess, NodeProcess, type NodeProcessOptions } from './node-process.ts'
