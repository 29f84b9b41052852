// harness/cli/init-templates.ts: what `powercut init` writes: a scenario that runs, and a workflow for CI.

import type { NewFile } from '../host/index.ts'
import { githubWorkflow, gitlabWorkflow } from './init-workflows.ts'

export const SAMPLE_FILE = 'notes.scenario.ts'
export const SAMPLE_COMMAND = `npx powercut run ./${SAMPLE_FILE} --faults crash`

/** Where continuous integration may run. */
export const CI_SYSTEMS = ['github', 'gitlab', 'none'] as const
export type CiSystem = (typeof CI_SYSTEMS)[number]

/** The workflow's file; undefined for none. */
export function workflowFor(system: CiSystem): NewFile | undefined {
  switch (system) {
    case 'github':
      return { path: '.github/workflows/powercut.yml', text: githubWorkflow(SAMPLE_COMMAND) }
    case 'gitlab':
      return { path: '.gitlab-ci.yml', text: gitlabWorkflow(SAMPLE_COMMAND) }
    case 'none':
      return undefined
    default:
      return system satisfies never
  }
}

export const SAMPLE = `// notes.scenario.ts: a small store, and what Powercut needs to know to break it.
//
//   npx powercut run ./notes.scenario.ts --faults crash
//
// The store keeps each note in a file of its own. A note is written beside its place, synced, and renamed: after a crash
// there is the old one or the new one, never a half. Put your own store in its place: the scenario at the end is all that
// Powercut is told of it.
//
// \`--faults io\` asks more: that a call which fails or is interrupted is undone, reported and can be made again.

import { scenario, step, times, type World } from 'powercut/scenarios'

type Notes = Readonly<Record<string, string>>

class NoteStore {
  readonly #world: World

  /** Removes what a crash left half written: recovery. */
  constructor(world: World) {
    this.#world = world
    const { fileSystem, directory } = world
    for (const name of fileSystem.list(directory)) {
      if (name.endsWith('.new')) fileSystem.unlink(\`\${directory}/\${name}\`)
    }
  }

  /** When it returns, the note survives a power cut. When it throws, nothing has changed, and it can be called again. */
  put(name: string, text: string): void {
    const { fileSystem, directory } = this.#world
    const place = \`\${directory}/\${name}\`
    const beside = \`\${place}.new\`
    if (fileSystem.stat(beside) !== undefined) fileSystem.unlink(beside)
    const file = fileSystem.create(beside)
    try {
      const bytes = new TextEncoder().encode(text)
      for (let done = 0; done < bytes.length; ) done += file.append(bytes, done, bytes.length - done)
      file.sync() // without this line, a power cut leaves an empty note
    } finally {
      file.close()
    }
    fileSystem.rename(beside, place)
    fileSystem.syncDirectory(directory) // without this line, a power cut takes the note: try it
  }

  all(): Notes {
    const { fileSystem, directory } = this.#world
    const notes: Record<string, string> = {}
    for (const name of fileSystem.list(directory)) {
      if (name.endsWith('.new')) continue
      const file = fileSystem.open(\`\${directory}/\${name}\`, 'read')
      try {
        const bytes = new Uint8Array(file.sizeBytes())
        for (let done = 0; done < bytes.length; ) {
          const count = file.read(bytes, done, bytes.length - done, done)
          if (count === 0) throw new Error(\`\${name} is shorter than its size\`)
          done += count
        }
        notes[name] = new TextDecoder().decode(bytes)
      } finally {
        file.close()
      }
    }
    return notes
  }
}

// What Powercut is told. It runs the steps once, and then again for everything that can go wrong at each call; after each
// it opens the store anew and compares what \`all\` gives with the models that are allowed. A step that has returned is
// promised: no power cut may take it back.
export default scenario<NoteStore, Notes>({
  name: 'notes',
  summary: 'notes in files of their own',
  parameters: { notes: 6 },
  open: (world) => new NoteStore(world), // creates the store, or recovers what a crash left
  steps: ({ notes }) =>
    times(Number(notes), (i) =>
      step(\`note \${i}\`, {
        run: (store) => store.put(\`note-\${i % 4}\`, \`text \${i}\`),
        model: (all) => ({ ...all, [\`note-\${i % 4}\`]: \`text \${i}\` }),
      }),
    ),
  initial: () => ({}), // the model of a new store
  read: (store) => store.all(),
  close: () => {},
})
`
