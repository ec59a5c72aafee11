// What the body of a webhook says: JSON, or a form, which may hold JSON in a field of its own.
import { JsonTooComplex, UnsupportedMediaType } from '../../shared/kernel/problems.ts'
import { parseJson, textOf, typeInUtf8 } from './body.ts'

const TYPES = 'application/json, application/x-www-form-urlencoded'
const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json$/
/** Fields that a form may have. */
const FIELDS_MAX = 500

/** Problems: `unsupported-media-type`, `invalid-utf8`, `invalid-json`, `json-too-deep`, `json-too-complex`. */
export const parsePayload = (raw: Buffer, contentType: string | undefined): unknown => {
  const type = typeInUtf8(contentType) ?? ''
  if (JSON_TYPE.test(type)) return parseJson(textOf(raw), raw.length)
  if (type === 'application/x-www-form-urlencoded') return parseForm(textOf(raw))
  throw UnsupportedMediaType(`Webhooks are read as ${TYPES}, in UTF-8.`, { headers: { Accept: TYPES } })
}

/** GitHub and Slack send JSON as the field `payload`; other forms are their fields. */
const parseForm = (text: string): unknown => {
  const fields = [...new URLSearchParams(text)]
  if (fields.length > FIELDS_MAX) throw JsonTooComplex(`A form may have ${FIELDS_MAX} fields.`)
  const payload = fields.find(([name]) => name === 'payload')?.[1]
  if (payload !== undefined) return parseJson(payload, payload.length)
  return Object.fromEntries(fields.filter(([name]) => name !== '__proto__'))
}
