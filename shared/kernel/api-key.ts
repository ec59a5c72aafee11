// The format of API keys: a kind, 190 random bits, and a checksum that lets a typo be refused without a look-up.
import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** `sk` secret keys for services and people, `wk` for workers, `pk` for a webhook subscriber's own page. */
export type KeyKind = 'sk' | 'wk' | 'pk'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const shape = /^k1n_(sk|wk|pk)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/

const base62 = (value: number, width: number): string => {
  let text = ''
  for (let rest = value; text.length < width; rest = Math.floor(rest / 62)) text = alphabet.charAt(rest % 62) + text
  return text
}

const checksum = (kind: string, secret: string): string => base62(crc32(`k1n_${kind}_${secret}`), 6)

/** A new key, 45 characters: `k1n_<kind>_<32 base62><6 base62 CRC-32 of all before>`. */
export const generateKey = (kind: KeyKind): string => {
  const secret = Array.from({ length: 32 }, () => alphabet.charAt(randomInt(62))).join('')
  return `k1n_${kind}_${secret}${checksum(kind, secret)}`
}

/** Whether the text has the format and its checksum fits. It says nothing about the key being known. */
export const isKey = (text: string): boolean => {
  const match = shape.exec(text)
  return match !== null && checksum(match[1] ?? '', match[2] ?? '') === match[3]
}
