// The problems that belong to no room: parsing, negotiation, identity, conditions, and the ways a server is not able.
import { problem } from './problem.ts'

export const InvalidRequest = problem(
  'invalid-request',
  'malformed',
  'The request is not HTTP as this server reads it.',
)
export const InvalidJson = problem('invalid-json', 'malformed', 'The body is not JSON.')
export const JsonTooDeep = problem('json-too-deep', 'malformed', 'The JSON is nested too deeply.')
export const InvalidUtf8 = problem('invalid-utf8', 'malformed', 'The body is not UTF-8.')
export const InvalidParameter = problem('invalid-parameter', 'malformed', 'A parameter is not valid.')
export const InvalidHeader = problem('invalid-header', 'malformed', 'A header is not valid.')
export const InvalidCursor = problem('invalid-cursor', 'malformed', 'The cursor is not valid.')
export const InvalidApiVersion = problem('invalid-api-version', 'malformed', 'The API version is not a number.')
export const UnsupportedApiVersion = problem('unsupported-api-version', 'malformed', 'This API version does not exist.')
export const ApiVersionSunset = problem('api-version-sunset', 'malformed', 'This API version was shut down.', 410)
export const ApiVersionConflict = problem('api-version-conflict', 'malformed', 'Two API versions were asked for.')
export const InvalidIdempotencyKey = problem(
  'invalid-idempotency-key',
  'malformed',
  'The Idempotency-Key is not valid.',
)
export const Unauthenticated = problem('unauthenticated', 'unauthenticated', 'A credential is needed.')
export const InvalidToken = problem('invalid-token', 'unauthenticated', 'The credential is not known.')
export const TokenExpired = problem('token-expired', 'unauthenticated', 'The credential has expired.')
export const KeyRevoked = problem('key-revoked', 'unauthenticated', 'The key was revoked.')
export const InsufficientScope = problem('insufficient-scope', 'forbidden', 'The credential lacks a scope.')
export const ResourceForbidden = problem('resource-forbidden', 'forbidden', 'The credential may not touch this.')
export const CsrfFailed = problem('csrf-failed', 'forbidden', 'The request did not come from the dashboard itself.')
export const OriginNotAllowed = problem('origin-not-allowed', 'forbidden', 'This origin may not do that.')
export const NotFound = problem('not-found', 'missing', 'There is nothing here.')
export const RouteNotFound = problem('route-not-found', 'missing', 'There is no such route.')
export const MethodNotAllowed = problem('method-not-allowed', 'malformed', 'The route does not take this method.', 405)
export const MethodNotImplemented = problem(
  'method-not-implemented',
  'malformed',
  'No route here takes this method.',
  501,
)
export const NotAcceptable = problem('not-acceptable', 'malformed', 'The asked media type cannot be made.', 406)
export const RequestTimeout = problem('request-timeout', 'malformed', 'The request took too long to arrive.', 408)
export const CursorExpired = problem('cursor-expired', 'malformed', 'What the cursor pointed at is gone.', 410)
export const PreconditionFailed = problem('precondition-failed', 'conflict', 'It was changed meanwhile.', 412)
export const BodyTooLarge = problem('body-too-large', 'malformed', 'The body is too large.', 413)
export const JsonTooComplex = problem('json-too-complex', 'malformed', 'The JSON has too many members.', 413)
export const UriTooLong = problem('uri-too-long', 'malformed', 'The address is too long.', 414)
export const UnsupportedMediaType = problem(
  'unsupported-media-type',
  'malformed',
  'The body has a type that is not read here.',
  415,
)
export const UnsupportedContentEncoding = problem(
  'unsupported-content-encoding',
  'malformed',
  'Compressed bodies are not read here.',
  415,
)
export const ValidationFailed = problem('validation-failed', 'invalid', 'The request is not valid.')
export const IdempotencyKeyReused = problem(
  'idempotency-key-reused',
  'invalid',
  'The Idempotency-Key was used for another request.',
)
export const IdempotencyInProgress = problem(
  'idempotency-in-progress',
  'conflict',
  'The first request with this Idempotency-Key is still running.',
)
export const ExpectationFailed = problem('expectation-failed', 'malformed', 'The expectation cannot be met.', 417)
export const HeadersTooLarge = problem('headers-too-large', 'malformed', 'The headers are too large.', 431)
export const QuotaExceeded = problem('quota-exceeded', 'limited', 'The quota is used up.')
export const TooManyAuthFailures = problem('too-many-auth-failures', 'limited', 'Too many failed sign-ins.')
export const TooManyConnections = problem('too-many-connections', 'limited', 'Too many open streams.')
export const Internal = problem('internal', 'internal', 'Something went wrong here.')
export const RedisUnavailable = problem('redis-unavailable', 'unavailable', 'Redis cannot be reached.')
export const OutcomeUnknown = problem(
  'outcome-unknown',
  'unavailable',
  'Redis did not answer; it may or may not be done.',
)
export const Overloaded = problem('overloaded', 'unavailable', 'The server cannot take this in right now.')
export const ShuttingDown = problem('shutting-down', 'unavailable', 'This server is stopping.')
export const TimedOut = problem('timeout', 'unavailable', 'The answer took too long.', 504)
export const SecretsUnavailable = problem('secrets-unavailable', 'unavailable', 'Secrets cannot be kept or read.')
