// Which problems a row can answer: its own, and those that come with what it takes.
import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import type { ProblemDefinition } from './problem.ts'
import * as common from './problems.ts'

/** The problems a row can answer: its own and those that come from what it takes. */
export const problemsOf = (row: Endpoint): ProblemDefinition[] => {
  const takesBody = row.body !== undefined
  const problems = [
    ...row.problems,
    ...always,
    ...(row.at === 'root' ? [] : versioned),
    ...(row.at === 'root' && row.method === 'GET' ? [] : [common.Overloaded]),
    ...(row.scopes === 'public' && row.at === 'root' && !takesBody ? [] : identified),
    ...(row.scopes === 'public' ? [] : guarded),
    ...(isLimited(row) ? [common.QuotaExceeded] : []),
    ...(takesBody ? bodied : row.rawBody ? uploaded : []),
    ...(row.idempotency === 'optional' ? repeated : []),
    ...(isList(row) ? [common.InvalidCursor] : []),
  ]
  return [...new Set(problems)]
}

/** All but what tells of health: whoever is not known is counted by address, everybody else by what they may ask for. */
export const isLimited = (row: Endpoint): boolean => row.scopes !== 'public' || row.cost !== 0

const isList = (row: Endpoint): boolean => row.query instanceof z.ZodObject && 'cursor' in row.query.shape

const always = [
  common.InvalidRequest,
  common.InvalidParameter,
  common.RequestTimeout,
  common.UriTooLong,
  common.BodyTooLarge,
  common.ExpectationFailed,
  common.HeadersTooLarge,
  common.Internal,
  common.RedisUnavailable,
  common.ShuttingDown,
]
const versioned = [
  common.InvalidApiVersion,
  common.UnsupportedApiVersion,
  common.ApiVersionConflict,
  common.NotAcceptable,
  common.UnsupportedMediaType,
]
const identified = [
  common.InvalidHeader,
  common.InvalidToken,
  common.TokenExpired,
  common.KeyRevoked,
  common.TooManyAuthFailures,
  common.CsrfFailed,
]
const guarded = [common.Unauthenticated, common.InsufficientScope, common.ResourceForbidden]
const bodied = [
  common.InvalidJson,
  common.JsonTooDeep,
  common.JsonTooComplex,
  common.InvalidUtf8,
  common.UnsupportedMediaType,
  common.UnsupportedContentEncoding,
  common.ValidationFailed,
  common.OutcomeUnknown,
]
const uploaded = [common.UnsupportedContentEncoding, common.OutcomeUnknown]
const repeated = [
  common.InvalidIdempotencyKey,
  common.IdempotencyKeyReused,
  common.IdempotencyInProgress,
  common.OutcomeUnknown,
]
