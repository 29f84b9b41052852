import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EMPTY_ROOT,
  TreeView,
  verifyTree,
  type Overlay,
  type Root,
  type TreeEditor,
} from '../../../engine/tree/index.ts'
import {
  contents,
  contentsOfRoot,
  hex,
  makeBed,
  makeOverlay,
  run,
  sorted,
  unhex,
  type Bed,
  type Model,
} from './test-bed.ts'

const TREES = 3

type Real = { bed: Bed; overlay: Overlay; editors: TreeEditor[]; roots: Root[] }
type Plain = { committed: Model[]; kept: Model[]; now: Map<string, string>[]; inStatement: boolean }
type TreeCommand = fc.Command<Plain, Real>

const copies = (models: readonly Model[]) => models.map((model) => new Map(model))

function checkTree(real: Real, tree: number, model: Model): void {
  const editor = real.editors[tree] as TreeEditor
  expect(editor.count).toBe(model.size)
  expect(contents(real.bed, editor.view)).toEqual(sorted(model))
}

class Put implements TreeCommand {
  readonly tree: number
  readonly key: Uint8Array
  readonly value: Uint8Array
  constructor(tree: number, key: Uint8Array, value: Uint8Array) {
    this.tree = tree
    this.key = key
    this.value = value
  }
  check = (model: Readonly<Plain>) => model.inStatement
  run(model: Plain, real: Real): void {
    const map = model.now[this.tree] as Map<string, string>
    const replaced = real.editors[this.tree]?.put(run(this.key), run(this.value))
    expect(replaced).toBe(map.has(hex(this.key)))
    map.set(hex(this.key), hex(this.value))
    const found = real.editors[this.tree]?.get(this.key, 0, this.key.length)
    expect(
      found === undefined ? undefined : hex(found.bytes.subarray(found.start, found.start + found.lengthBytes)),
    ).toBe(hex(this.value))
  }
  toString = () => `put(${this.tree}, ${hex(this.key)}, ${hex(this.value)})`
}

class PutMany implements TreeCommand {
  readonly tree: number
  readonly from: number
  readonly count: number
  constructor(tree: number, from: number, count: number) {
    this.tree = tree
    this.from = from
    this.count = count
  }
  check = (model: Readonly<Plain>) => model.inStatement
  run(model: Plain, real: Real): void {
    for (let n = this.from; n < this.from + this.count; n += 1) {
      real.editors[this.tree]?.put(run(keyOf(n)), run(Uint8Array.of(n)))
      model.now[this.tree]?.set(hex(keyOf(n)), hex(Uint8Array.of(n)))
    }
  }
  toString = () => `putMany(${this.tree}, ${this.from}, ${this.count})`
}

class DeleteMany extends PutMany {
  override run(model: Plain, real: Real): void {
    for (let n = this.from; n < this.from + this.count; n += 1) {
      const existed = model.now[this.tree]?.delete(hex(keyOf(n)))
      expect(real.editors[this.tree]?.delete(run(keyOf(n)))).toBe(existed)
    }
  }
  override toString = () => `deleteMany(${this.tree}, ${this.from}, ${this.count})`
}

class Delete implements TreeCommand {
  readonly tree: number
  readonly pick: number
  constructor(tree: number, pick: number) {
    this.tree = tree
    this.pick = pick
  }
  check = (model: Readonly<Plain>) => model.inStatement
  run(model: Plain, real: Real): void {
    const map = model.now[this.tree] as Map<string, string>
    const editor = real.editors[this.tree] as TreeEditor
    const keys = [...map.keys()]
    const key = keys[this.pick % (keys.length + 1)] ?? 'ffee'
    expect(editor.delete(run(unhex(key)))).toBe(map.delete(key))
    expect(editor.get(unhex(key), 0, unhex(key).length)).toBeUndefined()
  }
  toString = () => `delete(${this.tree}, ${this.pick})`
}

class Begin implements TreeCommand {
  check = (model: Readonly<Plain>) => !model.inStatement
  run(model: Plain, real: Real): void {
    real.overlay.beginStatement()
    model.inStatement = true
  }
  toString = () => 'begin'
}

