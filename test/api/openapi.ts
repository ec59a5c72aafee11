// Checks replies against the committed OpenAPI document: the status, the media type and the body must be declared.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

interface Response {
  $ref?: string
  content?: Record<string, { schema?: object }>
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>
  components: { responses: Record<string, Response> }
}

export const openapi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as Document

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
;(formats as unknown as (instance: Ajv2020) => void)(ajv)
ajv.addSchema(openapi, 'openapi')

const escape = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1')

/** Paths without parameters first, as routing does it. */
const routes = Object.keys(openapi.paths)
  .map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[a-z_]+\}/g, '[^/]+')}$`),
    open: (path.match(/\{/g) ?? []).length,
  }))
  .sort((a, b) => a.open - b.open)

/** The documented path a URL belongs to; addresses without a version are those of the current one. */
const pathOf = (url: string, method: string): string | undefined => {
  const { pathname } = new URL(url)
  const versioned = pathname.startsWith('/api/v2') ? pathname : pathname.replace(/^\/api\//, '/api/v2/')
  return routes.find(({ path, pattern }) => pattern.test(versioned) && openapi.paths[path]?.[method])?.path
}

const validators = new Map<string, ValidateFunction>()
const validatorAt = (pointer: string): ValidateFunction => {
  const known = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` })
  validators.set(pointer, known)
  return known
}

/** Throws when the reply is not one the document declares. Addresses outside the document are left alone, and what older versions
 *  answer: their golden files tell that. */
export const checkReply = async (method: string, url: string, reply: globalThis.Response): Promise<void> => {
  if ((reply.headers.get('x-api-version') ?? '2') !== '2') return
  const verb = method.toLowerCase()
  const path = pathOf(url, verb)
  if (path === undefined) return
  const at = `${method} ${path} ${reply.status}`
  const declared = openapi.paths[path]?.[verb]?.responses[String(reply.status)]
  if (!declared) throw new Error(`${at} is not documented: ${await reply.text()}`)
  const shared = declared.$ref?.split('/').at(-1)
  const response = shared === undefined ? declared : openapi.components.responses[shared]
  const type = (reply.headers.get('content-type') ?? '').split(';')[0] ?? ''
  if (!response?.content) return
  if (!response.content[type])
    throw new Error(`${at} answered ${type}, documented are ${Object.keys(response.content).join(', ')}`)
  if (!type.endsWith('json')) return
  const place =
    shared === undefined
      ? `/paths/${escape(path)}/${verb}/responses/${reply.status}`
      : `/components/responses/${shared}`
  const validate = validatorAt(`${place}/content/${escape(type)}/schema`)
  if (!validate(await reply.json()))
    throw new Error(`${at} does not fit its schema: ${ajv.errorsText(validate.errors)}`)
}
