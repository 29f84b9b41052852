// harness/coverage/prologue.ts: how an instrumented text finds its counters.
//
// 1. An ES module imports them, as its first import, from a module that depends on nothing: they are there before any of
//    its functions can be called, also in a cycle of imports.
// 2. Without a runtime (COUNTERS_KEY) the text counts for itself alone, and runs all the same.

import type { Names } from './edits.ts'

/** Symbol of the function that gives a text its counters, on `globalThis` and, for contexts of `node:vm`, on `process`. */
export const COUNTERS_KEY = 'powercut.mcdc.counters'

/** What stands under the symbol: counters for a text, the same ones each time. */
export type CounterSource = (key: string, slots: number) => Float64Array

export function prologue(
  { counts, decide, settle, nullish }: Names,
  slots: number,
  { module, key }: Readonly<{ module: 'module' | 'commonjs'; key: string }>,
): string {
  const code = [
    `const k=Symbol.for(${JSON.stringify(COUNTERS_KEY)}),f=globalThis[k]??globalThis.process?.[k]`,
    `c=f?f(${JSON.stringify(key)},${slots}):new Float64Array(${slots})`,
    'd=(v,t)=>{c[v?t+1:t]++;return v}',
    's=(v,t)=>{c[t]++;return v}',
    'n=(v,t)=>{if(v!==null&&v!==undefined)c[t]++;return v}',
  ].join(',')
  const names = (separator: string) =>
    `{c${separator}${counts},d${separator}${decide},s${separator}${settle},n${separator}${nullish}}`
  if (module === 'module') {
    const url = `data:text/javascript,${encodeURIComponent(`${code};export{c,d,s,n}`)}`
    return `import ${names(' as ')} from ${JSON.stringify(url)};`
  }
  return `const ${names(':')}=(()=>{${code};return{c,d,s,n}})();`
}
