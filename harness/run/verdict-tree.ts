// harness/run/verdict-tree.ts: what was found out about some disks, for every disk that answers as one of them did.
//
//   names of /world? ──▶ #17 ──▶ bytes 0..512 of /world/log? ──▶ #4 ──▶ found
//                                                           └──▶ #9 ──▶ size of /world/log? ──▶ …
//
// 1. A leaf is reached only by a disk that was asked, on the way, everything that the leaf's own run asked, and that
//    answered the same. Questions of other runs may stand between: they tell apart more than is needed, never less.
// 2. The order of questions is that of the runs that were added; what is found does not depend on it.
// 3. It forgets everything when it is full: that costs time alone.

import { Answers, type DiskImage, type DiskQuestion } from '../../faults/index.ts'

type Node<T> = {
  readonly parent: Node<T> | undefined
  question: DiskQuestion | undefined
  /** By the answer. */
  next: Map<number, Node<T>> | undefined
  found: T | undefined
}

/** Where a disk left what is known. Valid until the next `add`. */
export type Walk<T> = Readonly<{
  found: T | undefined
  answers: Answers
  /** The last node that the disk reached. */
  node: Node<T>
}>

export class VerdictTree<T> {
  private readonly roots = new Map<string, Node<T>>()
  private readonly leavesMax: number
  private leaves = 0

  constructor(leavesMax: number) {
    this.leavesMax = leavesMax
  }

  /** Asks a disk what is known under `key`: everything besides the disk that a verdict depends on. */
  walk(key: string, image: DiskImage): Walk<T> {
    const answers = new Answers(image)
    let node = this.roots.get(key)
    if (node === undefined) {
      node = emptyNode(undefined)
      this.roots.set(key, node)
    }
    while (node.question !== undefined) {
      const next: Node<T> | undefined = node.next?.get(answers.to(node.question))
      if (next === undefined) break
      node = next
    }
    return { found: node.found, answers, node }
  }

  /** Adds what was found out about the disk of a walk, by a run that asked `questions` of it. */
  add({ answers, node: reached }: Walk<T>, questions: readonly DiskQuestion[], found: T): void {
    let node = reached
    const covered = new Set<string>()
    for (let above = reached.parent; above !== undefined; above = above.parent)
      if (above.question !== undefined) covered.add(above.question.key)
    let position = 0
    for (;;) {
      if (node.question === undefined) {
        if (node.found !== undefined) break
        const question: DiskQuestion | undefined = questions[position]
        if (question === undefined) break
        position += 1
        if (covered.has(question.key)) continue
        node.question = question
      }
      covered.add(node.question.key)
      const answer = answers.to(node.question)
      node.next ??= new Map()
      let next: Node<T> | undefined = node.next.get(answer)
      if (next === undefined) {
        next = emptyNode(node)
        node.next.set(answer, next)
      }
      node = next
    }
    if (node.found !== undefined) return
    node.found = found
    this.leaves += 1
    if (this.leaves <= this.leavesMax) return
    this.roots.clear()
    this.leaves = 0
  }
}

function emptyNode<T>(parent: Node<T> | undefined): Node<T> {
  return { parent, question: undefined, next: undefined, found: undefined }
}
