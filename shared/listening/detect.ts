// Decides from the first bytes of a file whether it is a listening history, and in which of its two shapes.
import { NotAHistory } from './errors.ts'
import { isRecordField } from './fields.ts'
import type { Format } from './splitter.ts'

export type Detected = {
  format: Format
  /** Where the records may begin: behind a byte-order mark when there is one. */
  offset: number
}

/** How many bytes `detect` wants to see; a shorter file is seen whole. */
export const sniffBytes = 64 * 1024

/** Throws `NotAHistory` with what it found instead when the bytes begin neither an array nor lines of records. */
export const detect = (head: Uint8Array): Detected => {
  const foreign = magic(head)
  if (foreign !== undefined) throw new NotAHistory(foreign)
  const offset = hasMark(head) ? 3 : 0
  const text = Buffer.from(head.subarray(offset)).toString('utf8').trimStart()
  return { format: formatOf(text), offset }
}

const hasMark = (head: Uint8Array) => head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf

const signatures: readonly [bytes: number[], found: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive (unpack it and import the JSON files inside)'],
  [[0x1f, 0x8b], 'a gzip file (unpack it first)'],
  [[0xff, 0xfe], 'a UTF-16 file'],
  [[0xfe, 0xff], 'a UTF-16 file'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
]

const magic = (head: Uint8Array) =>
  signatures.find(([bytes]) => bytes.every((byte, index) => head[index] === byte))?.[1]

const formatOf = (text: string): Format => {
  if (text === '') throw new NotAHistory('the file is empty')
  if (text.startsWith('[')) return 'array'
  if (text.startsWith('{') && hasRecordLine(text)) return 'ndjson'
  throw new NotAHistory(describe(text))
}

/** One flawed line must not hide the others, so any line of the sample that is a record will do. */
const hasRecordLine = (text: string) => text.split('\n').some((line) => isRecordLine(line.trim()))

const isRecordLine = (line: string): boolean => {
  if (!line.startsWith('{')) return false
  try {
    return Object.keys(JSON.parse(line) as object).some(isRecordField)
  } catch {
    return isRecordField(/^\{\s*"([^"\\]{1,64})"\s*:/.exec(line)?.[1] ?? '')
  }
}

const describe = (text: string) => {
  if (text.startsWith('<')) return 'it looks like a web page or XML'
  if (text.startsWith('{')) return 'a single JSON object'
  if (isControl(text)) return 'binary data'
  return `it begins with ${JSON.stringify(text.slice(0, 20))}`
}

const isControl = (text: string) => /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text.slice(0, 512))
