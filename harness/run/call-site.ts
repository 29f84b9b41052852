// harness/run/call-site.ts: who made a call, as names that survive a change of line numbers.
//
// 1. Frames of the harness and of the fault wrappers are left out, Node's own too: what is left is the program's, up to
//    the harness's call of it.
// 2. A frame is `function (file)`; the file's extension is left out, so that source and compiled code agree.
// 3. Sites are for people, fingerprints and coverage; they are never part of a trace hash.
// 4. Positions (file, line, column) are those of the code that ran: of compiled code, before its source map. They are taken
//    only where somebody reads them, and nothing is identified by them.

import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Frames kept for a call's identity. */
const FRAMES_MAX = 24
/** Frames printed. */
const FRAMES_SHOWN = 5

const OWN_FRAME = ''

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const OWN = [`${root}${sep}harness${sep}`, `${root}${sep}faults${sep}`]
/** A program under test that happens to live in the harness. */
const SUBJECTS = `${root}${sep}harness${sep}selftest${sep}known${sep}`

/** The calling program's frames, innermost first, joined by ` < `; all of them are the context, few are shown. */
export function captureSite(): string {
  return programFrames(captureSite, (name) => name).join(' < ')
}

/** The same frames with their positions, `function (path:line:column)`, each on a line of its own. */
export function captureStack(): string {
  return programFrames(captureStack, (name, frame) => {
    const location = frame.getFileName() ?? ''
    const path = location.startsWith('file:') ? fileURLToPath(location) : location
    const at = `${path.replace(/\?.*$/, '')}:${frame.getLineNumber() ?? 0}:${frame.getColumnNumber() ?? 0}`
    return `${functionOf(name)} (${at})`
  }).join('\n')
}

function programFrames(above: () => string, text: (name: string, frame: NodeJS.CallSite) => string): readonly string[] {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = FRAMES_MAX
  Error.prepareStackTrace = (_error, frames) => frames
  const holder: { stack?: unknown } = {}
  Error.captureStackTrace(holder, above)
  const frames = holder.stack
  Error.prepareStackTrace = prepareStackTrace
  Error.stackTraceLimit = stackTraceLimit
  if (!Array.isArray(frames)) return []
  const texts: string[] = []
  for (const frame of frames as NodeJS.CallSite[]) {
    const name = frameName(frame)
    if (name === OWN_FRAME) {
      if (texts.length > 0) break
    } else if (name !== undefined) texts.push(text(name, frame))
  }
  return texts
}

/** The function of `function (file)`. */
function functionOf(name: string): string {
  return name.slice(0, name.lastIndexOf(' ('))
}

/** The frames of a site that a report prints. */
export function shownSite(site: string): string {
  return site.split(' < ').slice(0, FRAMES_SHOWN).join(' < ')
}

/** The innermost frame. */
export function innermost(site: string): string {
  return site.split(' < ', 1)[0] ?? ''
}

function frameName(frame: NodeJS.CallSite): string | undefined {
  const location = frame.getFileName()
  if (location === null || location === undefined || location.startsWith('node:')) return undefined
  const file = fileName(location)
  if (file === OWN_FRAME) return OWN_FRAME
  const name = frame.getFunctionName() ?? frame.getMethodName() ?? 'anonymous'
  return `${name.replace(/^(?:Object|async)[. ]/, '')} (${file})`
}

const fileNames = new Map<string, string>()

function fileName(location: string): string {
  let name = fileNames.get(location)
  if (name === undefined) {
    const path = location.startsWith('file:') ? fileURLToPath(location) : location
    const own = OWN.some((prefix) => path.startsWith(prefix)) && !path.startsWith(SUBJECTS)
    const parts = path.split(sep)
    name = own ? OWN_FRAME : (parts[parts.length - 1] ?? path).replace(/\.[cm]?[jt]s(?:\?.*)?$/, '')
    fileNames.set(location, name)
  }
  return name
}
