// test/bench/bench.ts: what a benchmark is: a name, and a run that gives tables and the few figures that matter.
//
// A goal is printed beside its figure and never asserted: speed is judged by people, on a machine that they know.

export type BenchOptions = Readonly<{
  /** Leave nothing out: every plan instead of a spread share of them, the large database. Takes many minutes. */
  full: boolean
  /** A tenth of a benchmark that takes many minutes by itself. */
  short: boolean
  /** An existing, empty directory on the disk that is to be measured. */
  directory: string
}>

/** The first row holds the headings. */
export type Table = Readonly<{ title: string; rows: readonly (readonly (string | number)[])[] }>

export type Figure = Readonly<{
  name: string
  value: number
  /** 'x' for ratios, '/s' for rates. */
  unit: string
  goal?: Readonly<{ kind: 'at least' | 'at most'; value: number }>
}>

export type BenchResult = Readonly<{ tables: readonly Table[]; figures: readonly Figure[] }>

export type Bench = Readonly<{
  name: string
  /** One line for `--help`. */
  summary: string
  /** It is run only when it is named. */
  onDemand?: boolean
  run(options: BenchOptions): Promise<BenchResult>
}>
