// What openapi.json promises to those who lock to it, one line each, so that a promise that is taken back shows.

type Json = Readonly<Record<string, unknown>>
type Way = 'in' | 'out'

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectAt = (value: Json, name: string): Json => (isObject(value[name]) ? value[name] : {})
const listAt = (value: Json, name: string): unknown[] => (Array.isArray(value[name]) ? value[name] : [])

/** `+ place · fact`: clients may rely on it. `! place · fact`: clients must heed it. */
const given = (place: string, fact: string): string => `+ ${place} · ${fact}`
const asked = (place: string, fact: string): string => `! ${place} · ${fact}`

const LIMITS = ['maxLength', 'minLength', 'maximum', 'minimum', 'maxItems', 'minItems', 'pattern', 'format']

const refOf = ({ $ref }: Json): string | undefined => (typeof $ref === 'string' ? $ref.split('/').at(-1) : undefined)
const branchesOf = (schema: Json): Json[] =>
  ['anyOf', 'oneOf', 'allOf'].flatMap((name) => listAt(schema, name) as Json[])

/** What a value is called; the alternatives of one that is given are one fact, as a reader must cope with all of them. */
const typesOf = (schema: Json): string[] => {
  const ref = refOf(schema)
  if (ref !== undefined) return [ref]
  const branches = branchesOf(schema)
  if (branches.length > 0) return branches.flatMap(typesOf)
  const { type = 'any' } = schema
  const types = [type].flat().map(String)
  return 'enum' in schema || 'const' in schema ? types.map((type) => `${type} of a list`) : types
}

const typeLines = (place: string, schema: Json, way: Way): string[] => {
  const types = [...new Set(typesOf(schema))].sort()
  return way === 'out' ? [given(place, types.join(' or '))] : types.map((type) => given(place, type))
}

const valuesOf = (schema: Json): unknown[] => ('const' in schema ? [schema['const']] : listAt(schema, 'enum'))

const memberLines = (place: string, schema: Json, way: Way): string[] => {
  const needed = new Set(listAt(schema, 'required'))
  return Object.entries(objectAt(schema, 'properties')).flatMap(([name, member]) => [
    ...(needed.has(name) ? [way === 'in' ? asked(place, `needs ${name}`) : given(place, `always has ${name}`)] : []),
    ...shapeLines(`${place}.${name}`, member as Json, way),
  ])
}

const limitLines = (place: string, schema: Json): string[] =>
  LIMITS.filter((name) => name in schema).map((name) => asked(place, `${name} ${String(schema[name])}`))

/** What is so unless a client says otherwise, and whether it may say more than is known. */
const habitLines = (place: string, schema: Json): string[] => [
  ...('default' in schema ? [given(place, `is ${JSON.stringify(schema['default'])} unless sent`)] : []),
  ...(schema['additionalProperties'] === false ? [asked(place, 'takes no others')] : []),
]

/** What is in a schema, without what it is called; names of components stand for what is in them. */
const innerLines = (place: string, schema: Json, way: Way): string[] => [
  ...valuesOf(schema).map((value) => given(place, `may be ${JSON.stringify(value)}`)),
  ...memberLines(place, schema, way),
  ...(way === 'in' ? [...limitLines(place, schema), ...habitLines(place, schema)] : []),
  ...(isObject(schema['items']) ? shapeLines(`${place}[]`, schema['items'], way) : []),
  ...(isObject(schema['additionalProperties']) ? shapeLines(`${place}.*`, schema['additionalProperties'], way) : []),
  ...branchesOf(schema).flatMap((branch) => innerLines(place, branch, way)),
]

const shapeLines = (place: string, schema: Json, way: Way): string[] => [
  ...typeLines(place, schema, way),
  ...innerLines(place, schema, way),
]

const jsonOf = (holder: Json): Json | undefined => {
  const [schema] = Object.values(objectAt(holder, 'content')).map((content) => (content as Json)['schema'])
  return isObject(schema) ? schema : undefined
}

const codesIn = (response: Json): unknown[] =>
  listAt(jsonOf(response) ?? {}, 'allOf').flatMap((part) =>
    valuesOf(objectAt(objectAt(part as Json, 'properties'), 'code')),
  )

const parameterLines = (place: string, { name, required, schema }: Json): string[] => [
  ...(required === true ? [asked(place, `needs ${String(name)}`)] : []),
  ...shapeLines(`${place} ?${String(name)}`, schema as Json, 'in'),
]

