// The trace that a webhook belongs to, as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/).
import { hash } from 'node:crypto'

const TRACE_CHARACTERS = 32
const SPAN_CHARACTERS = 16

/** The header `traceparent`: one trace for an event, whoever gets it and how often; each attempt to deliver it is a span of that. Both
 *  follow from what they stand for, so that what a receiver recorded is found again. */
export const traceparentOf = (eventId: string, deliveryId: string, attempt: number): string =>
  `00-${digits(eventId, TRACE_CHARACTERS)}-${digits(`${deliveryId} ${attempt}`, SPAN_CHARACTERS)}-01`

const digits = (text: string, count: number): string => hash('sha256', text, 'hex').slice(0, count)
