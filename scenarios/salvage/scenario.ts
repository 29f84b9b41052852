// scenarios/salvage/scenario.ts: a program that keeps a list of the damaged databases that it has salvaged.
//
// 1. The model is that list: an entry is added when what the sample must bring out was brought out, and not before.
// 2. What a step makes beside the list (the sample, the new database) stays in directories of that attempt.

import { ALLOCATOR_ALGORITHMS, column, defineSchema, type AllocatorAlgorithm } from '../../engine/index.ts'
import { scenario, step, type Parameters, type Step, type World } from '../contract.ts'
import { EngineSession, classifyWithCalls, engineDoor, numberOf, packOf, packsOf } from '../engine-store.ts'
import { SAMPLE_KINDS, type SampleKind, type SampleOptions } from './sample.ts'
import { salvageSample } from './salvage-samples.ts'

const schema = defineSchema({
  done: { columns: { id: column.integer(), sample: column.string() }, primaryKey: 'id' },
})

type Model = readonly string[]
type SalvageStep = Step<Session, Model>

class Session extends EngineSession<typeof schema> {
  readonly parameters: Parameters

  constructor(world: World, parameters: Parameters) {
    super(world, {
      name: NAME,
      schema,
      fanOut: numberOf(parameters, 'fanOut'),
      pack: packOf(parameters),
      algorithm: algorithmOf(parameters),
    })
    this.parameters = parameters
  }
}

function algorithmOf(parameters: Parameters): AllocatorAlgorithm {
  const value = parameters['allocator']
  const found = ALLOCATOR_ALGORITHMS.find((algorithm) => algorithm === value)
  if (found !== undefined) return found
  throw new RangeError(`parameter 'allocator' must be ${ALLOCATOR_ALGORITHMS.join(' or ')}, not '${String(value)}'`)
}

function samplesOf(parameters: Parameters): SampleOptions {
  const { packBytesMax: packBytes = 0, markerIntervalBytes: markerBytes = 0 } = packOf(parameters)
  return { fanOut: numberOf(parameters, 'fanOut'), packBytes, markerBytes }
}

function note(session: Session, sample: string): void {
  session.database.update((transaction) => {
    transaction.insert('done', { id: transaction.count('done'), sample })
  })
  session.committed()
}

function salvaging(kind: SampleKind): SalvageStep {
  return step(`salvage: ${kind}`, {
    run: (session) => {
      const { world, parameters } = session
      salvageSample(world, kind, samplesOf(parameters), algorithmOf(parameters))
      note(session, kind)
    },
    model: (done) => [...done, kind],
  })
}

const NAME = 'salvage'
const PROBE = 'one more'

const door = engineDoor<typeof schema>(packOf)

/** A sample's packs are those of a damaged database, before and after they are in the world. */
function isSample(path: string): boolean {
  return /\/image-\d+\//.test(path)
}

export const salvage = scenario<Session, Model>({
  name: NAME,
  summary: 'damaged databases are salvaged: what must come out of each comes out, and nothing else',
  requirements: ['QA-30'],
  parameters: { fanOut: 4, packBytes: 4096, markerBytes: 512, allocator: 'buddy' },
  open: (world, parameters) => new Session(world, parameters),
  steps: (parameters) => {
    algorithmOf(parameters)
    return SAMPLE_KINDS.map(salvaging)
  },
  initial: () => [],
  read: (session) => session.database.read((reader) => Array.from(reader.scan('done'), ({ sample }) => sample)),
  probe: step('one more entry', { run: (session) => note(session, PROBE), model: (done) => [...done, PROBE] }),
  milestones: { salvaged: SAMPLE_KINDS.length },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...door,
  classify: classifyWithCalls,
  claims: (world, path, bytes, offsetBytes) => (isSample(path) ? [] : door.claims(world, path, bytes, offsetBytes)),
  recovery: { ...door.recovery, readOnly: packsOf(NAME) },
})
