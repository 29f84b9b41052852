// harness/plan/token.ts: a fault plan as one printable word, and back.
//
//   pc1-<payload><check>
//
//   payload: bytes below, as Crockford base32 in lower case (5 bits a character, padded with zero bits).
//   check:   6 characters, the low 30 bits of the CRC-32 of the prefix and the payload.
//
//   contract   4 bytes   binds the word to the scenario's name, parameters and step names
//   scenario   text      varint length + UTF-8
//   overrides  varint count, then name (text) and value: 0 false, 1 true, 2 integer (zigzag), 3 double, 4 text
//   seed       varint    0 .. 2^53 - 1
//   flags      1 byte    bit 0 warm, bit 1 sector of 4096, bit 2 mutant present, bits 3-7 model (31: text follows,
//                        30: a byte of more flags follows, bit 0 kept steps present, bits 3-7 model)
//   mutant     text, if present
//   steps      if present: varint count, then the first index and the distance of each to the one before
//   faults     varint count, then each: 1 byte kind and mode (bit 5: an identity follows the point), varint point,
//              4 bytes identity if there is one, and what the kind needs
//
// 1. Only parameters that differ from the scenario's defaults are in the word.
// 2. The alphabet has neither i, l, o nor u; reading takes either case, and i, l as 1, o as 0; blanks, line breaks, quotes
//    and hyphens that a copy brings in are passed over. What was meant is found, or nothing is.
// 3. A word without identities is read too: it names its points by number alone.
// 4. Equal plans give equal words: no time, no randomness, keys in code-point order.

import { crc32 } from 'node:zlib'
import type { Parameters, ParameterValue } from '../../scenarios/index.ts'
import { TokenReader, TokenWriter } from './token-bytes.ts'
import { IO_CONDITION_MODES, type IoCondition } from '../../faults/index.ts'
import {
  CLOCK_CHANGES,
  isCondition,
  type CrashStateId,
  type DamageFamily,
  type Fault,
  type FaultPlan,
} from './fault-plan.ts'

export const TOKEN_PREFIX = 'pc1-'
const CHECK_LENGTH = 6
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const MODELS = ['posix-minimal', 'process-kill', 'ext4-ordered'] as const
const MODEL_AS_TEXT = 31
const MORE_FLAGS = 30
const KEPT_STEPS = 1
/** A number once given stays: it is in tokens. */
const STATE_FAMILY_NUMBERS: Readonly<Record<CrashStateId['family'], number>> = {
  kill: 0,
  none: 1,
  prefix: 2,
  'all-but-one': 3,
  'only-one': 4,
  torn: 5,
  subset: 6,
  names: 7,
  'size-first': 8,
  'data-first': 9,
}
const DAMAGE_FAMILY_NUMBERS: Readonly<Record<DamageFamily, number>> = {
  'bit-flip': 0,
  'zero-sector': 1,
  'old-sector': 2,
  'swapped-sectors': 3,
  cut: 4,
  missing: 5,
  foreign: 6,
  trailing: 7,
  unreadable: 8,
}
/** After an I/O fault's point: 0 no variant, 1 a short transfer with its length. */
const SHORT = 1
const IO_VARIANT_NUMBERS: Readonly<Record<IoVariantName, number>> = {
  'pages-dropped': 2,
  'pages-kept': 3,
  'after-partial': 4,
  'pages-evicted': 5,
}
const WHEN = ['before', 'after', 'within'] as const

type IoVariantName = NonNullable<Extract<Fault, { variant?: unknown }>['variant']>

/** What a word is bound to: a scenario's contract, and the defaults that the word leaves out. */
export type TokenContract = Readonly<{
  /** 8 hexadecimal digits. */
  contractHash: string
  defaults: Parameters
}>

/** A word's content. `plan.subject.parameters` holds only what differs from the scenario's defaults. */
export type TokenContent = Readonly<{ contractHash: string; plan: FaultPlan }>

/** Why a word is refused: no token at all, damaged, of another version, or bound to another contract. */
export type TokenErrorCode = 'malformed' | 'check' | 'version' | 'contract'

/** A word that can't be taken as a plan. The message is one sentence that says what would be valid. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The plan as a word. Pure. Throws TypeError for a plan whose numbers are not safe integers from 0. */
export function encodeToken(plan: FaultPlan, contract: TokenContract): string {
  const payload = toBase32(encodePlan(plan, contract))
  return TOKEN_PREFIX + payload + checkOf(payload)
}

/**
 * Reads a word. Throws TokenError `malformed`, `version` or `check`. The caller then asks the scenario for its contract
 * and hands both to `bindToken`.
 */
