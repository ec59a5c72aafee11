// Instants in queries: whatever moment the calendar has may be asked for, however long before or after anything happened.
import { openapi } from '../openapi.ts'
import { kill } from '../work.ts'
import { expect, test } from '../fixtures.ts'

interface Parameter {
  name?: string
  schema?: { format?: string }
}

/** Paths that need more than instants, as they are asked. */
const whole: Readonly<Record<string, string>> = {
  '/api/v2/stats/timeseries': '/api/v2/stats/timeseries?metric=dlq',
  '/api/v2/alerts/rules/{rule_id}/series': '/api/v2/alerts/rules/backlog_growing/series',
}

const asked = Object.entries(openapi.paths).flatMap(([path, methods]) => {
  const { parameters = [] } = (methods['get'] ?? {}) as { parameters?: Parameter[] }
  const names = parameters.filter(({ schema }) => schema?.format === 'date-time').map(({ name = '' }) => name)
  return names.length === 0 ? [] : [{ path: whole[path] ?? path, names }]
})

const spans = [
  ['0000-01-01T00:00:00+23:59', '0000-01-01T00:00:01+23:59'],
  ['1960-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z'],
  ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59'],
  ['9999-12-31T23:59:58-23:59', '9999-12-31T23:59:59-23:59'],
] as const

test('are known of more than one endpoint', () => expect(asked.length).toBeGreaterThan(4))

test.for(asked)('$path answers for any of $names', async ({ path, names }, { door }) => {
  await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
  await kill(door, 'http')
  const questions = spans.flatMap((span) => [
    names.map((name, index) => [name, span[index % 2] ?? '']),
    ...names.map((name, index) => [[name, span[index % 2] ?? '']]),
  ])
  for (const question of questions) {
    const query = new URLSearchParams(question).toString()
    const { status, text } = await door.send('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`)
    // Of how things stood nothing is kept before the first look.
    const isFine = status === 200 || (status === 410 && text.includes('moment-not-kept'))
    expect(`${isFine} ${query} ${isFine ? '' : text}`).toBe(`true ${query} `)
  }
})
