import { describe, expect, it } from 'vitest'
import { importProblems } from './rooms.ts'
import { ROOMS, parse, readText, sourcesOf } from './source.ts'

const manifest: unknown = JSON.parse(readText('package.json'))
const dependencies =
  typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest && 'peerDependencies' in manifest
    ? Object.keys({ ...Object(manifest.dependencies), ...Object(manifest.peerDependencies) })
    : []

function problemsOf(path: string, text: string): string[] {
  return importProblems(parse(path, text), ['commander'])
}

describe('imports', { tags: ['ARC-01'] }, () => {
  for (const room of ROOMS)
    it(`of ${room}/ keep to the table of rooms and doors`, () => {
      expect(sourcesOf(room).flatMap((source) => importProblems(source, dependencies))).toEqual([])
    })
})

describe('the check of imports', { tags: ['ARC-01'] }, () => {
  it('finds a room that reaches into another', () => {
    expect(problemsOf('engine/pack/a.ts', `import { x } from '../../faults/index.ts'`)).toHaveLength(1)
    expect(problemsOf('harness/cli/a.ts', `import { openDatabase } from '../../engine/index.ts'`)).toHaveLength(1)
    expect(problemsOf('faults/disk/a.ts', `import { x } from '../../engine/ports/allocator.ts'`)).toHaveLength(1)
    expect(problemsOf('reports/html/a.ts', `export { x } from '../../harness/index.ts'`)).toHaveLength(1)
  })

  it('counts types, dynamic imports and modules that are named for a worker', () => {
    expect(problemsOf('reports/html/a.ts', `import type { X } from '../../harness/index.ts'`)).toHaveLength(1)
    expect(problemsOf('reports/html/a.ts', `type X = import('../../harness/index.ts').X`)).toHaveLength(1)
    expect(problemsOf('engine/pack/a.ts', `await import('../../faults/index.ts')`)).toHaveLength(1)
    expect(problemsOf('engine/pack/a.ts', `new URL('../../faults/index.ts', import.meta.url)`)).toHaveLength(1)
  })

  it('finds a folder entered past its index.ts, and lets a file use those around it', () => {
    expect(problemsOf('engine/pack/a.ts', `import { x } from '../format/varint.ts'`)).toHaveLength(1)
    expect(problemsOf('engine/pack/a.ts', `import { x } from '../format/index.ts'`)).toEqual([])
    expect(problemsOf('engine/pack/a.ts', `import { x } from '../errors.ts'`)).toEqual([])
    expect(problemsOf('engine/pack/a.ts', `import { x } from './b.ts'`)).toEqual([])
  })

  it('lets harness and faults through the door of the ports', () => {
    expect(problemsOf('harness/cli/a.ts', `import type { X } from '../../engine/ports/index.ts'`)).toEqual([])
    expect(problemsOf('faults/disk/a.ts', `import { IoError } from '../../engine/ports/index.ts'`)).toEqual([])
  })

  it('finds a contract that would load a store', () => {
    const text = `import { IoError } from '../engine/ports/index.ts'`
    expect(problemsOf('scenarios/contract.ts', text)).toHaveLength(1)
    expect(problemsOf('scenarios/contract.ts', text.replace('import', 'import type'))).toEqual([])
  })

  it('finds a package in the engine, and one elsewhere that is not a dependency', () => {
    expect(problemsOf('engine/pack/a.ts', `import { Command } from 'commander'`)).toHaveLength(1)
    expect(problemsOf('harness/cli/a.ts', `import { Command } from 'commander'`)).toEqual([])
    expect(problemsOf('harness/cli/a.ts', `import x from 'left-pad'`)).toHaveLength(1)
  })

  it('is not misled by comments and strings', () => {
    expect(
      problemsOf('engine/pack/a.ts', `// import { x } from '../../faults/index.ts'\nconst x = "import 'y'"`),
    ).toEqual([])
  })
})
