// Version 1 as a whole: its routes, and how it wraps an answer, a page and a failure.
import type { Dialect } from '../dialect.ts'
import { routes } from './routes.ts'
import { envelope, failure, listEnvelope } from './words.ts'

export const v1: Dialect = { version: 1, routes, one: envelope, page: listEnvelope, failure }
