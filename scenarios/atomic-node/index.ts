export type { NodeCalls, OpenedFile, Style } from './node-calls.ts'
export {
  quietly,
  replaceFile,
  syncDirectory,
  withFile,
  writeWhole,
  type ReplaceFile,
  type Replacement,
} from './replace-file.ts'
export { atomicNode, atomicNodeScenario } from './scenario.ts'
