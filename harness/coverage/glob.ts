// harness/coverage/glob.ts: patterns for paths, as users of other tools know them.
//
//   *    within a name      **   folders, any number      ?    one character      {a,b}   either
//
// 1. Paths are relative to the root and have slashes. A pattern matches the whole path; one that names a folder matches
//    all in it.

/** Whether a path matches. */
export type PathTest = (path: string) => boolean

export function pathTest(patterns: readonly string[]): PathTest {
  const expressions = patterns.map(expressionOf)
  return (path) => expressions.some((expression) => expression.test(path))
}

function expressionOf(pattern: string): RegExp {
  const clean = pattern.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '')
  let source = ''
  let depth = 0
  for (let i = 0; i < clean.length; i += 1) {
    const char = clean.charAt(i)
    if (clean.startsWith('**/', i)) {
      source += '(?:[^/]+/)*'
      i += 2
    } else if (clean.startsWith('**', i)) {
      source += '.*'
      i += 1
    } else if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '{') {
      source += '(?:'
      depth += 1
    } else if (char === '}' && depth > 0) {
      source += ')'
      depth -= 1
    } else if (char === ',' && depth > 0) source += '|'
    else source += char.replace(/[.+^$()|[\]{}]/, String.raw`\$&`)
  }
  return new RegExp(`^${source}${')'.repeat(depth)}(?:/.*)?$`)
}