const replyLines = (place: string, status: string, response: Json, shared: Json): string[] => {
  const ref = refOf(response)
  if (ref !== undefined) return codesIn(objectAt(shared, ref)).map((code) => given(place, `${status} ${String(code)}`))
  const schema = jsonOf(response)
  return [given(place, status), ...(schema ? shapeLines(`${place} ${status}`, schema, 'out') : [])]
}

const operationLines = (place: string, operation: Json, shared: Json): string[] => {
  const body = objectAt(operation, 'requestBody')
  const schema = jsonOf(body)
  const alias = operation['x-k1n-alias-of']
  if (typeof alias === 'string') return [given(place, `the same as ${alias}`)]
  return [
    given(place, String(operation['operationId'])),
    ...listAt(operation, 'x-k1n-scopes').map((scope) => asked(place, `scope ${String(scope)}`)),
    ...(listAt(operation, 'parameters') as Json[]).flatMap((parameter) => parameterLines(place, parameter)),
    ...(body['required'] === true ? [asked(place, 'needs a body')] : []),
    ...(schema ? shapeLines(`${place} body`, schema, 'in') : []),
    ...Object.entries(objectAt(operation, 'responses')).flatMap(([status, response]) =>
      replyLines(place, status, response as Json, shared),
    ),
  ]
}

const refsIn = (value: unknown): string[] =>
  [...JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name)

/** The components that something leads to, through others too. */
const reached = (from: unknown, components: Json): Set<string> => {
  const found = new Set(refsIn(from))
  for (const name of found) for (const next of refsIn(components[name])) found.add(next)
  return found
}

const operationsOf = (document: Json): [place: string, operation: Json][] =>
  Object.entries(objectAt(document, 'paths')).flatMap(([path, methods]) =>
    Object.entries(methods as Json).map(([method, operation]): [string, Json] => [
      `${method.toUpperCase()} ${path}`,
      operation as Json,
    ]),
  )

/** Components by the ways they are used: what is sent has limits, what is given has members that are always there. */
const componentLines = (document: Json, operations: Json[]): string[] => {
  const components = objectAt(objectAt(document, 'components'), 'schemas')
  const asks = operations.map(({ parameters, requestBody }) => [parameters, requestBody])
  const gives = [objectAt(document, 'webhooks'), operations.map(({ responses }) => responses)]
  const linesOf = (names: Set<string>, way: Way): string[] =>
    [...names].flatMap((name) => shapeLines(name, objectAt(components, name), way))
  return [...linesOf(reached(asks, components), 'in'), ...linesOf(reached(gives, components), 'out')]
}

const eventLines = (document: Json): string[] =>
  Object.entries(objectAt(document, 'webhooks')).flatMap(([name, item]) => {
    const schema = jsonOf(objectAt(objectAt(item as Json, 'post'), 'requestBody'))
    return schema ? shapeLines(`event ${name}`, schema, 'out') : []
  })

/** The promises of a document, sorted. */
export const promisesOf = (document: Json): string[] => {
  const operations = operationsOf(document)
  const shared = objectAt(objectAt(document, 'components'), 'responses')
  const lines = [
    ...operations.flatMap(([place, operation]) => operationLines(place, operation, shared)),
    ...eventLines(document),
    ...componentLines(
      document,
      operations.map(([, operation]) => operation),
    ),
  ]
  return [...new Set(lines)].sort()
}

const placeOf = (line: string): string => line.slice(2, line.indexOf(' · '))

/** Whether a limit only became wider. */
const isWider = (line: string, before: readonly string[]): boolean => {
  const [, start = '', kind, limit] = /^(.* · (max|min)[A-Za-z]+ )(-?[\d.e+]+)$/.exec(line) ?? []
  const old = start === '' ? undefined : before.find((known) => known.startsWith(start))
  if (old === undefined) return false
  const was = Number(old.slice(start.length))
  return kind === 'max' ? Number(limit) >= was : Number(limit) <= was
}

/** What breaks clients that lock to `before`: promises that are gone, and new demands on what they know already. */
export const broken = (before: readonly string[], after: readonly string[]): string[] => {
  const [was, is] = [new Set(before), new Set(after)]
  const places = new Set(before.map(placeOf))
  return [
    ...before.filter((line) => line.startsWith('+') && !is.has(line)),
    ...after.filter(
      (line) => line.startsWith('!') && !was.has(line) && places.has(placeOf(line)) && !isWider(line, before),
    ),
  ]
}
