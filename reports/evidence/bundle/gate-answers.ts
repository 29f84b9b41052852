// reports/evidence/bundle/gate-answers.ts: known answers about the bundle's own checks: they must refuse nothing, and what was changed.

import { generateKeyPairSync } from 'node:crypto'
import { ReportError } from '../../report-error.ts'
import { recognise, type KnownAnswer } from '../inputs/index.ts'
import { ChainWriter, checkChain, isChainProblem, readManifest, signEnvelope, signersOf } from '../integrity/index.ts'

const NOTHING: readonly (readonly [id: string, title: string, path: string, text: string])[] = [
  ['KAT-gate-no-lines', 'coverage of no line is refused', 'lcov.info', 'TN:\nSF:a.ts\nLF:0\nLH:0\nend_of_record\n'],
  ['KAT-gate-no-tests', 'results without a test are refused', 'junit.xml', '<testsuites></testsuites>'],
  ['KAT-gate-no-mutants', 'a selftest without a mutant is refused', 'selftest.json', '{"mutants":[],"clean":[]}'],
]

/** Asks them all. */
export function gateAnswers(): readonly KnownAnswer[] {
  return [
    ...NOTHING.map(([id, title, path, text]) => answer(id, 'TOR-06', title, isRefused(path, text), 'it was refused')),
    answer(
      'KAT-gate-manifest',
      'TOR-06',
      'a manifest of nothing is no manifest',
      typeof readManifest('{}\n') === 'string',
      'it was refused',
    ),
    signature(),
    chain(),
  ]
}

function isRefused(path: string, text: string): boolean {
  try {
    recognise(path, text)
    return false
  } catch (error) {
    return error instanceof ReportError
  }
}

/** Each bit of a signature flipped in turn, and each of the payload. */
function signature(): KnownAnswer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const envelope = signEnvelope('text/plain', Buffer.from('known'), privateKey)
  const [first] = envelope.signatures
  const accepted = (payload: string, sig: string): boolean =>
    signersOf({ ...envelope, payload, signatures: [{ sig }] }, [publicKey])[0] !== undefined
  const sig = first?.sig ?? ''
  const forged = [
    ...flipped(sig).map((text) => accepted(envelope.payload, text)),
    ...flipped(envelope.payload).map((text) => accepted(text, sig)),
  ]
  const taken = forged.filter(Boolean).length
  const title = 'a signature is good, and is refused with any one bit flipped'
  return answer(
    'KAT-signature',
    'TOR-07',
    title,
    accepted(envelope.payload, sig) && taken === 0,
    `${forged.length} bits flipped, ${taken} accepted`,
  )
}

function flipped(base64: string): readonly string[] {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return changed.toString('base64')
  })
}

function chain(): KnownAnswer {
  const lines: string[] = []
  const writer = new ChainWriter('known', (line) => lines.push(line))
  for (const record of ['a', 'b', 'c']) writer.next(record)
  writer.end()
  const broken = [
    lines.slice(0, -1),
    lines.toSpliced(1, 1),
    [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)],
    lines.map((line) => line.replace('"b"', '"x"')),
  ]
  const found = broken.filter((one) => isChainProblem(checkChain('known', one, 'known'))).length
  const whole = !isChainProblem(checkChain('known', lines, 'known'))
  const title = 'a chain is whole, and is broken by a cut, a loss, a swap and a change'
  return answer('KAT-chain', 'TOR-07', title, whole && found === broken.length, `${found} of ${broken.length} found`)
}

function answer(id: string, requirement: string, title: string, passed: boolean, detail: string): KnownAnswer {
  return { id, requirement, title, passed, detail: passed ? detail : `not so: ${detail}` }
}
