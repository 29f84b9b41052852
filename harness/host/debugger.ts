// harness/host/debugger.ts: lets a debugger in before a run is replayed.

import inspector from 'node:inspector'

/**
 * Opens the inspector on the local host (unless it is open), tells `announce` its address, and waits until a debugger has
 * connected and lets the program go on.
 */
export function waitForDebugger(announce: (url: string) => void, port = 0): void {
  if (inspector.url() === undefined) inspector.open(port, '127.0.0.1')
  announce(inspector.url() ?? '')
  inspector.waitForDebugger()
}
