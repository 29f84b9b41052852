// reports/report-error.ts: the error class of the result store and of everything that reads it. Callers branch on `code`.

/** What went wrong, and what to do about it. */
export const REPORT_ERRORS = {
  'folder-exists': 'name another folder, or go on with the campaign in it with --resume',
  'folder-missing': 'name a result folder, one that holds campaign.json or runs.ndjson',
  'file-missing': 'name files or folders that are there',
  'no-results': 'run a campaign first',
  'no-requirements': 'write the requirements as files first',
  damaged: 'run the campaign again, or restore the file',
  'not-supported': 'use the version of powercut that wrote it, or a newer one',
  closed: 'fix the call: the writer was closed before',
  io: 'check the path, the permissions and the free space',
} as const
export type ReportErrorCode = keyof typeof REPORT_ERRORS

/** Something about a result folder. `path` is the file or folder; `line` counts from 1, in files of lines. */
export class ReportError extends Error {
  override readonly name = 'ReportError'
  readonly code: ReportErrorCode
  readonly path: string
  readonly line: number | undefined

  constructor(
    code: ReportErrorCode,
    path: string,
    message: string,
    options: Readonly<{ line?: number; cause?: unknown }> = {},
  ) {
    super(`${message}: ${REPORT_ERRORS[code]}`, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.path = path
    this.line = options.line
  }
}
