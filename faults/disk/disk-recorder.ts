// faults/disk/disk-recorder.ts: what a disk held at each event of one run, so that every crash of it can be made without
// running again.
//
// 1. Events are recorded in the order in which they ended: a sync that ends later than calls made after it comes behind
//    them, and `before` it means before its end.
// 2. An event that changed nothing shares its image with the one before it; images share their pages.

import type { DiskImage } from './disk-image.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

/** A moment at which a run can be stopped: before or after an event, or `within` it (a write cut part way). */
export type CrashPoint = Readonly<{ event: number; when: 'before' | 'after' | 'within'; image: DiskImage }>

export class DiskRecorder {
  private readonly disk: SimulatedDisk
  private readonly first: DiskImage
  private readonly events: number[] = []
  private readonly images: DiskImage[] = []
  /** Event → its place in both lists. */
  private readonly places = new Map<number, number>()

  /** Takes the disk's state as what was before the first event. */
  constructor(disk: SimulatedDisk) {
    this.disk = disk
    this.first = disk.checkpoint()
  }

  /** Notes the disk's state after the event of that number. */
  record(event: number): void {
    this.places.set(event, this.events.length)
    this.events.push(event)
    this.images.push(this.disk.checkpoint())
  }

  get recorded(): readonly number[] {
    return this.events
  }

  /** Before and after each recorded event, in order. */
  *points(): Generator<CrashPoint, void> {
    for (const event of this.events) {
      yield this.at(event, 'before')
      yield this.at(event, 'after')
    }
  }

  /** The image at an event; RangeError if that was not recorded. `within` has the image after the event. */
  at(event: number, when: CrashPoint['when']): CrashPoint {
    const index = this.indexOf(event)
    const image = when === 'before' ? (this.images[index - 1] ?? this.first) : this.images[index]
    if (image === undefined) throw new RangeError(`event ${event} was not recorded`)
    return { event, when, image }
  }

  private indexOf(event: number): number {
    const index = this.places.get(event)
    if (index === undefined) throw new RangeError(`event ${event} was not recorded`)
    return index
  }
}
