// scenarios/real-ports.ts: the ports on this machine, for scenarios that run on a real directory instead of a simulated one.

import { nodeFileSystem, systemClock, systemProcesses, systemScheduler } from '../engine/index.ts'
import type { World } from './contract.ts'

/** Files, time, order and processes of the operating system. */
export function realPorts(): Pick<World, 'fileSystem' | 'clock' | 'scheduler' | 'processes'> {
  return {
    fileSystem: nodeFileSystem(),
    clock: systemClock(),
    scheduler: systemScheduler(),
    processes: systemProcesses(),
  }
}
