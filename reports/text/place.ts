// reports/text/place.ts: where a violation is, as every report says it.

import type { SourcePosition, Violation } from '../format/index.ts'

/**
 * The line to look at first: what leaked was made there; else the innermost call of the project's own code, in which the
 * fault was; undefined if no replay has shown one.
 */
export function primaryPosition({ evidence }: Violation): SourcePosition | undefined {
  if (evidence === undefined) return undefined
  const stack = evidence.cause ?? evidence.stack
  return stack.find(({ file }) => !isForeign(file)) ?? stack[0]
}

/** Code that the project has installed, or that is not below its folder. */
function isForeign(file: string): boolean {
  return file.startsWith('../') || file.split('/').includes('node_modules')
}

/** `update 0 alpha.log, rename EIO, replace (write-file-atomic)`. */
export function circumstances({ phase, fault, site }: Violation): string {
  return [phase, fault, site ?? ''].filter((part) => part !== '').join(', ')
}

/** `src/store.ts:12`. */
export function positionText({ file, line }: SourcePosition): string {
  return `${file}:${line}`
}
