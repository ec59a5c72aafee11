// Words of a search for jobs: terms about fields, joined by and and or, and what an answer says of how it was searched.
import { z } from 'zod'
import { Searched } from '../kernel/page.ts'
import { ErrorClass } from '../retries/words.ts'
import { Instant, JobState, cleanText } from './words.ts'

/** Groups within groups: a term alone is one level. */
export const DEPTH_MAX = 4
export const TERMS_MAX = 20

const EQUAL = ['eq', 'ne', 'in', 'not_in'] as const
const ORDER = ['gt', 'gte', 'lt', 'lte'] as const
const OPS = [...EQUAL, ...ORDER, 'prefix', 'contains'] as const
export type SearchOp = (typeof OPS)[number]

type Scalar = string | number | boolean | null

/** What may be asked of a field, and what its values must be. */
interface Asking {
  readonly ops: readonly SearchOp[]
  readonly value: z.ZodType
}

const text = cleanText(1, 500)
const instant = z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-11-27T10:00:00Z' })
const FIELDS = {
  id: { ops: [...EQUAL, 'prefix', 'contains'], value: text },
  queue: { ops: EQUAL, value: text },
  name: { ops: [...EQUAL, 'prefix', 'contains'], value: text },
  state: { ops: EQUAL, value: JobState },
  tag: { ops: [...EQUAL, 'prefix'], value: text },
  service: { ops: [...EQUAL, 'prefix'], value: text },
  error_class: { ops: EQUAL, value: ErrorClass },
  created_at: { ops: ORDER, value: instant },
  finished_at: { ops: ORDER, value: instant },
  text: { ops: ['contains'], value: text },
} as const satisfies Record<string, Asking>
export type SearchField = keyof typeof FIELDS

/** Members of payloads: true and null are no order, and only texts begin with something. */
const data: Asking = { ops: [...EQUAL, ...ORDER, 'prefix'], value: z.unknown() }
const orderable = z.union([z.number(), cleanText(0, 500)])
const DATA: Readonly<Partial<Record<SearchOp, z.ZodType>>> = {
  ...Object.fromEntries(ORDER.map((op) => [op, orderable])),
  prefix: text,
}

const names = Object.keys(FIELDS)
/** Undefined for a field there is none of, which is told already. */
const askingOf = (field: string): Asking | undefined =>
  field.startsWith('data.') ? data : Object.hasOwn(FIELDS, field) ? FIELDS[field as SearchField] : undefined

/** The path into the payload that a term is about; undefined for a field of the job itself. */
export const pathOf = (field: string): string | undefined =>
  field.startsWith('data.') ? field.slice('data.'.length) : undefined

const Field = z
  .string()
  .regex(
    new RegExp(`^(?:${names.join('|')}|data\\.[^.\\u0000-\\u001f]{1,64}(?:\\.[^.\\u0000-\\u001f]{1,64}){0,7})$`),
    `must be one of ${names.join(', ')}, or data. and a path into the payload`,
  )
  .describe('A field of the job, or `data.` and a path into its payload that is declared as indexed.')

const One = z.union([cleanText(0, 500), z.number(), z.boolean(), z.null()])
const Value = z
  .union([One, z.array(One).min(1).max(20)], {
    error: 'must be a text of at most 500 characters without NUL, a number, true, false, null, or 1 to 20 of them',
  })
  .describe('A list for `in` and `not_in`, one value for all others.')

export interface SearchTerm {
  field: string
  op: SearchOp
  value: Scalar | Scalar[]
}
export type SearchWhere = SearchTerm | { and: SearchWhere[] } | { or: SearchWhere[] }

interface Node {
  and?: unknown[] | undefined
  or?: unknown[] | undefined
  field?: string | undefined
  op?: SearchOp | undefined
  value?: Scalar | Scalar[] | undefined
}

const term = {
  field: Field.optional(),
  op: z.enum(OPS).optional().describe('Texts and states are compared whole but for `prefix` and `contains`.'),
  value: Value.optional(),
}

type Context = z.core.$RefinementCtx
const refuse = (context: Context, path: PropertyKey[], message: string): void =>
  context.addIssue({ code: 'custom', path, message })

