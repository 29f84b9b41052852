// harness/cli/annotate.ts: lines in the log of a CI job, which its system shows at the lines of the source.

import {
  ANNOTATION_SYSTEMS,
  annotationLines,
  detectAnnotationSystem,
  type AnnotationSystem,
  type Campaign,
} from '../../reports/index.ts'
import { parseOneOf } from './parse.ts'
import { speaker, type Terminal } from './terminal.ts'

/** The system that is named, or that this process runs in; undefined: none. Throws UsageError. */
export function annotationSystem(named: string | undefined): AnnotationSystem | undefined {
  if (named === undefined) return detectAnnotationSystem(process.env)
  const system = parseOneOf('--annotations', named, [...ANNOTATION_SYSTEMS, 'none'] as const)
  return system === 'none' ? undefined : system
}

export function annotate(
  campaign: Campaign,
  system: AnnotationSystem | undefined,
  terminal: Terminal,
  json: boolean,
): void {
  if (system === undefined) return
  const say = speaker(terminal, json)
  for (const line of annotationLines(campaign, system)) say(line)
}
