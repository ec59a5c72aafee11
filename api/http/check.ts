// What must be true of the contract before anything is served: every row bound, guarded and named once.
import { contract } from '../../shared/contract.ts'
import { spellingsOf } from '../../shared/kernel/endpoint.ts'
import type { Contract, Endpoint } from '../../shared/kernel/endpoint.ts'

export const rowsOf = (all: Contract): [name: string, row: Endpoint][] =>
  Object.entries(all).flatMap(([room, rows]) =>
    Object.entries(rows).map(([name, row]): [string, Endpoint] => [`${room}.${name}`, row]),
  )

/** The parameters of a path, by name. */
const parametersOf = (path: string): string => (path.match(/:[a-z_]+/g) ?? []).sort().join()

const strangeAliases = (rows: [name: string, row: Endpoint][]): string[] =>
  rows.flatMap(([name, row]) =>
    (row.aliases ?? [])
      .filter((alias) => parametersOf(alias) !== parametersOf(row.path))
      .map((alias) => `${name} has the alias ${alias}, whose parameters are not those of ${row.path}`),
  )

/** The audit is written from what rows say they change, so a row that may change something has to say what. */
const undeclaredChanges = (rows: [name: string, row: Endpoint][]): string[] => {
  const shown = new Set(rows.flatMap(([, row]) => (row.method === 'GET' ? row.operationId : [])))
  return rows.flatMap(([name, { method, changes }]) => {
    if (changes === undefined)
      return method === 'GET' ? [] : [`${name} does not say what it changes; add \`changes\`, or 'nothing'`]
    const by = changes === 'nothing' ? undefined : changes.shownBy
    return by === undefined || shown.has(by) ? [] : [`${name} is shown by ${by}, which no GET row is called`]
  })
}

const twice = (texts: string[]): string[] => texts.filter((text, i) => texts.indexOf(text) !== i)

/** Every mistake in the table of endpoints, one sentence each. */
export const mistakesIn = (all: Contract, bound: ReadonlySet<Endpoint>): string[] => {
  const rows = rowsOf(all)
  const spellings = rows.flatMap(([, row]) => spellingsOf(row))
  return [
    ...rows.filter(([, row]) => !bound.has(row)).map(([name]) => `${name} is bound to nothing; bind it in api/routes`),
    ...rows
      .filter(([, row]) => !Array.isArray(row.scopes) && row.scopes !== 'public')
      .map(([name]) => `${name} has no scopes; name them or say 'public'`),
    ...undeclaredChanges(rows),
    ...twice(spellings.map((row) => row.operationId)).map((id) => `the operationId ${id} is used twice`),
    ...twice(spellings.map((row) => `${row.method} ${row.at ?? 'api'} ${row.path}`)).map(
      (path) => `${path} is declared twice`,
    ),
    ...strangeAliases(rows),
    ...[...bound]
      .filter((row) => !rows.some(([, known]) => known === row))
      .map((row) => `${row.operationId} is bound and not in shared/contract.ts`),
  ]
}

/** Throws an error that lists every mistake. */
export const checkBindings = (bound: ReadonlySet<Endpoint>): void => {
  const mistakes = mistakesIn(contract, bound)
  if (mistakes.length > 0) throw new Error(`the API cannot start:\n${mistakes.map((line) => `  - ${line}`).join('\n')}`)
}
