// reports/sarif/rules.ts: oracles as SARIF rules, each with what it demands and what to do about a complaint.

import type { Campaign } from '../format/index.ts'
import type { SarifRule } from './sarif-format.ts'

const HOW_TO_GO_ON = [
  "The result's line is the call at which the fault was put: the call that failed, or the one around which the power was cut.",
  'What is wrong may be above it on the stack: whoever swallowed the error, did not undo, or acknowledged too early.',
  'Replay the run with the command in the message; add --trace for every event before it.',
]

/** A rule for each oracle of the campaign and for each that only its results name, in the order of their names. */
export function rulesOf({ oracles = {}, violations, failures }: Campaign): readonly SarifRule[] {
  const ids = new Set([...Object.keys(oracles), ...[...violations, ...failures].map(({ oracle }) => oracle)])
  return [...ids].toSorted().map((id) => {
    const demand = oracles[id] ?? `the campaign's judge '${id}' has nothing to complain of`
    const text = `${capitalised(demand)}.`
    return {
      id,
      name: id.split('-').map(capitalised).join(''),
      shortDescription: { text: capitalised(id.replaceAll('-', ' ')) },
      fullDescription: { text },
      help: {
        text: [text, ...HOW_TO_GO_ON].join(' '),
        markdown: [`**${text}**`, ...HOW_TO_GO_ON].join('\n\n'),
      },
      defaultConfiguration: { level: 'error' },
      properties: { tags: ['durability', 'fault-injection'] },
    }
  })
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
