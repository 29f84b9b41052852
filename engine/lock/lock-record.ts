// engine/lock/lock-record.ts: the names of lock files and claims, and the text in a lock file.
//
//   lock.N                                      owner's line, and the released line once it was given back
//   claim.N.HOST.BOOT.PROCESS.START.TOKEN       empty: the name says everything
//
//   owner N HOST BOOT PROCESS START TOKEN CHECK\n
//   \nreleased TOKEN CHECK\n
//
// N counts from 1. CHECK is a 32-bit sum of the line before it, so that a torn line is none. The released line starts
// with a line feed: after a torn attempt the next one is whole again.
// Invariants: (1) what a parser accepts was written whole by a formatter here; (2) a parser never throws.

import { assert } from '../errors.ts'
import type { ProcessIdentity } from '../ports/index.ts'

/** A process and one of its attempts to get a lock. */
export type Contender = Readonly<{ identity: ProcessIdentity; token: string }>

/** What the directory's names say of locks. */
export type LockNames = Readonly<{
  /** Ascending. */
  locks: readonly number[]
  claims: readonly Readonly<{ name: string; number: number; contender: Contender }>[]
}>

/** What a lock file's text says. */
export type LockRecord = Readonly<{ owner: Contender | undefined; released: boolean }>

/** Longest name that common file systems take. */
const NAME_LENGTH_MAX = 255
/** Longest text of a lock file that is looked at: an owner's line and some attempts at a released line. */
export const LOCK_TEXT_BYTES_MAX = 1024

const LOCK_NAME = /^lock\.([1-9]\d{0,14})$/
const CLAIM_NAME = /^claim\.([1-9]\d{0,14})\.([^.]+)\.([^.]+)\.([^.]+)\.([^.]+)\.([0-9a-f]{32})$/
const FIELD = /^[!-~]+$/

/** FNV-1a: enough to tell a whole line from a torn one. */
function checkOf(line: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < line.length; index += 1) hash = Math.imul(hash ^ line.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function fieldsOf({ identity, token }: Contender): readonly string[] {
  return [identity.host, identity.boot, identity.process, identity.start, token]
}

export function lockName(number: number): string {
  return `lock.${number}`
}

export function claimName(number: number, contender: Contender): string {
  const fields = fieldsOf(contender)
  const printable = fields.every((field) => FIELD.test(field) && !field.includes('.') && !field.includes('/'))
  assert(printable, 'the fields of a process identity are printable, without blanks, "/" and "."')
  const name = `claim.${number}.${fields.join('.')}`
  assert(name.length <= NAME_LENGTH_MAX, 'a process identity fits into a file name')
  return name
}

/** Picks the lock files and claims out of a directory's names; everything else there is none of ours. */
export function parseLockNames(names: readonly string[]): LockNames {
  const locks: number[] = []
  const claims: { name: string; number: number; contender: Contender }[] = []
  for (const name of names) {
    const lock = LOCK_NAME.exec(name)?.[1]
    if (lock !== undefined) {
      locks.push(Number(lock))
      continue
    }
    const [, number, host, boot, process, start, token] = CLAIM_NAME.exec(name) ?? []
    if (host === undefined || boot === undefined || process === undefined || start === undefined) continue
    if (token === undefined) continue
    claims.push({ name, number: Number(number), contender: { identity: { host, boot, process, start }, token } })
  }
  return { locks: locks.toSorted((left, right) => left - right), claims }
}

export function ownerLine(number: number, contender: Contender): string {
  const line = `owner ${number} ${fieldsOf(contender).join(' ')}`
  return `${line} ${checkOf(line)}\n`
}

export function releasedLine(token: string): string {
  const line = `released ${token}`
  return `\n${line} ${checkOf(line)}\n`
}

/** Reads the text of `lock.number`: whatever a crash, a short write or a stranger left there. */
export function parseLockRecord(number: number, text: string): LockRecord {
  let owner: Contender | undefined
  let released = false
  // The part after the last line feed is no line.
  for (const line of text.split('\n').slice(0, -1)) {
    const [kind, ...fields] = line.split(' ')
    const check = fields.at(-1)
    if (check !== checkOf(line.slice(0, -9))) continue
    if (kind === 'released' && fields.length === 2) released = true
    const [written, host, boot, process, start, token] = fields
    if (kind !== 'owner' || fields.length !== 7 || written !== String(number)) continue
    if (host === undefined || boot === undefined || process === undefined) continue
    if (start === undefined || token === undefined) continue
    owner ??= { identity: { host, boot, process, start }, token }
  }
  return { owner, released }
}
