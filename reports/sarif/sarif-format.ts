// reports/sarif/sarif-format.ts: the part of SARIF 2.1.0 (OASIS Standard, 2020) that a campaign is told in.

export const SARIF_VERSION = '2.1.0'
export const SARIF_SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'

export type SarifMessage = Readonly<{ text: string; markdown?: string }>

export type SarifLocation = Readonly<{
  id?: number
  message?: SarifMessage
  physicalLocation?: Readonly<{
    artifactLocation: Readonly<{ uri: string; uriBaseId?: string }>
    region?: Readonly<{ startLine: number; startColumn?: number; snippet?: SarifMessage }>
  }>
  logicalLocations?: readonly Readonly<{ name?: string; fullyQualifiedName: string; kind?: string }>[]
}>

export type SarifThreadFlowLocation = Readonly<{
  location: SarifLocation
  executionOrder: number
  kinds?: readonly string[]
  importance?: 'important' | 'essential' | 'unimportant'
}>

export type SarifSuppression = Readonly<{
  kind: 'external' | 'inSource'
  status: 'accepted' | 'underReview' | 'rejected'
  justification: string
  properties?: Readonly<Record<string, unknown>>
}>

/** Passes are never told: consumers that know no `kind` would take them for alarms. */
export type SarifResult = Readonly<{
  ruleId: string
  ruleIndex: number
  kind: 'fail' | 'open' | 'review'
  level: 'error' | 'warning' | 'none'
  message: SarifMessage
  locations: readonly SarifLocation[]
  relatedLocations?: readonly SarifLocation[]
  partialFingerprints: Readonly<Record<string, string>>
  occurrenceCount: number
  stacks?: readonly Readonly<{ message: SarifMessage; frames: readonly Readonly<{ location: SarifLocation }>[] }>[]
  codeFlows?: readonly Readonly<{
    message: SarifMessage
    threadFlows: readonly Readonly<{ locations: readonly SarifThreadFlowLocation[] }>[]
  }>[]
  suppressions: readonly SarifSuppression[]
  properties: Readonly<Record<string, unknown>>
}>

export type SarifRule = Readonly<{
  id: string
  name: string
  shortDescription: SarifMessage
  fullDescription: SarifMessage
  help: SarifMessage
  defaultConfiguration: Readonly<{ level: 'error' | 'warning' }>
  properties: Readonly<{ tags: readonly string[] }>
}>

export type SarifNotification = Readonly<{
  level: 'error' | 'warning' | 'note'
  message: SarifMessage
  descriptor?: Readonly<{ id: string }>
}>

export type SarifLog = Readonly<{
  $schema: string
  version: typeof SARIF_VERSION
  runs: readonly Readonly<{
    tool: Readonly<{
      driver: Readonly<{ name: string; version: string; rules: readonly SarifRule[] }>
    }>
    automationDetails: Readonly<{ id: string }>
    columnKind: 'utf16CodeUnits'
    originalUriBaseIds: Readonly<Record<string, Readonly<{ description: SarifMessage }>>>
    invocations: readonly Readonly<{
      commandLine: string
      startTimeUtc?: string
      endTimeUtc?: string
      executionSuccessful: boolean
      toolExecutionNotifications: readonly SarifNotification[]
    }>[]
    results: readonly SarifResult[]
    properties: Readonly<Record<string, unknown>>
  }>[]
}>
