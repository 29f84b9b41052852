// harness/selftest/known/buffer-scenario.ts: notes that are gathered in buffers, by a store without an allocator of its own.
//
// 1. A put takes its buffer before it touches the disk, and tells when there is none.

import type { FileSystem } from '../../../engine/ports/index.ts'
import { scenario, step, times, type Scenario } from '../../../scenarios/index.ts'

type Store = { readonly fileSystem: FileSystem; readonly directory: string; notes: readonly string[] }

export function bufferScenario(): Scenario<Store, readonly string[]> {
  return scenario<Store, readonly string[]>({
    name: 'buffer-notes',
    summary: 'notes gathered in buffers',
    parameters: { puts: 2 },
    failsBuffers: true,
    open: ({ fileSystem, directory }) => ({ fileSystem, directory, notes: load(fileSystem, directory) }),
    steps: ({ puts }) =>
      times(Number(puts), (index) =>
        step(`put ${index}`, {
          run: (store) => put(store, `note ${index}`),
          model: (notes) => [...notes, `note ${index}`],
        }),
      ),
    initial: () => [],
    read: ({ notes }) => notes,
    close: () => {},
  })
}

/** A file for each note; the number of files is the number of notes. */
function put(store: Store, note: string): void {
  const { fileSystem, directory, notes } = store
  const bytes = Buffer.from(note)
  const file = fileSystem.create(`${directory}/${notes.length}`)
  try {
    for (let done = 0; done < bytes.length;) done += file.append(bytes, done, bytes.length - done)
    file.sync()
  } finally {
    file.close()
  }
  fileSystem.syncDirectory(directory)
  store.notes = [...notes, note]
}

function load(fileSystem: FileSystem, directory: string): readonly string[] {
  return fileSystem.list(directory).map((name) => {
    const file = fileSystem.open(`${directory}/${name}`, 'read')
    try {
      const bytes = Buffer.alloc(file.sizeBytes())
      for (let done = 0; done < bytes.length;) {
        const read = file.read(bytes, done, bytes.length - done, done)
        if (read === 0) throw new Error(`${name} ends too early`)
        done += read
      }
      return bytes.toString()
    } finally {
      file.close()
    }
  })
}
