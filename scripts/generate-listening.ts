// Writes a generated listening history: npm run generate:listening -- --records 50000 --out history.json
import { parseArgs } from 'node:util'
import { expectedOf, generate } from '../shared/listening/generate.ts'
import type { GenerateOptions } from '../shared/listening/generate.ts'

const usage = `npm run generate:listening -- --out FILE [options]

  --records N        how many records (10000; 300000 extended ones make about 200 MB)
  --form FORM        extended (default) or basic
  --format FORMAT    array (default) or ndjson
  --seed N           another seed gives another history (1)
  --flaws SHARE      share of flawed records, 0 to 1 (0)
  --truncate         end the file in the middle of the last record
  --out FILE         where to write
  --expect           print what importing the file into an empty store must come to, as JSON (without --out: only that)`

const { values } = readArguments()

function readArguments() {
  try {
    return parseArgs({
      options: {
        records: { type: 'string', default: '10000' },
        form: { type: 'string', default: 'extended' },
        format: { type: 'string', default: 'array' },
        seed: { type: 'string', default: '1' },
        flaws: { type: 'string', default: '0' },
        truncate: { type: 'boolean', default: false },
        out: { type: 'string' },
        expect: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    return fail((error as Error).message)
  }
}

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`)
  process.exit(2)
}

const number = (name: 'records' | 'seed' | 'flaws', max: number, whole: boolean) => {
  const value = Number(values[name])
  const fits = values[name].trim() !== '' && value >= 0 && value <= max && (!whole || Number.isInteger(value))
  return fits
    ? value
    : fail(`--${name} must be a ${whole ? 'whole ' : ''}number from 0 to ${max}, not "${values[name]}"`)
}

const choice = <Name extends string>(name: 'form' | 'format', names: readonly Name[]): Name =>
  names.find((each) => each === values[name]) ?? fail(`--${name} must be ${names.join(' or ')}, not "${values[name]}"`)

const readOptions = (): GenerateOptions => ({
  records: number('records', 10_000_000, true),
  form: choice('form', ['extended', 'basic']),
  format: choice('format', ['array', 'ndjson']),
  seed: number('seed', 4_294_967_295, true),
  flaws: number('flaws', 1, false),
  truncate: values.truncate,
})

if (values.help) {
  console.log(usage)
} else {
  const options = readOptions()
  if (values.out === undefined && !values.expect) fail('--out or --expect is needed')
  const expected = values.out === undefined ? expectedOf(options) : await generate(values.out, options)
  if (values.expect) console.log(JSON.stringify(expected))
  else console.log(`${expected.records} records written to ${values.out ?? ''}`)
}
