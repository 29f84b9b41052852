// test/harness/subjects/note-store.ts: a small store over `node:fs`, in the three styles in which programs use it.
//
// Each note is a file: written beside its place, synced, renamed over it, and the directory synced. `open` reads what is
// there; what is acknowledged is kept in memory as well, so that a put that failed has changed nothing. What fails after
// the rename may be there after a crash: the store says that the outcome is not known. A note ends with a mark, so that a
// read which stopped short is noticed.

import fs, { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { open, readdir, readFile, rename } from 'fs/promises'
import { promisify } from 'node:util'
import { scenario, step, times, type Scenario } from '../../../scenarios/index.ts'

export type Style = 'sync' | 'promises' | 'callbacks'
export type Notes = Readonly<Record<string, string>>
/** Syncs that a store can forget. */
export type Forgotten = 'file' | 'directory' | undefined

export type NoteStore = {
  readonly notes: Map<string, string>
  readonly put: (name: string, text: string) => void | Promise<void>
}

const SUFFIX = '.new'
const END = '\n.\n'

class CutShort extends Error {}

function textOf(content: string): string {
  if (!content.endsWith(END)) throw new CutShort('a note has no end')
  return content.slice(0, -END.length)
}

/** Something failed after the note got its name. */
class OutcomeUnknown extends Error {}

function unknown(cause: unknown): never {
  throw new OutcomeUnknown('the note may be there after a crash', { cause })
}

export function noteScenario(style: Style, forgotten?: Forgotten): Scenario<NoteStore, Notes> {
  return scenario<NoteStore, Notes>({
    name: `notes-${style}`,
    summary: 'notes in files of their own, over node:fs',
    parameters: { notes: 2 },
    usesNodeFs: true,
    open: (world) => OPEN[style](world.directory, forgotten),
    steps: ({ notes }) =>
      times(Number(notes), (i) =>
        step(`note ${i}`, {
          run: (store) => store.put('note', `text ${i} ${'x'.repeat(600)}`),
          model: (all) => ({ ...all, note: `text ${i} ${'x'.repeat(600)}` }),
        }),
      ),
    initial: () => ({}),
    read: ({ notes }) => Object.fromEntries(notes),
    close: () => {},
    classify: (error) => {
      if (error instanceof OutcomeUnknown) return { kind: 'outcome-unknown' }
      if (error instanceof CutShort) return { kind: 'corruption' }
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      return /^E[A-Z]+$/.test(code) ? { kind: 'io', code } : { kind: 'other' }
    },
  })
}

const OPEN: Readonly<Record<Style, (directory: string, forgotten: Forgotten) => NoteStore | Promise<NoteStore>>> = {
  sync: openSynchronous,
  promises: openPromises,
  callbacks: openCallbacks,
}

function openSynchronous(directory: string, forgotten: Forgotten): NoteStore {
  const notes = new Map<string, string>()
  for (const name of readdirSync(directory))
    if (!name.endsWith(SUFFIX)) notes.set(name, textOf(readFileSync(`${directory}/${name}`, 'utf8')))
  return {
    notes,
    put: (name, text) => {
      const beside = `${directory}/${name}${SUFFIX}`
      const fd = openSync(beside, 'w')
      try {
        const bytes = Buffer.from(text + END)
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
        if (forgotten !== 'file') fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(beside, `${directory}/${name}`)
      try {
        if (forgotten !== 'directory') syncDirectory(directory)
      } catch (error) {
        unknown(error)
      }
      notes.set(name, text)
    },
  }
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

async function openPromises(directory: string, forgotten: Forgotten): Promise<NoteStore> {
  const notes = new Map<string, string>()
  for (const name of await readdir(directory))
    if (!name.endsWith(SUFFIX)) notes.set(name, textOf(await readFile(`${directory}/${name}`, 'utf8')))
  return {
    notes,
    put: async (name, text) => {
      const beside = `${directory}/${name}${SUFFIX}`
      const file = await open(beside, 'w')
      try {
        await file.writeFile(text + END)
        if (forgotten !== 'file') await file.sync()
      } finally {
        await file.close()
      }
      await rename(beside, `${directory}/${name}`)
      if (forgotten !== 'directory') await synced(directory).catch(unknown)
      notes.set(name, text)
    },
  }
}

async function synced(directory: string): Promise<void> {
  const folder = await open(directory)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function calledSync(directory: string): Promise<void> {
  const folder = await called<number>((done) => fs.open(directory, 'r', done))
  try {
    await called<void>((done) => fs.fsync(folder, done))
  } finally {
    await called<void>((done) => fs.close(folder, done))
  }
}

async function openCallbacks(directory: string, forgotten: Forgotten): Promise<NoteStore> {
  const notes = new Map<string, string>()
  for (const name of await promisify<string, string[]>(fs.readdir)(directory))
    if (!name.endsWith(SUFFIX))
      notes.set(name, textOf(await called<string>((done) => fs.readFile(`${directory}/${name}`, 'utf8', done))))
  return {
    notes,
    put: async (name, text) => {
      const beside = `${directory}/${name}${SUFFIX}`
      const fd = await called<number>((done) => fs.open(beside, 'w', done))
      try {
        await called<void>((done) => fs.writeFile(fd, text + END, done))
        if (forgotten !== 'file') await called<void>((done) => fs.fsync(fd, done))
      } finally {
        await called<void>((done) => fs.close(fd, done))
      }
      await called<void>((done) => fs.rename(beside, `${directory}/${name}`, done))
      if (forgotten !== 'directory') await calledSync(directory).catch(unknown)
      notes.set(name, text)
    },
  }
}

function called<T>(make: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((fulfil, reject) => {
    make((error, value) => {
      if (error !== null) reject(error)
      else fulfil(value as T)
    })
  })
}
