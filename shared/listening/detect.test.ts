import { describe, expect, test } from 'vitest'
import { detect } from './detect.ts'
import { NotAHistory } from './errors.ts'

const bytes = (text: string) => Buffer.from(text)

describe('a history is recognized', () => {
  test.each([
    ['an array', '[]', { format: 'array', offset: 0 }],
    ['an array behind a mark and space', '\uFEFF \r\n [{"ts":1}]', { format: 'array', offset: 3 }],
    ['lines', '{"endTime":"2021-01-01 00:00"}\n{}', { format: 'ndjson', offset: 0 }],
    ['lines behind a mark', '\uFEFF{"ts":"x"}', { format: 'ndjson', offset: 3 }],
    ['lines of which the first is broken', '{oops\n{"ms_played":3}\n', { format: 'ndjson', offset: 0 }],
    ['one line that was cut', '{"ts":"2021-01-01T0', { format: 'ndjson', offset: 0 }],
  ])('%s', (_name, text, detected) => {
    expect(detect(bytes(text))).toEqual(detected)
  })
})

describe('anything else is refused, saying what was found and what was expected:', () => {
  test.each([
    ['an empty file', bytes(''), /the file is empty/],
    ['a mark and nothing else', bytes('\uFEFF'), /the file is empty/],
    ['space', bytes(' \n\t'), /the file is empty/],
    ['an object on one line', bytes('{"items":[{"ts":"2021-01-01"}]}'), /a single JSON object/],
    ['an object on many lines', bytes('{\n  "ts": "2021-01-01T00:00:00Z"\n}'), /a single JSON object/],
    ['a web page', bytes('<!doctype html><html>'), /web page/],
    ['a zip archive', Buffer.from([0x50, 0x4b, 3, 4, 20, 0]), /zip archive \(unpack it/],
    ['UTF-16', Buffer.from('\uFEFF[]', 'utf16le'), /UTF-16/],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), /binary data/],
    ['a text', bytes('"[]"'), /it begins with/],
    ['a table', bytes('ts,ms_played\n2021,3'), /it begins with "ts,ms_played/],
  ])('%s', (_name, head, message) => {
    expect(() => detect(head)).toThrow(NotAHistory)
    expect(() => detect(head)).toThrow(message)
    expect(() => detect(head)).toThrow(/expected a JSON array of records/)
  })
})
