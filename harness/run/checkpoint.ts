// harness/run/checkpoint.ts: a disk between two processes, and what is known of it.

import { SimulatedDisk, type DiskImage } from '../../faults/index.ts'
import { WORLD_DIRECTORY, type ProcessNumber } from './world.ts'

/** A disk that no process uses, and the number that the next one gets. */
export type Checkpoint = Readonly<{
  image: DiskImage
  next: ProcessNumber
  /** Steps acknowledged so far: the disk holds the model after them. */
  steps: number
  /** Steps that no power loss can take. */
  durable: number
}>

/** A disk with nothing but the world's directory. */
export function emptyCheckpoint(): Checkpoint {
  const disk = new SimulatedDisk({ directories: [WORLD_DIRECTORY] })
  return { image: disk.checkpoint(), next: { process: 1, boot: 1 }, steps: 0, durable: 0 }
}

/** The image as it is when the process that used it is dead: nothing is lost, nothing more becomes durable. */
export function killedImage(image: DiskImage): DiskImage {
  const disk = SimulatedDisk.from(image)
  disk.kill()
  return disk.checkpoint()
}

/** The process after `number`; of another boot after a power loss. */
export function following(number: ProcessNumber, power = false): ProcessNumber {
  return { process: number.process + 1, boot: number.boot + (power ? 1 : 0) }
}
