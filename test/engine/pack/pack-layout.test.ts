// test/engine/pack/pack-layout.test.ts: what lies in the folder of a database, seen from outside, whatever was done to it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELD, crc32, decodeMarker, packSeed } from '../../../engine/format/index.ts'
import { FailingFileSystem, listImage } from '../../../faults/index.ts'
import { itemSchema } from '../database/items.ts'
import { DIRECTORY, Machine, packsOf } from '../machine.ts'

const INTERVAL_BYTES = 512
const PACK_BYTES_MAX = 4096
const OPTIONS = {
  schema: itemSchema,
  fanOut: 4,
  pack: {
    packBytesMax: PACK_BYTES_MAX,
    markerIntervalBytes: INTERVAL_BYTES,
    tailLimitBytes: 1024,
    syncEveryBytes: 8192,
  },
  writeBufferBytes: 512,
} as const

type Step = Readonly<{ id: number; bytes: number; kind: 'put' | 'delete' | 'abort' | 'reopen' | 'kill' }>

const program = fc.array(
  fc.record<Step>({
    id: fc.nat(12),
    bytes: fc.nat(900),
    kind: fc.constantFrom('put', 'put', 'put', 'delete', 'abort', 'reopen', 'kill'),
  }),
  { minLength: 5, maxLength: 25 },
)

/** Does the steps, and shows the packs after each. */
function runProgram(steps: readonly Step[], look: (packs: ReadonlyMap<string, Uint8Array>) => void): Machine {
  const machine = new Machine()
  let database = machine.open(OPTIONS)
  for (const { id, bytes, kind } of steps) {
    if (kind === 'reopen') database.close()
    else if (kind === 'kill') machine.kill()
    if (kind === 'reopen' || kind === 'kill') database = machine.open(OPTIONS)
    else {
      const transaction = database.begin()
      transaction.delete('item', id)
      const row = {
        id,
        group: null,
        name: `n${id}`,
        tag: null,
        weight: null,
        bytes: new Uint8Array(bytes),
        done: false,
      }
      if (kind !== 'delete') transaction.insert('item', row)
      if (kind === 'abort') transaction.abort()
      else transaction.commit()
    }
    look(packsOf(machine.image()))
  }
  database.close()
  look(packsOf(machine.image()))
  return machine
}

const FIRST = 'p00000001.pack'
const nameOf = (path: string): string => path.slice(DIRECTORY.length + 1)

describe('the folder of a database', () => {
  it(
    'holds packs numbered from 1 without a gap, none above its bound, and no other data',
    { tags: ['STO-01', 'STO-02', 'STO-03', 'STO-05'] },
    () => {
      fc.assert(
        fc.property(program, (steps) => {
          const machine = runProgram(steps, (packs) => {
            const names = [...packs.keys()].map(nameOf).toSorted()
            expect(names).toEqual(names.map((_, index) => `p${String(index + 1).padStart(8, '0')}.pack`))
            for (const bytes of packs.values()) expect(bytes.length).toBeLessThanOrEqual(PACK_BYTES_MAX)
          })
          const others = listImage(machine.image())
            .map(({ path }) => path)
            .filter((path) => path.startsWith(`${DIRECTORY}/`) && !path.endsWith('.pack'))
          for (const path of others) expect(nameOf(path)).toMatch(/^lock\.\d+$/)
        }),
        { numRuns: 25 },
      )
    },
  )

  it(
    'is only appended to: no byte that was written ever changes, and no pack grows but the newest',
    { tags: ['STO-06', 'STO-07', 'COW-09', 'D8'] },
    () => {
      fc.assert(
        fc.property(program, (steps) => {
          let before: ReadonlyMap<string, Uint8Array> = new Map()
          runProgram(steps, (packs) => {
            const newestBefore = [...before.keys()].toSorted().at(-1)
            for (const [path, bytes] of before) {
              const now = packs.get(path) ?? new Uint8Array(0)
              expect(Buffer.compare(now.subarray(0, bytes.length), bytes)).toBe(0)
              if (path !== newestBefore) expect(now.length).toBe(bytes.length)
            }
            before = packs
          })
        }),
        { numRuns: 25 },
      )
    },
  )

  it('has a whole recovery marker at every multiple of the interval', { tags: ['REC-02', 'REC-03'] }, () => {
    let markers = 0
    fc.assert(
      fc.property(program, (steps) => {
        runProgram(steps, (packs) => {
          for (const [path, bytes] of packs) {
            const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
            const seed = packSeed(crc32(bytes, FIELD.databaseId, 16), Number(/p(\d+)\.pack$/.exec(path)?.[1]))
            for (let at = INTERVAL_BYTES; at < bytes.length; at += INTERVAL_BYTES) {
              const marker = decodeMarker(view, bytes, at, bytes.length - at, seed, at)
              expect(marker, `${path}:${at} of ${bytes.length}`).toBeDefined()
              expect(marker?.spanStartBytes).toBeLessThanOrEqual(at)
              expect(marker?.nextStartBytes).toBeGreaterThan(at)
              markers += 1
            }
          }
        })
      }),
      { numRuns: 25 },
    )
    expect(markers).toBeGreaterThan(100)
  })
})

describe('a small commit', () => {
  it('is one append and one sync of the newest pack', { tags: ['DUR-02', 'STO-11'] }, () => {
    const machine = new Machine()
    const calls: string[] = []
    const fileSystem = new FailingFileSystem(machine.fileSystem, {
      root: '/',
      onEvent: ({ kind, path }) => {
        if (kind !== 'read' && path.endsWith('.pack')) calls.push(`${kind} ${path.slice(-FIRST.length)}`)
      },
    })
    const database = machine.open({ schema: itemSchema, fileSystem })
    const row = { group: null, name: 'n', tag: null, weight: null, bytes: null, done: false }
    for (let id = 0; id < 20; id += 1) {
      calls.length = 0
      database.update((transaction) => transaction.insert('item', { id, ...row }))
      if (id > 0) expect(calls).toEqual([`append ${FIRST}`, `sync ${FIRST}`])
    }
    database.close()
  })
})
