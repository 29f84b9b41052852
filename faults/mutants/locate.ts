// faults/mutants/locate.ts: where the hook and the modules that it changes are, in the compiled package or in the source.

const EXTENSION = /\.[jt]s$/.exec(import.meta.url)?.[0] ?? '.js'

/** URL of the loader hook's module. */
export function mutantHookUrl(): string {
  return new URL(`./loader-hook${EXTENSION}`, import.meta.url).href
}

/** URL of the module that a mutant's `file` names, next to this one. */
export function mutantTarget(file: string): string {
  return new URL(`../../${file.replace(/\.ts$/, EXTENSION)}`, import.meta.url).href
}