class End implements TreeCommand {
  readonly keep: boolean
  constructor(keep: boolean) {
    this.keep = keep
  }
  check = (model: Readonly<Plain>) => model.inStatement
  run(model: Plain, real: Real): void {
    const before = real.bed.allocator.allocations
    if (this.keep) {
      real.overlay.keepStatement()
      model.kept = copies(model.now)
    } else {
      real.overlay.undoStatement()
      model.now = copies(model.kept)
    }
    expect(real.bed.allocator.allocations).toBe(before)
    model.inStatement = false
    for (const [tree, map] of model.now.entries()) checkTree(real, tree, map)
  }
  toString = () => (this.keep ? 'keep' : 'undo')
}

class Finish implements TreeCommand {
  readonly commit: boolean
  constructor(commit: boolean) {
    this.commit = commit
  }
  check = (model: Readonly<Plain>) => !model.inStatement
  run(model: Plain, real: Real): void {
    if (this.commit) {
      real.roots = real.editors.map((editor) => editor.write(real.bed.store))
      for (const [tree, map] of model.now.entries()) checkTree(real, tree, map)
      model.committed = copies(model.now)
    }
    real.overlay.discard()
    real.overlay.discard()
    real.bed.cache.clear()
    expect(real.bed.allocator.live).toBe(0)
    model.kept = copies(model.committed)
    model.now = copies(model.committed)
    for (const [tree, root] of real.roots.entries()) {
      const map = model.committed[tree] as Model
      expect(contentsOfRoot(real.bed, root)).toEqual(sorted(map))
      expect(root.count).toBe(map.size)
      const complaints: string[] = []
      verifyTree(real.bed.source, root, { damage: (_, message) => complaints.push(message) })
      expect(complaints).toEqual([])
    }
    open(real)
  }
  toString = () => (this.commit ? 'commit' : 'abort')
}

function open(real: Real): void {
  real.overlay = makeOverlay(real.bed)
  real.editors = real.roots.map((root) => real.overlay.editor(root))
}

function start(fanOut: number, budgetBytes: number): { model: Plain; real: Real } {
  const bed = makeBed(fanOut, budgetBytes)
  const roots = Array.from({ length: TREES }, () => EMPTY_ROOT)
  const empty = () => Array.from({ length: TREES }, () => new Map<string, string>())
  const overlay = makeOverlay(bed)
  const real: Real = { bed, overlay, editors: roots.map((root) => overlay.editor(root)), roots }
  return { model: { committed: empty(), kept: empty(), now: empty(), inStatement: false }, real }
}

const tree = fc.nat(TREES - 1)
const key = fc.oneof(
  { weight: 4, arbitrary: fc.nat(400).map((n) => Uint8Array.of(n >> 8, n)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(9), fc.integer({ min: 120, max: 1000 }))
      .map(([n, size]) => new Uint8Array(size).fill(n)),
  },
)
const value = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.integer({ min: 100, max: 300 }).map((size) => new Uint8Array(size).fill(7)),
)
const put = fc.tuple(tree, key, value).map(([t, k, v]) => new Put(t, k, v))
const commands = [
  put,
  put,
  put,
  put,
  fc.tuple(tree, fc.nat()).map(([t, pick]) => new Delete(t, pick)),
  fc.tuple(tree, fc.nat()).map(([t, pick]) => new Delete(t, pick)),
  fc.tuple(tree, fc.nat(400), fc.nat(80)).map(([t, from, count]) => new PutMany(t, from, count)),
  fc.tuple(tree, fc.nat(400), fc.nat(80)).map(([t, from, count]) => new DeleteMany(t, from, count)),
  fc.constant(new Begin()),
  fc.boolean().map((keep) => new End(keep)),
  fc.boolean().map((commit) => new Finish(commit)),
]

