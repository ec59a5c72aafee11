// The table of breakers in docs/states.md, each cell tried in Redis.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '../../test/support/fixtures.ts'
import { callCode } from './calls.ts'
import type { Command } from './policy.ts'
import { createBreakerStore } from './store.ts'
import type { Decided } from './store.ts'
import { BreakerConfig, BreakerState } from './words.ts'

const config = BreakerConfig.parse({ window: { min_calls: 2 }, half_open_max: 1, probe_lease_ms: 10_000, jitter: 0 })
const hand = { actor: 'Ada', note: 'a test' }
const failed = String.fromCharCode(callCode(true, false, 1))
const well = String.fromCharCode(callCode(false, false, 1))
const force = (to: 'forced_open' | 'forced_closed' | 'disabled'): Command => ({
  op: 'force',
  to,
  ttlMs: 60_000,
  ...hand,
})

type Do = (command: Command) => Promise<Decided>
interface Given {
  run: Do
  gen: number
  pass: (ms: number) => Promise<void>
}

const columns: Record<string, (given: Given) => Promise<Decided>> = {
  'a call asks': ({ run }) => run({ op: 'admit', probe: 'p' }),
  'its time is over': async ({ run, pass }) => {
    await run({ op: 'admit', probe: 'p' })
    await pass(60_000)
    return run({ op: 'look' })
  },
  'calls fail': ({ run, gen }) => run({ op: 'report', gen, calls: failed.repeat(5), refused: 0 }),
  'the probe is well': async ({ run }) => probe(run, well),
  'the probe fails': async ({ run }) => probe(run, failed),
  'force-open': ({ run }) => run(force('forced_open')),
  'force-close': ({ run }) => run(force('forced_closed')),
  disable: ({ run }) => run(force('disabled')),
  auto: ({ run }) => run({ op: 'auto', ...hand }),
  reset: ({ run }) => run({ op: 'reset', ...hand }),
}
const probe = async (run: Do, call: string): Promise<Decided> => {
  const { answer, word } = await run({ op: 'admit', probe: 'p' })
  return answer === 'probe' ? run({ op: 'probe', gen: word.gen, probe: 'p', call }) : run({ op: 'look' })
}

const arrange: Record<BreakerState, (given: Given) => Promise<unknown>> = {
  closed: ({ run }) => run({ op: 'look' }),
  open: ({ run }) => run({ op: 'report', gen: 0, calls: failed.repeat(5), refused: 0 }),
  async half_open(given) {
    await arrange.open(given)
    await given.pass(30_000)
    await given.run({ op: 'look' })
  },
  forced_open: ({ run }) => run(force('forced_open')),
  forced_closed: ({ run }) => run(force('forced_closed')),
  disabled: ({ run }) => run(force('disabled')),
}

const lines = readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8').split('\n')
const cellsOf = (line = ''): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''))
const first = lines.findIndex((line) => line.startsWith('| breaker '))
const [, ...names] = cellsOf(lines[first])
const rows = lines.slice(first + 2, first + 2 + BreakerState.options.length).map(cellsOf)
const cells = rows.flatMap(([state = '', ...row]) => row.map((after, i) => ({ state, what: names[i] ?? '', after })))

describe('the table of breakers', () => {
  test('knows every state and everything that can happen', () => {
    expect(rows.map(([state]) => state)).toEqual(BreakerState.options)
    expect(names).toEqual(Object.keys(columns))
  })

  test.for(cells)('$state, $what: $after', async ({ state, what, after }, { kernel, clock }) => {
    const store = createBreakerStore(kernel)
    const run: Do = (command) => store.decide('smtp', config, command)
    const given = { run, gen: 0, pass: (ms: number) => clock.advance(ms) }
    await arrange[BreakerState.parse(state)](given)
    const { word } = await run({ op: 'look' })
    expect(word.state).toBe(state)
    const decided = await columns[what]?.({ ...given, gen: word.gen })
    const asks = what === 'a call asks' ? { passed: 'goes through', probe: 'is a probe', refused: 'is refused' } : {}
    const said = decided?.answer === 'same' ? 'breaker-in-state' : decided?.word.state
    expect((asks as Record<string, string>)[decided?.answer ?? ''] ?? said).toBe(after)
  })
})
