// Generates listening histories of any size, the same for the same options, and knows what importing them must come to.
import { open } from 'node:fs/promises'
import { flaw } from './flaws.ts'
import type { Form } from './fields.ts'
import { membersOf } from './forms.ts'
import { listen } from './listener.ts'
import type { Listening } from './listener.ts'
import { random } from './random.ts'
import type { Random } from './random.ts'
import type { RejectReason } from './record.ts'
import type { Format } from './splitter.ts'

export type GenerateOptions = {
  /** At most ten million. */
  records: number
  /** `extended` when absent. The same seed without flaws gives the same plays in both forms. */
  form?: Form
  /** `array` when absent; either way each record stands on a line of its own. */
  format?: Format
  /** 1 when absent. */
  seed?: number
  /** Share of records that are flawed, 0 to 1; a quarter of them are repetitions of earlier records, the others are wrong
   *  in one way each. 0 when absent. */
  flaws?: number
  /** Ends the file in the middle of the last record. */
  truncate?: boolean
}

/** What importing the file into an empty store must come to. */
export type Expected = {
  records: number
  accepted: number
  duplicates: number
  rejected: Partial<Record<RejectReason, number>>
}

/** Writes a history to `path` in constant memory, replacing what was there, and answers what it must come to. */
export const generate = async (path: string, options: GenerateOptions): Promise<Expected> => {
  const history = generator(options)
  const handle = await open(path, 'w')
  try {
    for (const text of history.texts()) await handle.writeFile(text)
    return history.expected
  } finally {
    await handle.close()
  }
}

/** As `generate`, without writing. */
export const expectedOf = (options: GenerateOptions): Expected => {
  const history = generator(options)
  for (const _ of history.texts());
  return history.expected
}

const recordsMax = 10_000_000
/** Characters that are gathered before they are written. */
const blockLength = 64 * 1024

type Settings = Required<GenerateOptions>

const generator = (options: GenerateOptions) => {
  const settings: Settings = { form: 'extended', format: 'array', seed: 1, flaws: 0, truncate: false, ...options }
  if (!(settings.records >= 0 && settings.records <= recordsMax)) {
    throw new RangeError(`records must be between 0 and ${recordsMax}`)
  }
  const expected: Expected = { records: 0, accepted: 0, duplicates: 0, rejected: {} }
  return { expected, texts: () => blocks(records(settings, expected), settings) }
}

function* blocks(texts: Iterable<string>, { format, truncate }: Settings): Generator<string> {
  const array = format === 'array'
  let block = array ? '[' : ''
  let separator = array ? '\n  ' : ''
  for (const text of texts) {
    block += separator + text
    separator = array ? ',\n  ' : '\n'
    if (block.length < blockLength) continue
    yield block
    block = ''
  }
  if (!truncate) block += array ? '\n]\n' : '\n'
  yield block
}

/** The texts of the records; what each must come to is counted as it is made. */
function* records(settings: Settings, expected: Expected): Generator<string> {
  const chance = random(settings.seed ^ 0x5bd1e995)
  const plays = listen(settings.seed, settings.records)
  const past: string[] = []
  for (let number = 1; number <= settings.records; number++) {
    expected.records++
    const made = next(settings, chance, plays, past)
    if (settings.truncate && number === settings.records) yield truncated(made, expected)
    else yield count(made, expected)
  }
}

type Made = { text: string; becomes: 'accepted' | 'duplicates' | RejectReason }

const next = (settings: Settings, chance: Random, plays: Listening, past: string[]): Made => {
  const flawed = chance.next() < settings.flaws
  if (flawed && past.length > 0 && chance.next() < 0.25) return { text: chance.pick(past), becomes: 'duplicates' }
  const play = plays(flawed)
  const members = membersOf[settings.form](play)
  if (flawed) {
    const { text, reason } = flaw(members, settings.form, chance)
    return { text, becomes: reason }
  }
  const text = JSON.stringify(members)
  past[past.length < 1_000 ? past.length : chance.below(1_000)] = text
  return { text, becomes: 'accepted' }
}

const count = ({ text, becomes }: Made, expected: Expected): string => {
  if (becomes === 'accepted' || becomes === 'duplicates') expected[becomes]++
  else expected.rejected[becomes] = (expected.rejected[becomes] ?? 0) + 1
  return text
}

const truncated = ({ text }: Made, expected: Expected): string => {
  expected.rejected.truncated = 1
  return text.startsWith('{') ? text.slice(0, Math.ceil(text.length / 2)) : '{"'
}
