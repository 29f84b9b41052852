// harness/oracles/trace-lint.ts: rules of order over one process's calls. They hold on every run, faulted or not, and need
// no crash to be checked.
//
// 1. Nothing is appended to a file after a sync of it failed (an interrupted one did not fail), unless the file was
//    emptied since: what is written then is all of it.
// 2. Never two syncs of one file in flight.
// 3. Between two changes of names in a directory, the directory is synced. Asked only of files that the scenario declares
//    as written once (`recovery.readOnly`): others may have names that no promise rests on. Taking back a create that no
//    sync followed is no change: with or without it the directory is one that was there before.
// 4. No such file is unlinked while bytes of another one are not durable; but one that this process made and no sync of
//    which succeeded may be: a power loss could have taken all that it held.

import type { FileSystemCallInfo, FileSystemCallResult } from '../../faults/index.ts'

export type TraceLintOptions = Readonly<{
  /** Files to which rules 3 and 4 apply, by the call's path. */
  isPermanent: (path: string) => boolean
}>

export class TraceLint {
  /** The first broken rule, in words. */
  broken: string | undefined
  private readonly isPermanent: (path: string) => boolean
  private readonly failedSyncs = new Map<string, string>()
  private readonly syncsInFlight = new Set<string>()
  /** Directory → the change of names that no sync followed. */
  private readonly changed = new Map<string, string>()
  private readonly unsynced = new Set<string>()
  /** Files made by this process that no sync has succeeded for. */
  private readonly neverSynced = new Set<string>()

  constructor(options: TraceLintOptions) {
    this.isPermanent = options.isPermanent
  }

  beforeCall(call: FileSystemCallInfo): void {
    const { kind, path } = call
    if (kind === 'append') {
      const code = this.failedSyncs.get(path)
      if (code !== undefined) this.say(`'${path}' is appended to after a sync of it failed with ${code}`)
    } else if (kind === 'sync') {
      if (this.syncsInFlight.has(path)) this.say(`'${path}' is synced while another sync of it is in flight`)
      if (call.argument === 'later') this.syncsInFlight.add(path)
    } else if (kind === 'create' || kind === 'unlink' || kind === 'rename') this.beforeChange(call)
  }

  afterCall(call: FileSystemCallInfo, result: FileSystemCallResult): void {
    const { kind, path } = call
    const { code } = result
    if (kind === 'sync') {
      this.syncsInFlight.delete(path)
      if (code === undefined) {
        this.unsynced.delete(path)
        this.neverSynced.delete(path)
      } else if (code !== 'EINTR') this.failedSyncs.set(path, code)
    } else if (kind === 'append') {
      if ((result.value ?? 0) > 0 && this.isPermanent(path)) this.unsynced.add(path)
    } else if (kind === 'syncDirectory') {
      if (code === undefined) this.changed.delete(path)
    } else if (kind === 'truncate') {
      if (code === undefined && call.offsetBytes === 0) this.failedSyncs.delete(path)
    } else if (code === undefined && (kind === 'create' || kind === 'unlink' || kind === 'rename')) {
      for (const name of namesOf(call)) {
        if (this.isPermanent(name)) this.changed.set(parentOf(name), `${kind} of '${path}'`)
        if (kind === 'unlink') this.unsynced.delete(name)
        if (kind === 'unlink' || kind === 'create') this.failedSyncs.delete(name)
        if (kind === 'create') this.neverSynced.add(name)
        else this.neverSynced.delete(name)
      }
      if (kind === 'rename') this.moveFailure(call)
    }
  }

  private beforeChange(call: FileSystemCallInfo): void {
    for (const name of namesOf(call)) {
      if (!this.isPermanent(name)) continue
      const earlier = this.changed.get(parentOf(name))
      const takesBack = call.kind === 'unlink' && earlier === `create of '${call.path}'`
      if (earlier !== undefined && !takesBack)
        this.say(`${call.kind} of '${call.path}' follows ${earlier} without a sync of the directory between them`)
    }
    if (call.kind !== 'unlink' || !this.isPermanent(call.path) || this.neverSynced.has(call.path)) return
    for (const path of this.unsynced)
      if (path !== call.path) this.say(`'${call.path}' is unlinked while bytes of '${path}' are not durable`)
  }

  /** A file keeps what happened to it under its new name; the one that it replaced is gone. */
  private moveFailure({ path, argument }: FileSystemCallInfo): void {
    if (argument === undefined) return
    const failed = this.failedSyncs.get(path)
    this.failedSyncs.delete(path)
    this.failedSyncs.delete(argument)
    if (failed !== undefined) this.failedSyncs.set(argument, failed)
  }

  private say(message: string): void {
    this.broken ??= message
  }
}

function namesOf(call: FileSystemCallInfo): readonly string[] {
  return call.kind === 'rename' && call.argument !== undefined ? [call.path, call.argument] : [call.path]
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}
