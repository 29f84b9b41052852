// scenarios/rows/session.ts: the store of the rows scenario: an engine session that may hold one snapshot.
//
// 1. A held snapshot never changes: whatever it gave when it was taken, it gives until it is released.
// 2. A snapshot does not outlive its process. After a reopen nothing is held, and there is nothing to compare.

import { isDeepStrictEqual } from 'node:util'
import type { Reader, Snapshot } from '../../engine/index.ts'
import { EngineSession } from '../engine-store.ts'
import type { Item, schema } from './schema.ts'

export type Content = Readonly<{
  /** All rows by primary key. */
  rows: readonly Item[]
  /** Ids of all rows in the order of the key `byGrade`. */
  byGrade: readonly number[]
}>

export class RowsSession extends EngineSession<typeof schema> {
  #held: Readonly<{ snapshot: Snapshot<typeof schema>; content: Content }> | undefined

  content(): Content {
    return this.database.read(readContent)
  }

  /** Takes a snapshot, instead of the one that is held, and remembers what it gives. */
  hold(): void {
    const snapshot = this.database.snapshot()
    try {
      const content = readContent(snapshot)
      this.release()
      this.#held = { snapshot, content }
    } catch (error) {
      snapshot.close()
      throw error
    }
  }

  /** Whether the held snapshot gives something else now; false if none is held. */
  heldChanged(): boolean {
    return this.#held !== undefined && !isDeepStrictEqual(readContent(this.#held.snapshot), this.#held.content)
  }

  get holds(): boolean {
    return this.#held !== undefined
  }

  release(): void {
    this.#held?.snapshot.close()
    this.#held = undefined
  }

  override close(): void {
    this.release()
    super.close()
  }
}

function readContent(reader: Reader<typeof schema>): Content {
  const rows: Item[] = []
  for (const row of reader.scan('item')) rows.push(row)
  const byGrade: number[] = []
  for (const row of reader.scan('item', { by: 'byGrade' })) byGrade.push(row.id)
  return { rows, byGrade }
}
