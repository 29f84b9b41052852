// scenarios/core20/scenario.ts: the core20 example under faults: a reader that counts the rows, a writer that adds the next.
//
// 1. The model is the list of numbers in the table; after k iterations it is 0 … k − 1.
// 2. A step reads before it writes, so that a reader that fails leaves the store as it was and the step can be repeated.
// 3. Half way the database is closed and opened again, in a step of its own.
// 4. The default sizes give at least 60 iterations, 3 roll-overs, 20 markers, 3 levels of tree and one second open;
//    milestones count what happened.

import { CORE20_NAME, core20Schema, insertNext, readAll, readLast } from '../../engine/examples/core20/index.ts'
import { scenario, step, times, type Parameters, type Step } from '../contract.ts'
import { salvageParts } from '../engine-salvage.ts'
import { EngineSession, engineDoor, numberOf, packOf } from '../engine-store.ts'

type Session = EngineSession<typeof core20Schema>
type Model = readonly number[]

/** One iteration of the example, whatever is in the table. */
function iterate(session: Session): void {
  const { last, count } = readLast(session.database)
  if (count !== (last ?? -1) + 1) throw new Error(`the reader counted ${count} rows, the last of which is ${last}`)
  insertNext(session.database)
  session.committed()
}

function withNext(rows: Model): Model {
  return [...rows, rows.length]
}

function iteration(i: number): Step<Session, Model> {
  return step(`iteration ${i}`, { run: iterate, model: withNext })
}

function steps(parameters: Parameters): readonly Step<Session, Model>[] {
  const iterations = numberOf(parameters, 'iterations')
  const half = Math.floor(iterations / 2)
  const secondOpen: Step<Session, Model> = step('second open', {
    run: (session) => {
      session.close()
      session.open()
      session.world.count('secondOpen')
    },
    model: (rows) => rows,
  })
  return [...times(half, iteration), secondOpen, ...times(iterations - half, (i) => iteration(half + i))]
}

export const core20 = scenario<Session, Model>({
  name: 'core20',
  summary: 'rows inserted one a commit, and a reader that counts them; closed and opened again half way',
  requirements: ['QA-30', 'REC-04', 'REC-08', 'DUR-04', 'EX20-02'],
  parameters: { iterations: 64, fanOut: 4, packBytes: 4096, markerBytes: 512 },
  swarm: {
    iterations: [6, 20, 40],
    fanOut: [4, 8, 32],
    packBytes: [4096, 8192, 65_536],
    markerBytes: [512, 1024, 4096],
  },
  open: (world, parameters) =>
    new EngineSession(world, {
      name: CORE20_NAME,
      schema: core20Schema,
      fanOut: numberOf(parameters, 'fanOut'),
      pack: packOf(parameters),
    }),
  steps,
  initial: () => [],
  read: (session) => readAll(session.database),
  parts: {
    of: (rows) => Object.fromEntries(rows.map((row) => [String(row), row])),
    read: (session, name) => session.database.read((reader) => reader.get('info', Number(name))?.myNumber),
  },
  salvage: (world) =>
    salvageParts(world, CORE20_NAME, core20Schema, (reader) =>
      Array.from(reader.scan('info'), ({ myNumber }) => ({
        name: String(myNumber),
        value: myNumber,
        primaryKey: myNumber,
      })),
    ),
  probe: step('one more iteration', { run: iterate, model: withNext }),
  milestones: { rollOver: 3, marker: 20, treeLevel3: 1, secondOpen: 1 },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...engineDoor(packOf),
})
