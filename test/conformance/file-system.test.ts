import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '../../engine/adapters/index.ts'
import { FailingFileSystem, SimulatedDisk } from '../../faults/index.ts'
import { fileSystemPromises, type Place } from './file-system.conformance.ts'
import { memfsFileSystem } from './memfs-file-system.ts'

function simulatedPlace(): Place {
  const disk = new SimulatedDisk({ directories: ['/root'] })
  return { fileSystem: disk.fileSystem, root: '/root', settle: () => disk.completeSyncs() }
}

function realPlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'powercut-conformance-'))
  return { fileSystem: nodeFileSystem(), root, dispose: () => rmSync(root, { recursive: true }) }
}

function memfsPlace(): Place {
  const fileSystem = memfsFileSystem()
  fileSystem.makeDirectory('/root')
  return { fileSystem, root: '/root' }
}

function wrappedPlace(): Place {
  const place = simulatedPlace()
  return { ...place, fileSystem: new FailingFileSystem(place.fileSystem, { root: place.root }) }
}

fileSystemPromises('simulated disk', simulatedPlace)
fileSystemPromises('real file system', realPlace)
fileSystemPromises('failing file system without faults', wrappedPlace)
fileSystemPromises('memfs', memfsPlace, {
  exceptions: {
    'of directories cannot be opened for appending or unlinked': 'memfs refuses with EPERM, as POSIX allows',
    'of one kind never replace the other': 'memfs replaces them',
    'of directories that hold something are not replaced': 'memfs replaces them',
    'of directories do not move into themselves': 'memfs moves them',
  },
})
