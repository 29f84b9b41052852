export {
  factsOf,
  type BundleCampaign,
  type CoverageFacts,
  type EvidenceInput,
  type HostFacts,
  type InputContent,
  type InputFile,
  type InputKind,
  type KnownAnswer,
  type PlantedRow,
  type ProjectFacts,
} from './evidence-input.ts'
export { KNOWN_INPUTS, recognise } from './recognise.ts'
