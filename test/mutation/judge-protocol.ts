// test/mutation/judge-protocol.ts: what the judging process is asked, and what it answers.

/** How often each mutant's place was executed, by the instrumenter's number for the mutant. */
export type Hits = Readonly<Record<string, number>>

export type JudgeTask =
  /** Runs every piece without a mutant: where it goes, what it costs, and that it is silent. */
  | Readonly<{ kind: 'cover' }>
  /** Runs the named pieces with that mutant active, until one complains. */
  | Readonly<{
      kind: 'judge'
      mutant: string
      pieces: readonly string[]
      cpuMs: number
      /** More executions of the mutant's place than this, in one piece, are an endless loop. */
      hitsMax: Readonly<Record<string, number>>
    }>

export type PieceCover = Readonly<{
  name: string
  hits: Hits
  cpuMs: number
  runs: number
  complaint: string | undefined
}>

export type JudgeReply =
  /** Sent now and then: the process is alive. */
  | Readonly<{ kind: 'beat' }>
  | Readonly<{ kind: 'covered'; static: Hits; pieces: readonly PieceCover[] }>
  | Readonly<{
      kind: 'judged'
      verdict: 'killed' | 'endless' | 'survived'
      piece: string
      complaint: string
      runs: number
      /** Without the mutant the process does what it did before it: it can judge the next one. */
      isClean: boolean
    }>
