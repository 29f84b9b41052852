// harness/vitest/failure.ts: a defect as a failed test: what was promised, what was found, and the command that repeats it.

/** The environment variable with the token that a suite is to replay, instead of its whole campaign. */
export const TOKEN_VARIABLE = 'POWERCUT_TOKEN'

export type Defect = Readonly<{
  oracle: string
  message: string
  token: string
  fingerprint: string
  /** Family, and phase where there are several; undefined where no fault was. */
  place: string | undefined
  fault: string | undefined
  runs: number
}>

/** Thrown by the test of one defect. */
export class PowercutFailure extends Error {
  override readonly name = 'PowercutFailure'
  readonly token: string
  readonly oracle: string
  readonly fingerprint: string

  constructor(defect: Defect, replay: string) {
    const { oracle, message, token, fingerprint, place, fault, runs } = defect
    const seen =
      place === undefined ? 'without a fault' : `${place}: ${fault ?? ''}; ${runs} ${runs === 1 ? 'run' : 'runs'}`
    super(`${oracle}: ${message}\n  ${seen}\n  replay: ${replay}`)
    // The stack of the test that tells of a defect leads nowhere.
    this.stack = `${this.name}: ${this.message}`
    this.token = token
    this.oracle = oracle
    this.fingerprint = fingerprint
  }
}

/** The defect's test: short, and the same in every run that finds it. */
export function defectName({ oracle, place, fingerprint }: Defect): string {
  return `${oracle}, ${place ?? 'without a fault'} (${fingerprint})`
}

/** Replays what only a test file has. */
export function vitestReplay(token: string, file: string): string {
  return `${TOKEN_VARIABLE}=${token} npx vitest run ${file}`
}

/** The token to replay; undefined: everything is run. */
export function wantedToken(): string | undefined {
  const token = process.env[TOKEN_VARIABLE]
  return token === undefined || token === '' ? undefined : token
}
