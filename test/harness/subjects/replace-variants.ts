// test/harness/subjects/replace-variants.ts: copies of `replaceFile`, each with one thing that programs of the field get wrong.
//
// Written against the same calls, so that each is there with callbacks and with promises. `faults` are those that show it.

import {
  quietly,
  replaceFile,
  syncDirectory,
  withFile,
  writeWhole,
  type ReplaceFile,
} from '../../../scenarios/atomic-node/index.ts'

export type Variant = Readonly<{ faults: 'crash' | 'io'; replace: ReplaceFile }>

/** Writes beside, whole and synced. */
const written: ReplaceFile = (calls, { beside, content }) =>
  withFile(calls, beside, 'wx', async (file) => {
    await writeWhole(file, content)
    await file.sync()
  })

/** With the clean-up that `replaceFile` has, around another middle. */
function cleaningUp(middle: ReplaceFile): ReplaceFile {
  return async (calls, replacement) => {
    try {
      await middle(calls, replacement)
    } catch (error) {
      await quietly(calls.unlink(replacement.beside))
      throw error
    }
    await syncDirectory(calls, replacement.directory)
  }
}

const DURABILITY: Readonly<Record<string, ReplaceFile>> = {
  'the file is not synced': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', (file) => writeWhole(file, content))
    await calls.rename(beside, target)
  }),
  'the file is synced before it is written': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await file.sync()
      await writeWhole(file, content)
    })
    await calls.rename(beside, target)
  }),
  'the rename comes before the sync': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await writeWhole(file, content)
      await calls.rename(beside, target)
      await file.sync()
    })
  }),
  'the rename comes before the write': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await calls.rename(beside, target)
      await writeWhole(file, content)
      await file.sync()
    })
  }),
  'only a new file is synced': cleaningUp(async (calls, { beside, target, content }) => {
    const isNew = (await calls.sizeBytes(target)) === undefined
    await withFile(calls, beside, 'wx', async (file) => {
      await writeWhole(file, content)
      if (isNew) await file.sync()
    })
    await calls.rename(beside, target)
  }),
  'the old file is synced instead of the new one': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', (file) => writeWhole(file, content))
    if ((await calls.sizeBytes(target)) !== undefined) await withFile(calls, target, 'r', (file) => file.sync())
    await calls.rename(beside, target)
  }),
  'the file is written in place': cleaningUp(async (calls, { target, content }) => {
    await withFile(calls, target, 'w', async (file) => {
      await writeWhole(file, content)
      await file.sync()
    })
  }),
  'the file is copied over the old one instead of renamed': cleaningUp(async (calls, replacement) => {
    await written(calls, replacement)
    await withFile(calls, replacement.target, 'w', async (file) => {
      await writeWhole(file, await calls.read(replacement.beside))
      await file.sync()
    })
    await calls.unlink(replacement.beside)
  }),
  'the old file is removed before the rename': cleaningUp(async (calls, replacement) => {
    await written(calls, replacement)
    if ((await calls.sizeBytes(replacement.target)) !== undefined) await calls.unlink(replacement.target)
    await calls.rename(replacement.beside, replacement.target)
  }),
  'the directory is not synced': async (calls, replacement) => {
    await written(calls, replacement)
    await calls.rename(replacement.beside, replacement.target)
  },
  'the directory is synced before the rename': async (calls, replacement) => {
    await written(calls, replacement)
    await syncDirectory(calls, replacement.directory)
    await calls.rename(replacement.beside, replacement.target)
  },
  'the rename is acknowledged before it is made': async (calls, replacement) => {
    await written(calls, replacement)
    void quietly(
      calls.rename(replacement.beside, replacement.target).then(() => syncDirectory(calls, replacement.directory)),
    )
  },
  'the sync is not waited for': cleaningUp(async (calls, { beside, target, content }) => {
    const file = await calls.open(beside, 'wx')
    await writeWhole(file, content)
    await calls.rename(beside, target)
    void quietly(file.sync().then(() => file.close()))
  }),
  'two files share the name beside': async (calls, replacement) => {
    const beside = `${replacement.directory}/shared.tmp`
    await withFile(calls, beside, 'w', async (file) => {
      await writeWhole(file, replacement.content)
      await file.sync()
    })
    await calls.rename(beside, replacement.target)
    await syncDirectory(calls, replacement.directory)
  },
}