describe('tree editor', { tags: ['TRE-01'] }, () => {
  for (const fanOut of [4, 5, 32]) {
    it(
      `agrees with plain maps over any statements, undone ones, commits and aborts, fan-out ${fanOut}`,
      { tags: ['IDX-01'] },
      () => {
        fc.assert(
          fc.property(fc.commands(commands, { maxCommands: 300, size: 'max' }), (list) => {
            const { model, real } = start(fanOut, 4000)
            fc.modelRun(() => ({ model, real }), list)
            real.overlay.discard()
            real.bed.cache.close()
            expect(real.bed.allocator.live).toBe(0)
          }),
          { numRuns: 60 },
        )
      },
    )
  }

  for (const [fanOut, size] of [
    [4, 300],
    [32, 3000],
    [512, 6000],
  ] as const) {
    it(
      `keeps nodes a third full through ${size} random puts and as many deletes, fan-out ${fanOut}`,
      { tags: ['TRE-02', 'IDX-01'] },
      () => {
        const bed = makeBed(fanOut, 1_000_000)
        let root: Root = EMPTY_ROOT
        const model = new Map<string, string>()
        const order = Array.from({ length: size }, (_, n) => (n * 7919) % size)
        for (const phase of ['put', 'delete'] as const) {
          for (let from = 0; from < size; from += 331) {
            const overlay = makeOverlay(bed)
            const editor = overlay.editor(root)
            for (const n of order.slice(from, from + 331)) {
              overlay.beginStatement()
              if (phase === 'put') editor.put(run(keyOf(n)), run(keyOf(n)))
              else expect(editor.delete(run(keyOf(n)))).toBe(true)
              overlay.keepStatement()
              if (phase === 'put') model.set(hex(keyOf(n)), hex(keyOf(n)))
              else model.delete(hex(keyOf(n)))
            }
            root = editor.write(bed.store)
            overlay.discard()
            expect(root.count).toBe(model.size)
            checkFill(bed, root)
          }
          expect(contentsOfRoot(bed, root)).toEqual(sorted(model))
        }
        expect(root).toEqual(EMPTY_ROOT)
      },
    )
  }

  it('fills nodes to the brim when keys only rise', { tags: ['TRE-02'] }, () => {
    const bed = makeBed(32, 1_000_000)
    const overlay = makeOverlay(bed)
    const editor = overlay.editor(EMPTY_ROOT)
    for (let n = 0; n < 32 * 40; n += 1) {
      overlay.beginStatement()
      editor.put(run(Uint8Array.of(n >> 8, n)), run(Uint8Array.of()))
      overlay.keepStatement()
    }
    const root = editor.write(bed.store)
    overlay.discard()
    let leaves = 0
    verifyTree(bed.source, root, {
      damage: (_, m) => expect.fail(m),
      node: (_, level) => (leaves += level === 0 ? 1 : 0),
    })
    expect(leaves).toBe(40)
  })

  it('splits and merges by bytes where keys are long, and refuses what is too long', { tags: ['TRE-02'] }, () => {
    const bed = makeBed(512, 1_000_000)
    const overlay = makeOverlay(bed, 512, 4096)
    const editor = overlay.editor(EMPTY_ROOT)
    const model = new Map<string, string>()
    const change = (n: number, act: (key: Uint8Array) => void) => {
      const long = new Uint8Array(4096).fill(n & 7)
      long[n % 4096] = n
      overlay.beginStatement()
      act(n % 3 === 0 ? Uint8Array.of(n >> 8, n) : long)
      overlay.keepStatement()
    }
    for (let n = 0; n < 400; n += 1) {
      change(n, (bytes) => {
        editor.put(run(bytes), run(new Uint8Array(2048).fill(n)))
        model.set(hex(bytes), hex(new Uint8Array(2048).fill(n)))
      })
    }
    expect(contents(bed, editor.view)).toEqual(sorted(model))
    for (let n = 0; n < 400; n += 2) {
      change(n, (bytes) => expect(editor.delete(run(bytes))).toBe(model.delete(hex(bytes))))
    }
    const root = editor.write(bed.store)
    overlay.beginStatement()
    expect(() => editor.put(run(new Uint8Array(4097)), run(new Uint8Array(1)))).toThrow(/E_CONSTRAINT/)
    expect(() => editor.put(run(new Uint8Array(1)), run(new Uint8Array(2049)))).toThrow(/E_CONSTRAINT/)
    overlay.keepStatement()
    expect(contents(bed, editor.view)).toEqual(sorted(model))
    overlay.discard()
    expect(contentsOfRoot(bed, root)).toEqual(sorted(model))
    verifyTree(bed.source, root, { damage: (_, message) => expect.fail(message) })
  })

  it(
    'writes children before parents, each node once, and nothing that did not change',
    { tags: ['COW-01', 'COW-03', 'STO-07'] },
    () => {
      const bed = makeBed(4)
      const overlay = makeOverlay(bed)
      const editor = overlay.editor(EMPTY_ROOT)
      overlay.beginStatement()
      for (let n = 0; n < 200; n += 1) editor.put(run(Uint8Array.of(n)), run(Uint8Array.of(n)))
      overlay.keepStatement()
      const root = editor.write(bed.store)
      overlay.discard()
      const places = new Map(bed.store.order.map((reference, index) => [reference.offsetBytes, index]))
      expect(places.size).toBe(bed.store.order.length)
      let nodes = 0
      verifyTree(bed.source, root, { damage: (_, message) => expect.fail(message), node: () => (nodes += 1) })
      expect(nodes).toBe(bed.store.order.length)
      expect(bed.store.order.at(-1)).toEqual(root.reference)

      const second = makeOverlay(bed)
      const again = second.editor(root)
      expect(again.write(bed.store)).toEqual(root)
      expect(bed.store.order).toHaveLength(nodes)
      second.beginStatement()
      again.put(run(Uint8Array.of(77)), run(Uint8Array.of(1, 2, 3)))
      second.keepStatement()
      again.write(bed.store)
      expect(bed.store.order).toHaveLength(nodes + root.height)
      second.discard()
    },
  )

  it('leaves older roots as they were', { tags: ['COW-01', 'IDX-01'] }, () => {
    const bed = makeBed(4, 2000)
    const roots: [Root, Model][] = []
    let root: Root = EMPTY_ROOT
    const model = new Map<string, string>()
    for (let n = 0; n < 60; n += 1) {
      const overlay = makeOverlay(bed)
      const editor = overlay.editor(root)
      overlay.beginStatement()
      const bytes = Uint8Array.of((n * 37) % 64)
      if (n % 4 === 3) {
        editor.delete(run(Uint8Array.of(((n - 2) * 37) % 64)))
        model.delete(hex(Uint8Array.of(((n - 2) * 37) % 64)))
      }
      editor.put(run(bytes), run(Uint8Array.of(n)))
      model.set(hex(bytes), hex(Uint8Array.of(n)))
      overlay.keepStatement()
      root = editor.write(bed.store)
      overlay.discard()
      roots.push([root, new Map(model)])
    }
    for (const [older, expected] of roots) expect(contentsOfRoot(bed, older)).toEqual(sorted(expected))
  })

  it('goes on with a tree that was built with a larger fan-out', () => {
    const bed = makeBed(512, 1_000_000)
    const wide = makeOverlay(bed)
    const editor = wide.editor(EMPTY_ROOT)
    wide.beginStatement()
    for (let n = 0; n < 400; n += 1) editor.put(run(Uint8Array.of(n >> 8, n)), run(Uint8Array.of()))
    wide.keepStatement()
    const root = editor.write(bed.store)
    wide.discard()
    const narrow = makeBed(4)
    for (const [place, item] of bed.store.items) narrow.store.items.set(place, item)
    narrow.store.size = bed.store.size
    const overlay = makeOverlay(narrow)
    const other = overlay.editor(root)
    for (let n = 0; n < 400; n += 1) {
      overlay.beginStatement()
      if (n % 2 === 0) other.delete(run(Uint8Array.of(n >> 8, n)))
      else other.put(run(Uint8Array.of(n >> 8, n, 1)), run(Uint8Array.of(1)))
      overlay.keepStatement()
    }
    const after = other.write(narrow.store)
    overlay.discard()
    expect(contentsOfRoot(narrow, after)).toHaveLength(400)
    verifyTree(narrow.source, after, { damage: (_, message) => expect.fail(message) })
    expect(new TreeView(narrow.cache, after).get(Uint8Array.of(0, 1), 0, 2)).toBeDefined()
  })
})

const keyOf = (n: number) => Uint8Array.of(n >> 8, n)

/** Every node but the root and those on the right edge has at least a third of the fan-out. */
function checkFill(bed: Bed, root: Root): void {
  const seen: { level: number; count: number }[] = []
  verifyTree(bed.source, root, {
    damage: (_, message) => expect.fail(message),
    node: (reference, level) => {
      const image = bed.store.items.get(`${reference.pack}:${reference.offsetBytes}`) as Uint8Array
      const [, low = 0, high = 0] = image
      seen.push({ level, count: low < 128 ? low : (low & 127) | (high << 7) })
    },
  })
  const least = Math.floor(bed.fanOut / 3)
  for (let level = 0; level < root.height - 1; level += 1) {
    const counts = seen.filter((node) => node.level === level).map((node) => node.count)
    for (const count of counts.slice(0, -1)) expect(count).toBeGreaterThanOrEqual(least)
    for (const count of counts) expect(count).toBeLessThanOrEqual(bed.fanOut)
  }
}