/** A node is one thing: a group, or a whole term whose operator and value its field takes. */
const checkNode = (node: Node, context: Context): void => {
  const groups = (['and', 'or'] as const).filter((kind) => node[kind] !== undefined)
  const members = (['field', 'op', 'value'] as const).filter((member) => node[member] !== undefined)
  const [group] = groups
  if (group !== undefined) {
    if (groups.length + members.length > 1)
      refuse(context, [], 'must be one of: {"and": […]}, {"or": […]}, {"field", "op", "value"}')
    return
  }
  for (const member of ['field', 'op', 'value'] as const)
    if (node[member] === undefined) refuse(context, [member], 'is missing')
  if (members.length === 3) checkTerm(node as SearchTerm, context)
}

const checkTerm = ({ field, op, value }: SearchTerm, context: Context): void => {
  const asking = askingOf(field)
  if (asking === undefined) return
  const takesMany = op === 'in' || op === 'not_in'
  if (!asking.ops.includes(op)) refuse(context, ['op'], `must be one of ${asking.ops.join(', ')} for ${field}`)
  else if (Array.isArray(value) !== takesMany)
    refuse(context, ['value'], takesMany ? `must be a list for ${op}` : `must be one value for ${op}`)
  else checkValues(asking, { field, op, value }, context)
}

const checkValues = (asking: Asking, { field, op, value }: SearchTerm, context: Context): void => {
  const schema = pathOf(field) === undefined ? asking.value : (DATA[op] ?? asking.value)
  const values = Array.isArray(value) ? value : [value]
  values.forEach((one, index) => {
    const issue = schema.safeParse(one).error?.issues[0]
    if (issue) refuse(context, Array.isArray(value) ? ['value', index] : ['value'], issue.message)
  })
}

/** Written out level by level: a schema that refers to itself is one that generated clients cannot read. */
const level = (left: number): z.ZodType => {
  const group =
    left === 1 ? z.never(`is nested deeper than ${DEPTH_MAX} levels`) : z.array(level(left - 1)).min(1).max(TERMS_MAX) // prettier-ignore
  return z
    .strictObject({ and: group.optional(), or: group.optional(), ...term })
    .superRefine(checkNode)
    .meta({ id: left === DEPTH_MAX ? 'SearchWhere' : left === 1 ? 'SearchTerm' : `SearchWhere${left}` })
}

/** Calls `visit` with every term of a tree and where it stands. */
export const eachTerm = (
  where: SearchWhere,
  visit: (term: SearchTerm, path: PropertyKey[]) => void,
  path: PropertyKey[] = [],
): void => {
  if ('field' in where) {
    visit(where, path)
    return
  }
  const [kind, members] = 'and' in where ? (['and', where.and] as const) : (['or', where.or] as const)
  members?.forEach((member, index) => eachTerm(member, visit, [...path, kind, index]))
}

export const SearchWhere = level(DEPTH_MAX).superRefine((where, context) => {
  let terms = 0
  eachTerm(where as SearchWhere, (_term, path) => {
    if (++terms === TERMS_MAX + 1) refuse(context, path, `is one term too many: at most ${TERMS_MAX} are taken`)
  })
}) as unknown as z.ZodType<SearchWhere, SearchWhere>

export const JobsSearch = z
  .strictObject({
    where: SearchWhere.optional().describe(
      'A term `{field, op, value}`, or `{"and": […]}` or `{"or": […]}` of up to 4 levels and 20 terms. All jobs without it.',
    ),
    sort: z.enum(['-created_at', '-finished_at']).default('-created_at'),
    limit: z.int().min(1).max(200).default(50).describe('Rows per page.'),
    cursor: z.string().max(4_096).optional().describe('`page.next_cursor` of the page before.'),
  })
  .meta({ id: 'JobsSearch' })
export type JobsSearch = z.output<typeof JobsSearch>

/** What was looked at for a page of jobs. */
export const JobsSearched = Searched.extend({
  fields: z.array(z.string()).describe('The fields that were searched.'),
  way: z
    .enum(['created', 'state', 'errors'])
    .describe(
      "Along what: `created`, the recorder's list of all jobs; `state`, BullMQ's own lists and sets of the states asked for; `errors`, the index of dead letters.",
    ),
  since: Instant.nullable().describe(
    'Jobs accepted before this are not in the list that was searched. Null where what was searched knows all jobs there are.',
  ),
  stopped_by: z
    .enum(['jobs', 'time', 'bytes'])
    .nullable()
    .describe(
      'The limit of one call that ended the look: jobs looked at, time, or bytes of payloads. The cursor goes on.',
    ),
  unread: z.int().describe('Payloads longer than 256 KiB, which were not read: their jobs are not among the found.'),
}).meta({ id: 'JobsSearched' })
export type JobsSearched = z.output<typeof JobsSearched>
