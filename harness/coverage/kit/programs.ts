// harness/coverage/kit/programs.ts: programs that print what they do, plain and instrumented; both must print the same.
//
// Each is about something that text written into a program can break: values, `this`, names of functions, order, locals
// of several activations, automatic semicolons, tokens that would run together.

import { compileFunction } from 'node:vm'
import { executable } from './execute.ts'
import type { Tally } from './tally.ts'

/** Bodies of async functions of `print`. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  'values of operands': `
    for (const x of [0, '', null, undefined, NaN, 1, 'a']) for (const y of [0, 2n, null])
      print(String(x || y), String(x && y), String(!x || y), String(!(x && y)), String((x || y) && (y || x)))`,
  'lines without semicolons': `
    let n = 0
    const f = () => n++
    let x = 1
    x && f()
    !x || f()
    x ? f() : 0
    const y = x
    ;(y || f())
    const { a = 1 } = {}
    const b = a
    x ||= f()
    print(n, x, b, a)`,
  'tokens that run together': `
    const f = (x) => { if (x) return!x
      else return!x||typeof!x }
    print(f(1), f(0), [![]in{}], void!0, ((x)=>!x)(1))
    for (const x of!1?[1]:[2])print(x)
    do print(1); while(!1)
    switch(!0){case!1:print(1);break;case!0:print(2)}
    try { throw!0 } catch (e) { print(e) }`,
  'this of calls': `
    const o = { v: 7, m() { return this?.v }, n: { v: 8, m() { return this.v } } }
    const nothing = null
    print(o.m?.(), o?.m(), (o?.m)(), (o.n?.m)?.(), o?.n.m(), nothing?.m(), (o.m || 0)?.call?.(o), o['m']?.())
    const u = (o.m || o.n)()
    print(u)
    print(delete o?.v, o.v, delete nothing?.v, o?.['n']?.['v'])
    class P { #p = 1; static get(x) { return x?.#p } static call(x) { return x?.n?.#p } }
    print(P.get(new P()), P.get(null), P.call({ n: new P() }), P.call({}), P.call())
    class B { m() { return 'b' } }
    class C extends B { m() { return super.m?.() + (super.k?.() ?? '-') } }
    print(new C().m())`,
  'arguments and spreads of optional calls': `
    const f = function (...all) { return arguments.length + ':' + all.join() }
    print(f?.(), f?.(1), f?.(...[1, 2]), f?.(...[], 3), f?.(1,), [1, 2].map?.((x) => x * 2).join?.('-'))
    const g = (tag, ...values) => tag.join('|') + values.join()
    const h = { t(parts, x) { return this === h && parts[0] + x } }
    print(g\`a\${1 || 2}b\`, (h?.t)\`x\${1 && 2}\`)`,
  'names of functions': `
    let a, b, c
    a ??= () => {}; b ||= function () {}; c ??= class {}
    const { d = () => {}, e: { f = class { static x = 1 } } = {} } = {}
    const g = ((p = () => {}, [q = function () {}] = []) => [p.name, q.name])()
    let h = 1; h &&= (() => {})
    const i = a || (() => {})
    print(a.name, b.name, c.name, d.name, f.name, f.x, ...g, h.name, i.name)
    const named = (k = a && (() => {})) => k.name
    print(named(), named.length, ((x, y = 1 || 2, z) => 0).length)`,
  'order and side effects': `
    const at = (n, v) => { print('at', n); return v }
    const o = { get a() { print('get a'); return { get b() { print('get b'); return null } } } }
    print(at(1, 0) || at(2, 1) && at(3, 2), at(4, null) ?? at(5, 6), o.a?.b?.c, o?.a.b ?? at(7, 8))
    o[at(9, 'k')] ??= at(10, 11); o[at(12, 'k')] ||= at(13, 14)
    const f = (x = at(15, 1), { y = at(16, 2), ...rest } = at(17, { z: 3 })) => [x, y, rest]
    print(...f(), ...f(1, { y: 4, w: 5 }));
    [o.p = at(18, 1), ...o.q] = [undefined, 2, 3];
    ({ r: o.r = at(19, 1) } = {})
    print(JSON.stringify([o.p, o.q, o.r, o.k]))`,
  'recursion, generators and async functions': `
    const f = (n) => n > 0 && (f(n - 1) || n % 2 === 0) || (n > 5 && f(n - 3))
    print(f(9), f(4))
    function* g(n) { while ((yield n) && (yield n + 1) || n-- > 0) if ((yield 'x') ?? (yield 'y')) return n }
    const [x, y] = [g(2), g(1)]
    const take = [true, null, false, 1, undefined, 0, 'q']
    for (const v of take) print(JSON.stringify([x.next(v), y.next(!v)]))
    const later = async (v, n) => { for (let i = 0; i < n; i++) await null; return v }
    const run = async (a, b) => ((await later(a, 3)) && (await later(b, 1))) || (await later(a ?? b, 2))
    print(...(await Promise.all([run(1, 0), run(0, 2), run(null, 3), run(4, 5)])))
    for await (const { q = 1 || 2 } of [{}, later({ q: 3 }, 2)]) print(q)`,
  'defaults, fields and blocks of classes': `
    const log = (x) => (print(x), x)
    class A {
      [log('key') && 'k'] = this.x || log('field')
      x = log(1) && (() => this.k || arguments_)
      #p = null ?? log('private')
      static s = (1 && 2) || 3
      static { if (A.s && !A.t) A.t = A.s || 1 }
      constructor(v = this_ || 1) { this.v = v ?? this.#p }
      m(a = this.v || 1, b = (a && this.x) ?? 2) { return [a, typeof b] }
    }
    const arguments_ = 5, this_ = 0
    print(A.s, A.t, new A().v, new A().k, ...new A(0).m(), new A().x())`,
  switches: `
    const f = (v) => { const out = []
      switch (v ?? 'none') { case 1: out.push(1); case 2: { out.push(2); break } case 'none': default: out.push('d'); case 3: out.push(3) }
      outer: for (const i of [1, 2]) switch (i) { case 2: break outer; case v && 1: let q = i; out.push(q); continue; }
      switch (v) {} switch (v) { case 1: return out.join() }
      return out.join('-') }
    print(f(1), f(2), f(3), f(), f('x'))
    function* g(v) { switch (yield v) { case yield 'a': yield 'hit'; break; case 2: yield 'two' } }
    const i = g(0); print(JSON.stringify([i.next(), i.next(2), i.next(3), i.next(), i.next()]))`,
  'loops and closures': `
    const all = []
    for (let { i = 0, n = 3 } = {}; i < n && !all[9]; i++) all.push(() => i || 'zero')
    for (const k in { a: 1, b: 2 }) if (k === 'a' || k > 'a') all.push(() => k && k)
    for (const [p = 1, q = p || 2] of [[], [3, 4]]) all.push(() => p + q)
    for (var w of [1, 2]) { if (w && w > 1) continue; else all.push(() => w) }
    do { if (all.length > 20 || !all.length) break; all.push(() => 0) } while (all.length < 12 && all)
    print(...all.map((f) => f()))`,
  errors: `
    const attempt = (f) => { try { return f() } catch (error) { return error.constructor.name } }
    const no = undefined
    print(attempt(() => no.x || 1), attempt(() => no?.x.y.z), attempt(() => (no?.x).y), attempt(() => no.a?.()), attempt(() => (1)?.()))
    print(attempt(() => { const { a: { b = 1 } } = {}; return b }), attempt(() => { const [c = tdz] = []; const tdz = 1; return c }))
    const f = ({ message: m = 'none' } = {}) => m
    try { null.x } catch ({ name = 1, nothing = 2 }) { print(name, nothing, f(), f(new Error('e'))) }
    print(attempt(() => { throw no ?? new RangeError() }))`,
  'comments and literals in between': `
    const a = 1, b = 0 // || &&
    const c = a /* first */ && /* second */ b // last
      || /&&\\//.test('&&/') // regular expression
    const d = \`\${a || \`\${b && 1}\`}\`
    print(c, d, ((((a))) && (((b)))) || ((a)))
    if (a // why
      && b) print('no'); else print('yes')
    print((a, b) || (b, a), a ? b ? 1 : 2 : 3, (a ? b : a) ? 4 : 5)`,
}

type Program = (print: (...values: unknown[]) => void) => Promise<void>

/** Runs every program plain and instrumented. */
export async function comparePrograms(tally: Tally): Promise<void> {
  for (const [name, body] of Object.entries(PROGRAMS)) {
    const text = `return (async () => {${body}\n})()`
    const subject = executable(text, ['print'])
    tally.same('program has something to count', () => name, subject.items.length > 0, true)
    tally.same('lines stay lines', () => name, subject.code.split('\n').length, text.split('\n').length)
    const plain = compileFunction(text, ['print'])
    const expected = await printed((print) => Promise.resolve(Reflect.apply(plain, undefined, [print])).then(() => {}))
    const found = await printed((print) => Promise.resolve(subject.run({ print })).then(() => {}))
    tally.same('program prints something', () => name, expected.length > 0, true)
    tally.same('number of lines printed', () => name, found.length, expected.length)
    expected.forEach((line, index) => tally.same('line printed', () => name, found[index], line))
  }
}

async function printed(program: Program): Promise<readonly string[]> {
  const lines: string[] = []
  try {
    await program((...values) => void lines.push(values.map(String).join(' ')))
  } catch (error) {
    lines.push(`threw ${String(error)}`)
  }
  return lines
}
