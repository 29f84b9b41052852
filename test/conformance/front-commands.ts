// test/conformance/front-commands.ts: random commands of `node:fs`, and what comes of one, in a form in which sides can be
// compared.

import fs from 'node:fs'
import fc from 'fast-check'
import type { Machine } from '../faults/node-front/helpers.ts'

export type Command = Readonly<{ call: string; args: readonly unknown[]; slot?: number; into?: number }>

const NAMES = [
  'a',
  'b',
  'd',
  'd/a',
  'd/b',
  'd/e',
  'd/e/a',
  'l',
  'd/l',
  'a/b',
  '.',
  'd/',
  'd/../a',
  'd/e/..',
  'l/',
  'nothing/x',
]
const name = fc.constantFrom(...NAMES).map((path) => ({ path }))
// Removing '.' ends in an error after the removal of much, in an order that is the machine's; '..' through a link that
// leads nowhere stops at another part of the path.
const simpleName = fc.constantFrom(...NAMES.filter((each) => !each.includes('.'))).map((path) => ({ path }))
const data = fc.string({ maxLength: 40 }).map((text) => text.repeat(3))
const position = fc.option(fc.nat({ max: 60 }), { nil: null })
const slot = fc.nat({ max: 2 })
const flag = fc.constantFrom('r', 'r+', 'w', 'w+', 'wx', 'wx+', 'a', 'a+', 'ax', 'ax+', 'rs+', 'as')
const recursive = fc.record({ recursive: fc.boolean() })
const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o444)

const plain = (call: string, ...args: fc.Arbitrary<unknown>[]): fc.Arbitrary<Command> =>
  fc.tuple(...args).map((given) => ({ call, args: given }))
const onSlot = (call: string, ...args: fc.Arbitrary<unknown>[]): fc.Arbitrary<Command> =>
  fc.tuple(slot, ...args).map(([at, ...given]) => ({ call, args: given, slot: at }))

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: plain('writeFile', name, data, fc.record({ flag: fc.constantFrom('w', 'wx', 'a', 'r+') })) },
  plain('appendFile', name, data),
  plain('readFile', name, fc.constantFrom('utf8', 'hex', null)),
  {
    weight: 3,
    arbitrary: fc.tuple(name, flag, slot).map(([path, how, into]) => ({ call: 'open', args: [path, how], into })),
  },
  { weight: 2, arbitrary: onSlot('write', data, position) },
  { weight: 2, arbitrary: onSlot('read', fc.nat({ max: 50 }), position) },
  onSlot('writev', data, position),
  onSlot('readv', fc.nat({ max: 20 }), position),
  onSlot('ftruncate', fc.nat({ max: 80 })),
  onSlot('fstat'),
  onSlot('fsync'),
  onSlot('fchmod', mode),
  onSlot('readFile', fc.constant('hex')),
  onSlot('writeFile', data),
  { weight: 2, arbitrary: onSlot('close') },
  plain('rename', name, name),
  plain('unlink', name),
  { weight: 3, arbitrary: plain('mkdir', simpleName, recursive) },
  plain('rmdir', name),
  plain('rm', simpleName, fc.record({ recursive: fc.boolean(), force: fc.boolean() })),
  plain('readdir', name, fc.record({ recursive: fc.boolean(), withFileTypes: fc.boolean() })),
  plain('stat', name),
  plain('lstat', name),
  { weight: 2, arbitrary: plain('symlink', fc.constantFrom('a', 'd', '../a', 'l', 'nothing', 'e'), name) },
  plain('readlink', name),
  { weight: 2, arbitrary: plain('link', name, name) },
  plain('truncate', name, fc.nat({ max: 80 })),
  plain('copyFile', name, name, fc.constantFrom(0, 1)),
  plain('chmod', name, mode),
  plain('utimes', name, fc.nat({ max: 2_000_000_000 }), fc.nat({ max: 2_000_000_000 })),
  plain('access', name, fc.constantFrom(0, 1, 4, 6)),
  plain('exists', name),
  plain('realpath', name),
)

/** One side: where its calls go, and the descriptors that it has open. */
export type Side = Readonly<{ root: string; slots: (number | undefined)[]; run: <T>(code: () => T) => T }>

