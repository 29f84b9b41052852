import { describe, expect, it } from 'vitest'
import { FOLDERS, foldersIn, placeProblems, readmeProblems, strangers, topLevelNames } from './layout.ts'
import { filesBelow, readText } from './source.ts'

const ENDINGS = ['.ts', '.tsx', '.js', '.mjs', '.json', '.md', '.css', '.html', '.yml', '/run', 'LICENSE', '.gitignore']

describe('the top level', { tags: ['ARC-03'] }, () => {
  it('holds the six folders and the files of the package, and nothing else', () => {
    expect(strangers(topLevelNames())).toEqual([])
    expect(topLevelNames()).toEqual(
      expect.arrayContaining([...FOLDERS, 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']),
    )
  })

  it('would be found out if it held anything else', () => {
    expect(strangers(['engine', 'src', 'notes.txt', 'package.json', 'tsconfig.build.json'])).toEqual([
      'src',
      'notes.txt',
    ])
  })
})

describe('the README of a room', { tags: ['ARC-03'] }, () => {
  for (const room of FOLDERS)
    it(`is there for ${room}/, draws every folder in it and names the way in`, () => {
      expect(readmeProblems(readText(`${room}/README.md`), foldersIn(room))).toEqual([])
    })

  it('would be found out if it left one out', () => {
    const text = '# engine\n\nThe way in is `index.ts`.\n\n```\npack/  files\n```\n'
    expect(readmeProblems(text, ['pack'])).toEqual([])
    expect(readmeProblems(text, ['pack', 'tree'])).toEqual(['does not draw tree/'])
    expect(readmeProblems('engine', ['pack'])).toHaveLength(4)
  })
})

describe('the files of the project', { tags: ['ARC-03'] }, () => {
  it('name no place that only one machine has', () => {
    const paths = filesBelow('', ENDINGS).filter((path) => !/^(coverage|powercut-results)\//.test(path))
    expect(paths.length).toBeGreaterThan(50)
    expect(paths.flatMap((path) => placeProblems(path, readText(path)))).toEqual([])
  })

  it('would be found out if they did', () => {
    const slash = '/'
    expect(placeProblems('a.ts', `const x = '${slash}home${slash}me${slash}data'`)).toHaveLength(1)
    expect(placeProblems('a.ts', `${slash}work${slash}main`)).toHaveLength(1)
    expect(placeProblems('a.json', `"resolved": "https:${slash}${slash}registry${'.'}example.org/x.tgz"`)).toHaveLength(
      1,
    )
    expect(placeProblems('a.ts', `import { x } from './work${slash}load.ts'`)).toEqual([])
  })
})