export function decodeToken(text: string): TokenContent {
  const word = text.replaceAll(/[\s"'`<>()[\],;]+/g, '').toLowerCase()
  const version = /^pc(\d+)-/.exec(word)
  if (version === null) {
    throw new TokenError('malformed', `'${shorten(text)}' is no replay token: a token begins with '${TOKEN_PREFIX}'.`)
  }
  if (version[1] !== '1') {
    throw new TokenError(
      'version',
      `The token is of version ${version[1]}, and this powercut reads version 1 ('${TOKEN_PREFIX}…').`,
    )
  }
  const body = word.slice(TOKEN_PREFIX.length).replaceAll('-', '').replaceAll(/[il]/g, '1').replaceAll('o', '0')
  const payload = body.slice(0, -CHECK_LENGTH)
  if (payload === '' || !/^[0-9a-hjkmnp-tv-z]+$/.test(body) || checkOf(payload) !== body.slice(-CHECK_LENGTH)) {
    throw new TokenError(
      'check',
      `The token's check characters do not match, so a character is missing, added or changed: copy the whole word from '${TOKEN_PREFIX}' to its end.`,
    )
  }
  try {
    return decodePlan(fromBase32(payload))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new TokenError('check', `The token holds no plan that this powercut knows: ${cause.message}.`)
  }
}

/**
 * The whole plan: `content` with all of the scenario's parameters. `parameters` are the scenario's, with the word's
 * overrides applied, and `contractHash` is that of exactly these. Throws TokenError `contract`.
 */
export function bindToken(
  content: TokenContent,
  scenario: Readonly<{ contractHash: string; parameters: Parameters }>,
): FaultPlan {
  const { plan, contractHash } = content
  const unknown = Object.keys(plan.subject.parameters).find((name) => !Object.hasOwn(scenario.parameters, name))
  if (unknown !== undefined || scenario.contractHash !== contractHash) {
    const why =
      unknown === undefined
        ? `its name, parameters or step names have changed (contract ${contractHash} in the token, ${scenario.contractHash} now)`
        : `it has no parameter '${unknown}' (valid: ${Object.keys(scenario.parameters).join(', ') || 'none'})`
    throw new TokenError(
      'contract',
      `The token is bound to another contract of scenario '${plan.subject.scenario}': ${why}; a token of a new campaign is valid.`,
    )
  }
  const parameters = { ...scenario.parameters, ...plan.subject.parameters }
  return { ...plan, subject: { ...plan.subject, parameters } }
}

function encodePlan(plan: FaultPlan, contract: TokenContract): Uint8Array {
  const { subject, form, faults } = plan
  const out = new TokenWriter()
  if (!/^[0-9a-f]{8}$/.test(contract.contractHash)) {
    throw new TypeError(`a contract hash has 8 hexadecimal digits: '${contract.contractHash}'`)
  }
  for (let at = 0; at < 8; at += 2) out.byte(Number.parseInt(contract.contractHash.slice(at, at + 2), 16))
  out.text(subject.scenario)
  const names = Object.keys(subject.parameters)
    .filter((name) => !Object.is(subject.parameters[name], contract.defaults[name]))
    .toSorted(byCodePoint)
  out.count(names.length)
  for (const name of names) {
    out.text(name)
    out.value(subject.parameters[name] ?? false)
  }
  out.count(subject.seed)
  const named = MODELS.findIndex((name) => name === subject.model)
  const model = named < 0 ? MODEL_AS_TEXT : named
  const { steps } = subject
  out.byte(
    (form === 'warm' ? 1 : 0) |
      (subject.sectorBytes === 4096 ? 2 : 0) |
      (subject.mutant === undefined ? 0 : 4) |
      ((steps === undefined ? model : MORE_FLAGS) << 3),
  )
  if (steps !== undefined) out.byte(KEPT_STEPS | (model << 3))
  if (named < 0) out.text(subject.model)
  if (subject.mutant !== undefined) out.text(subject.mutant)
  if (steps !== undefined) encodeSteps(out, steps)
  out.count(faults.length)
  for (const fault of faults) encodeFault(out, fault)
  return out.bytes()
}

function encodeSteps(out: TokenWriter, steps: readonly number[]): void {
  out.count(steps.length)
  let before = 0
  for (const step of steps) {
    out.count(step - before)
    before = step
  }
}

function decodeSteps(input: TokenReader): readonly number[] {
  const steps: number[] = []
  let before = 0
  for (let left = input.count(); left > 0; left -= 1) {
    const distance = input.count()
    if (distance === 0 && steps.length > 0) throw new RangeError('a step is kept twice')
    before += distance
    steps.push(before)
  }
  return steps
}

// First byte of a fault: 0-3 allocation once, from, budget, random; 4 io once, 5 io from; 6 random of drawn tags; 8 corruption; 9 schedule;
// 12 + change clock; 16 + when crash; 20 + condition of the device; 32 more with an identity.
const IO = 4
const DRAWN_TAGS = 6
const CORRUPTION = 8
const SCHEDULE = 9
const CLOCK = 12
const CRASH = 16
const CONDITION = 20
const IDENTIFIED = 32

function encodeFault(out: TokenWriter, fault: Fault): void {
  switch (fault.kind) {
    case 'allocation':
      encodePoint(out, allocationHead(fault), fault)
      if (fault.mode === 'budget') out.count(fault.bytes)
      if (fault.mode === 'random') out.double(fault.probability)
      return
    case 'io': {
      if (isCondition(fault)) {
        encodePoint(out, CONDITION + IO_CONDITION_MODES.indexOf(fault.mode), fault)
        encodeCondition(out, fault)
        return
      }
      encodePoint(out, IO + (fault.mode === 'from' ? 1 : 0), fault)
      if ('bytes' in fault) {
        out.byte(SHORT)
        out.count(fault.bytes)
        return
      }
      out.byte(fault.variant === undefined ? 0 : IO_VARIANT_NUMBERS[fault.variant])
      out.text(fault.code)
      return
    }
    case 'crash':
      encodePoint(out, CRASH + WHEN.indexOf(fault.when), fault)
      out.byte(STATE_FAMILY_NUMBERS[fault.state.family])
      out.count(fault.state.index)
      return
    case 'corruption':
      encodePoint(out, CORRUPTION, fault)
      out.byte(DAMAGE_FAMILY_NUMBERS[fault.damage.family])
      out.count(fault.damage.index)
      return
    case 'schedule':
      encodePoint(out, SCHEDULE, fault)
      out.count(fault.choices.length)
      for (const choice of fault.choices) out.count(choice)
      return
    case 'clock':
      encodePoint(out, CLOCK + CLOCK_CHANGES.indexOf(fault.change), fault)
      out.count(fault.ms)
      return
    default:
      fault satisfies never
  }
}

function allocationHead(fault: Extract<Fault, { kind: 'allocation' }>): number {
  if (fault.mode === 'random' && fault.tags === 'drawn') return DRAWN_TAGS
  return ['once', 'from', 'budget', 'random'].indexOf(fault.mode)
}

function encodePoint(out: TokenWriter, head: number, { point, identity }: Fault): void {
  out.byte(head | (identity === undefined ? 0 : IDENTIFIED))
  out.count(point)
  if (identity !== undefined) out.word(identity)
}

function decodePlan(bytes: Uint8Array): TokenContent {
  const input = new TokenReader(bytes)
  let contractHash = ''
  for (let at = 0; at < 4; at += 1) contractHash += input.byte().toString(16).padStart(2, '0')
  const scenario = input.text()
  const parameters: Record<string, ParameterValue> = {}
  for (let left = input.count(); left > 0; left -= 1) {
    const name = input.text()
    Object.defineProperty(parameters, name, { value: input.value(), enumerable: true })
  }
  const seed = input.count()
  const flags = input.byte()
  const more = flags >> 3 === MORE_FLAGS ? input.byte() : undefined
  if (more !== undefined && (more & 7) !== KEPT_STEPS) throw new RangeError(`flags ${more} are unknown`)
  const modelIndex = (more ?? flags) >> 3
  const model = modelIndex === MODEL_AS_TEXT ? input.text() : known(MODELS, modelIndex, 'persistence model')
  const mutant = (flags & 4) === 0 ? undefined : input.text()
  const steps = more === undefined ? undefined : decodeSteps(input)
  const faults: Fault[] = []
  for (let left = input.count(); left > 0; left -= 1) faults.push(decodeFault(input))
  input.end()
  const subject = { scenario, parameters, seed, model, sectorBytes: (flags & 2) === 0 ? 512 : 4096 } as const
  return {
    contractHash,
    plan: {
      subject: {
        ...subject,
        ...(mutant === undefined ? {} : { mutant }),
        ...(steps === undefined ? {} : { steps }),
      },
      form: (flags & 1) === 0 ? 'linear' : 'warm',
      faults,
    },
  }
}

function decodeFault(input: TokenReader): Fault {
  const first = input.byte()
  const head = first & ~IDENTIFIED
  const point = input.count()
  const where = first === head ? { point } : { point, identity: input.word() }
  if (head < IO) {
    if (head === 2) return { kind: 'allocation', mode: 'budget', ...where, bytes: input.count() }
    if (head === 3) return { kind: 'allocation', mode: 'random', ...where, probability: input.double() }
    return { kind: 'allocation', mode: head === 0 ? 'once' : 'from', ...where }
  }
  if (head < IO + 2) {
    const mode = head === IO ? 'once' : 'from'
    const variant = input.byte()
    if (variant === SHORT) return { kind: 'io', mode, ...where, code: 'short', bytes: input.count() }
    const fault = { kind: 'io', mode, ...where, code: input.text() } as const
    return variant === 0 ? fault : { ...fault, variant: keyOf(IO_VARIANT_NUMBERS, variant, 'I/O variant') }
  }
  const condition = IO_CONDITION_MODES[head - CONDITION]
  if (condition !== undefined) return { kind: 'io', ...where, ...decodeCondition(input, condition) }
  if (head === DRAWN_TAGS)
    return { kind: 'allocation', mode: 'random', ...where, probability: input.double(), tags: 'drawn' }
  if (head === CORRUPTION) {
    const family = keyOf(DAMAGE_FAMILY_NUMBERS, input.byte(), 'damage')
    return { kind: 'corruption', ...where, damage: { family, index: input.count() } }
  }
  if (head === SCHEDULE) {
    const choices: number[] = []
    for (let left = input.count(); left > 0; left -= 1) choices.push(input.count())
    return { kind: 'schedule', ...where, choices }
  }
  if (head >= CLOCK && head < CLOCK + CLOCK_CHANGES.length)
    return { kind: 'clock', ...where, change: known(CLOCK_CHANGES, head - CLOCK, 'clock change'), ms: input.count() }
  const when = known(WHEN, head - CRASH, 'crash')
  const family = keyOf(STATE_FAMILY_NUMBERS, input.byte(), 'crash state')
  return { kind: 'crash', ...where, when, state: { family, index: input.count() } }
}

/** The modes' order is the number in the first byte: new ones come last. */
function encodeCondition(out: TokenWriter, condition: IoCondition): void {
  switch (condition.mode) {
    case 'outage':
      out.count(condition.calls)
      out.byte(condition.variant === undefined ? 0 : IO_VARIANT_NUMBERS[condition.variant])
      out.text(condition.code)
      return
    case 'full':
      out.count(condition.freeBytes)
      return
    case 'slow':
      out.count(condition.ms)
      return
    case 'write-back':
      out.byte(IO_VARIANT_NUMBERS[condition.variant])
      return
    case 'lie':
      return
    default:
      condition satisfies never
  }
}

function decodeCondition(input: TokenReader, mode: IoCondition['mode']): IoCondition {
  switch (mode) {
    case 'outage': {
      const calls = input.count()
      const variant = input.byte()
      const outage = { mode, calls, code: input.text() } as const
      return variant === 0 ? outage : { ...outage, variant: keyOf(IO_VARIANT_NUMBERS, variant, 'I/O variant') }
    }
    case 'full':
      return { mode, freeBytes: input.count() }
    case 'slow':
      return { mode, ms: input.count() }
    case 'write-back': {
      const variant = keyOf(IO_VARIANT_NUMBERS, input.byte(), 'I/O variant')
      if (variant !== 'pages-dropped' && variant !== 'pages-evicted')
        throw new RangeError(`a write-back that leaves ${variant} is unknown`)
      return { mode, variant }
    }
    case 'lie':
      return { mode }
    default:
      return mode satisfies never
  }
}

function keyOf<Key extends string>(numbers: Readonly<Record<Key, number>>, number: number, what: string): Key {
  for (const key in numbers) if (numbers[key] === number) return key
  throw new RangeError(`${what} ${number} is unknown`)
}

function known<T>(values: readonly T[], index: number, what: string): T {
  const value = values[index]
  if (value === undefined) throw new RangeError(`${what} ${index} is unknown`)
  return value
}

function checkOf(payload: string): string {
  let sum = crc32(TOKEN_PREFIX + payload)
  let check = ''
  for (let at = 0; at < CHECK_LENGTH; at += 1) {
    check += ALPHABET[sum & 31]
    sum >>>= 5
  }
  return check
}

function toBase32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >>> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31]
}

function fromBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (const character of text) {
    held = (held << 5) | ALPHABET.indexOf(character)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at] = held >>> bits
    at += 1
    held &= (1 << bits) - 1
  }
  return bytes
}

function byCodePoint(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}
