// reports/store/expect-file.ts: the file of known open anomalies that `--expect` names, checked before anything is run.

import { readFileSync, statSync } from 'node:fs'
import { expectationsSchema, type ExpectationEntry } from '../format/index.ts'
import { ReportError } from '../report-error.ts'
import { jsonProblem, problemsOf } from './json-problems.ts'
import { io } from './line-file.ts'

/** Throws ReportError 'bad-expectations' with what is wrong where, 'expectations-missing' if there is no such file. */
export function readExpectations(path: string): readonly ExpectationEntry[] {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new ReportError('expectations-missing', path, `there is no file ${path}`)
  const text = io(path, 'read', () => readFileSync(path, 'utf8'))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const { line, reason } = jsonProblem(text, cause)
    throw new ReportError('bad-expectations', path, `${path}:${line} is no JSON (${reason})`, { line, cause })
  }
  const parsed = expectationsSchema.safeParse(value)
  if (!parsed.success)
    throw new ReportError('bad-expectations', path, `${path}: ${problemsOf(parsed.error)}`, { cause: parsed.error })
  const seen = new Set<string>()
  for (const { fingerprint } of parsed.data.anomalies) {
    if (seen.has(fingerprint))
      throw new ReportError('bad-expectations', path, `${path} has the fingerprint '${fingerprint}' twice`)
    seen.add(fingerprint)
  }
  return parsed.data.anomalies
}