const ERRORS: Readonly<Record<string, ReplaceFile>> = {
  'an error of a write is swallowed': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await quietly(writeWhole(file, content))
      await file.sync()
    })
    await calls.rename(beside, target)
  }),
  'an error of a sync is swallowed': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await writeWhole(file, content)
      await quietly(file.sync())
    })
    await calls.rename(beside, target)
  }),
  'an error of a close is swallowed': cleaningUp(async (calls, { beside, target, content }) => {
    const file = await calls.open(beside, 'wx')
    try {
      await writeWhole(file, content)
      await file.sync()
    } finally {
      await quietly(file.close())
    }
    await calls.rename(beside, target)
  }),
  'an error of a rename is swallowed': cleaningUp(async (calls, replacement) => {
    await written(calls, replacement)
    await quietly(calls.rename(replacement.beside, replacement.target))
  }),
  'an error of the directory’s sync is swallowed': async (calls, replacement) => {
    await written(calls, replacement)
    await calls.rename(replacement.beside, replacement.target)
    await quietly(syncDirectory(calls, replacement.directory))
  },
  'an error of the directory’s sync is told as any other': async (calls, replacement) => {
    await written(calls, replacement)
    await calls.rename(replacement.beside, replacement.target)
    await withFile(calls, replacement.directory, 'r', (file) => file.sync())
  },
  'a short write is not looked at': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await file.write(content, 0)
      await file.sync()
    })
    await calls.rename(beside, target)
  }),
  'a failed sync is made again and believed': cleaningUp(async (calls, { beside, target, content }) => {
    await withFile(calls, beside, 'wx', async (file) => {
      await writeWhole(file, content)
      await file.sync().catch(() => file.sync())
    })
    await calls.rename(beside, target)
  }),
  'a failed rename is made up for in place': cleaningUp(async (calls, replacement) => {
    await written(calls, replacement)
    await calls.rename(replacement.beside, replacement.target).catch(async () => {
      await withFile(calls, replacement.target, 'w', (file) => writeWhole(file, replacement.content))
      await calls.unlink(replacement.beside)
    })
  }),
  'a descriptor stays open after a failure': cleaningUp(async (calls, { beside, target, content }) => {
    const file = await calls.open(beside, 'wx')
    await writeWhole(file, content)
    await file.sync()
    await file.close()
    await calls.rename(beside, target)
  }),
  'the file beside stays after a failure, and its name is used again': async (calls, replacement) => {
    const beside = `${replacement.target}.tmp`
    await written(calls, { ...replacement, beside })
    await calls.rename(beside, replacement.target)
    await syncDirectory(calls, replacement.directory)
  },
  'the file beside stays after a failure, and is written on': async (calls, { directory, target, content }) => {
    const beside = `${target}.tmp`
    await withFile(calls, beside, 'a', async (file) => {
      await writeWhole(file, content)
      await file.sync()
    })
    await calls.rename(beside, target)
    await syncDirectory(calls, directory)
  },
  'a failure is told without its code': async (calls, replacement) => {
    try {
      await replaceFile(calls, replacement)
    } catch {
      throw new Error('the file could not be written')
    }
  },
}

export const VARIANTS: Readonly<Record<string, Variant>> = {
  ...withFaults(DURABILITY, 'crash'),
  ...withFaults(ERRORS, 'io'),
}

function withFaults(all: Readonly<Record<string, ReplaceFile>>, faults: Variant['faults']): Record<string, Variant> {
  return Object.fromEntries(Object.entries(all).map(([what, replace]) => [what, { faults, replace }]))
}
