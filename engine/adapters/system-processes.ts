// engine/adapters/system-processes.ts: who this process is, and whether another one still runs.
//
// A process is named by host, boot, process id and start time, so that neither a re-used id nor a reboot is taken for it.
// On Linux, boot is the kernel's boot id and start is field 22 of /proc/PID/stat (clock ticks since boot). Elsewhere boot
// and start are not known ('-'): a process counts as running if any process has its id, which errs to the safe side.
// Invariants: (1) `no` is said only of a process that certainly ended, given that hosts that share a directory have
// different names; (2) every field is made of letters, digits, '_', '-' and '%', at most 64 of them.

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ProcessIdentity, Processes } from '../ports/index.ts'

const UNKNOWN = '-'
const FIELD_LENGTH_MAX = 64

/** Escapes what invariant 2 leaves out. Different texts stay different, unless they are very long. */
function printable(text: string): string {
  const escaped = text.replace(/[^A-Za-z0-9_-]/gu, (character) => `%${(character.codePointAt(0) ?? 0).toString(16)}%`)
  return escaped.slice(0, FIELD_LENGTH_MAX) || UNKNOWN
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // No such process, or no /proc: both are answers.
    return undefined
  }
}

function bootId(): string {
  const text = readText('/proc/sys/kernel/random/boot_id')
  return text === undefined ? UNKNOWN : printable(text.trim().replaceAll('-', ''))
}

/** What /proc says of a process: when it started, and whether it is a zombie (ended, but not yet waited for). */
function processStat(process: string): Readonly<{ start: string; ended: boolean }> | undefined {
  const text = readText(`/proc/${process}/stat`)
  // The second field is the program's name in parentheses, which may hold anything; the third is the state.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields?.[0]
  const start = fields?.[19]
  if (state === undefined || start === undefined) return undefined
  return { start: printable(start), ended: state === 'Z' || state === 'X' }
}

/** Whether any process has that id; also one that we may not signal. */
function idInUse(process: number): boolean {
  try {
    globalThis.process.kill(process, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

class SystemProcesses implements Processes {
  #self: ProcessIdentity | undefined

  self(): ProcessIdentity {
    this.#self ??= Object.freeze({
      host: printable(hostname()),
      boot: bootId(),
      process: String(globalThis.process.pid),
      start: processStat(String(globalThis.process.pid))?.start ?? UNKNOWN,
    })
    return this.#self
  }

  isRunning(identity: ProcessIdentity): 'yes' | 'no' | 'unknown' {
    const { host, boot, process, start } = this.self()
    if (identity.host !== host) return 'unknown'
    if (identity.boot !== boot && identity.boot !== UNKNOWN && boot !== UNKNOWN) return 'no'
    if (identity.process === process) return identity.start === start ? 'yes' : 'no'
    if (!/^[1-9]\d{0,9}$/.test(identity.process)) return 'unknown'
    const stat = boot === UNKNOWN ? undefined : processStat(identity.process)
    if (stat !== undefined) return stat.start === identity.start && !stat.ended ? 'yes' : 'no'
    if (!idInUse(Number(identity.process))) return 'no'
    return 'unknown'
  }
}

const SYSTEM_PROCESSES: Processes = new SystemProcesses()

/** The running system's processes. Always the same object: what is known of this process is known by it (engine/lock). */
export function systemProcesses(): Processes {
  return SYSTEM_PROCESSES
}