function argumentsOf(side: Side, { call, args, slot: at }: Command): unknown[] {
  const given = args.map((arg) =>
    typeof arg === 'object' && arg !== null && 'path' in arg ? `${side.root}/${String(arg.path)}` : arg,
  )
  if (at === undefined) return given
  const fd = side.slots[at] ?? 77_777_777
  if (call === 'read') return [fd, Buffer.alloc(60), 3, given[0], given[1]]
  if (call === 'readv') return [fd, [Buffer.alloc(Number(given[0]) + 1), Buffer.alloc(7)], given[1]]
  if (call === 'write') return [fd, Buffer.from(String(given[0])), 0, undefined, given[1]]
  if (call === 'writev') return [fd, [Buffer.from(String(given[0])), Buffer.from('tail')], given[1]]
  return [fd, ...given]
}

function shown(side: Side, { call, into, slot: at }: Command, value: unknown, args: readonly unknown[]): unknown {
  if (call === 'open') {
    if (into !== undefined) side.slots[into] = Number(value)
    return 'open'
  }
  if (call === 'close' && at !== undefined) side.slots[at] = undefined
  if (call === 'read') return [value, String(args[1])]
  if (call === 'readv') return [value, (args[1] as Buffer[]).map(String)]
  if (value instanceof fs.Stats) {
    const { mode: bits, size, nlink, atimeMs, mtimeMs } = value
    const times = mtimeMs < 1_000_000_000_000 || atimeMs < 1_000_000_000_000
    const kind = [value.isFile(), value.isDirectory(), value.isSymbolicLink()]
    return {
      bits,
      kind,
      ...(value.isDirectory() ? {} : { size, nlink }),
      ...(times && call === 'stat' && !value.isDirectory() ? { atimeMs, mtimeMs } : {}),
    }
  }
  if (Array.isArray(value))
    return value
      .map((entry) =>
        entry instanceof fs.Dirent
          ? `${entry.parentPath}/${entry.name} ${entry.isDirectory()} ${entry.isSymbolicLink()}`
          : String(entry),
      )
      .toSorted()
  if (value instanceof Buffer) return value.toString('hex')
  return value
}

function failure(error: unknown, call?: string): unknown {
  if (!(error instanceof Error)) return error
  const { name: kind, message } = error
  const { code, errno, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string }
  // Node walks a path or a tree itself here, and tells of the call at which it stopped.
  if (call === 'realpath' || call === 'rm') return code
  return { kind, message, code, errno, syscall, path, dest }
}

export function perform(side: Side, given: Command): unknown {
  const args = argumentsOf(side, given)
  const before = given.into === undefined ? undefined : side.slots[given.into]
  return side.run(() => {
    if (before !== undefined) fs.closeSync(before)
    if (given.into !== undefined) side.slots[given.into] = undefined
    try {
      const make: unknown = Reflect.get(fs, `${given.call}Sync`)
      if (typeof make !== 'function') throw new TypeError(`no ${given.call}Sync`)
      return shown(side, given, Reflect.apply(make, fs, args), args)
    } catch (error) {
      return failure(error, given.call)
    }
  })
}

export async function performLater(side: Side, given: Command, wait: Machine['wait'] | undefined): Promise<unknown> {
  const args = argumentsOf(side, given)
  const make: unknown = Reflect.get(fs.promises, given.call)
  if (typeof make !== 'function') return perform(side, given)
  const run = async (): Promise<unknown> => {
    try {
      const value: unknown = await Reflect.apply(make, fs.promises, args)
      if (given.call === 'open' && value instanceof Object && 'close' in value) {
        await Reflect.apply(Object(value.close), value, [])
        return 'open'
      }
      return shown(side, { ...given, call: given.call === 'open' ? 'none' : given.call }, value, args)
    } catch (error) {
      return failure(error, given.call)
    }
  }
  return wait === undefined ? run() : wait(run)
}

// A recursive mkdir through a link that leads nowhere has another error here than in its synchronous form.
export const isDeep = ({ call, args }: Command): boolean => call === 'mkdir' && JSON.stringify(args).includes('true')
