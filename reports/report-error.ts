// reports/report-error.ts: the error class of the result store and of everything that reads it. Callers branch on `code`.

/** What went wrong, and what to do about it. */
export const REPORT_ERRORS = {
  'folder-exists': 'name another folder, or go on with the campaign in it with --resume',
  'folder-missing': 'name a result folder, one that holds campaign.json or runs.ndjson',
  'bundle-missing':
    'name a bundle, a folder that holds manifest.json, or the result folder it is in; powercut report --format evidence makes one',
  'file-missing': 'name files or folders that are there',
  'no-results': 'run a campaign first',
  'no-requirements': 'write the requirements as files first',
  unfinished:
    "the campaign was cut short: go on with it with its own command, '--out' of this folder and '--resume', or run it anew",
  'expectations-missing': 'name the file of known open anomalies, or leave --expect out',
  'bad-expectations':
    'it is {"formatVersion": 1, "anomalies": [{"fingerprint", "reason", "owner", and if wanted "expires", "scenario", "family"}]}',
  'bad-input-file': 'name a file that holds what the option says',
  'no-shard': 'name the result folders of a campaign that was run with --shard i/n',
  'shards-differ': 'merge shards of one campaign: the same command, code and version, only --shard another',
  'shards-overlap': 'name each shard once',
  'shards-missing': 'name the folder of every shard of the split',
  inconsistent: 'run that shard again',
  damaged: 'run the campaign again, or restore the file',
  'not-supported': 'use the version of powercut that wrote it, or a newer one',
  closed: 'fix the call: the writer was closed before',
  'key-exists': 'name another, or go on using that key',
  'key-missing': 'make one with powercut keygen, or name another',
  'key-exposed': 'then sign, if you are sure that nobody read it, or make another key',
  'key-damaged': 'name a file of an ed25519 key in PEM, as powercut keygen makes them',
  'sign-refused': 'make the bundle again with powercut report, or mend what is named, and sign then',
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
