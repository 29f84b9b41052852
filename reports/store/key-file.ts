// reports/store/key-file.ts: signing keys: two files of PEM, NAME.key for who signs and NAME.pub for everyone.
//
// 1. A private key is made readable by its owner only, and is refused where others can read it: whoever could read it
//    could have signed with it. Windows has no such bits, and nothing is asked there.
// 2. No key is overwritten: what it signed could not be shown again.

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, fstatSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { keyIdOf, privateKeyFromPem, publicKeyFromPem } from '../evidence/index.ts'
import { ReportError } from '../report-error.ts'
import { io } from './line-file.ts'

const OTHERS = 0o077
/** No key file is longer; what is, is something else. */
const KEY_BYTES_MAX = 64 * 1024

export type KeyFiles = Readonly<{ privatePath: string; publicPath: string; keyId: string }>

/** Makes a key pair, NAME.key and NAME.pub, and their folder if there is none. Throws ReportError 'key-exists' or 'io'. */
export function writeKeyPair(name: string): KeyFiles {
  const privatePath = `${name}.key`
  const publicPath = `${name}.pub`
  for (const path of [privatePath, publicPath])
    if (existsSync(path)) throw new ReportError('key-exists', path, `${path} exists`)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const privateText = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const publicText = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  io(dirname(privatePath), 'made', () => mkdirSync(dirname(privatePath), { recursive: true, mode: 0o700 }))
  io(privatePath, 'written', () => writeFileSync(privatePath, privateText, { mode: 0o600, flag: 'wx' }))
  io(publicPath, 'written', () => writeFileSync(publicPath, publicText, { flag: 'wx' }))
  return { privatePath, publicPath, keyId: keyIdOf(publicKey) }
}

/** Throws ReportError 'key-missing', 'key-exposed' or 'key-damaged'. */
export function readPrivateKey(path: string): KeyObject {
  return privateKeyFromPem(readKeyText(path, true), path)
}

/** Throws ReportError 'key-missing' or 'key-damaged'. */
export function readPublicKey(path: string): KeyObject {
  return publicKeyFromPem(readKeyText(path, false), path)
}

function readKeyText(path: string, isPrivate: boolean): string {
  if (!existsSync(path)) throw new ReportError('key-missing', path, `there is no key ${path}`)
  return io(path, 'read', () => {
    const file = openSync(path, 'r')
    try {
      const { mode, size } = fstatSync(file)
      if (isPrivate && process.platform !== 'win32' && (mode & OTHERS) !== 0)
        throw new ReportError('key-exposed', path, `others than you can read or change ${path}: chmod 600 ${path}`)
      if (size > KEY_BYTES_MAX) throw new ReportError('key-damaged', path, `${path} is no key`)
      return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  })
}
