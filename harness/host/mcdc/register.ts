// harness/host/mcdc/register.ts: what NODE_OPTIONS loads into every process and thread of a measured command.
//
// ES modules go through the hook. What is loaded with `require` goes through `Module.prototype._compile`, which is also
// where tools that compile on the fly hand in their text.

import Module, { register } from 'node:module'
import { installCounters } from './counters.ts'
import { currentSession } from './session.ts'
import { Texts } from './texts.ts'

const session = currentSession()
if (session !== undefined) {
  installCounters(session)
  const texts = new Texts(session)
  const prototype: unknown = Module.prototype
  const compile: unknown = typeof prototype === 'object' && prototype !== null && Reflect.get(prototype, '_compile')
  if (typeof prototype === 'object' && prototype !== null && typeof compile === 'function') {
    Reflect.set(prototype, '_compile', function (this: unknown, content: unknown, file: unknown, ...rest: unknown[]) {
      const isText = typeof content === 'string' && typeof file === 'string' && rest[0] !== 'module'
      const prepared = isText ? texts.prepare(content, { module: 'commonjs', file }) : undefined
      const result: unknown = Reflect.apply(compile, this, [prepared?.code ?? content, file, ...rest])
      return result
    })
  }
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  register(new URL(`./hook${extension}`, import.meta.url), { data: session })
}
