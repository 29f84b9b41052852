// scenarios/real-ports.ts: the ports on this machine, for scenarios that run on a real directory instead of a simulated one.
//
// The engine is loaded when they are asked for, and not before: whoever only looks at scenarios can still plant a defect in
// what the engine's modules will be.

import type { World } from './contract.ts'

export type RealPorts = Pick<World, 'fileSystem' | 'clock' | 'scheduler' | 'processes'>

/** Files, time, order and processes of the operating system. */
export async function realPorts(): Promise<RealPorts> {
  const { nodeFileSystem, systemClock, systemProcesses, systemScheduler } = await import('../engine/index.ts')
  return {
    fileSystem: nodeFileSystem(),
    clock: systemClock(),
    scheduler: systemScheduler(),
    processes: systemProcesses(),
  }
}
