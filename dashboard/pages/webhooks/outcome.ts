// What came of one request, in a few words: the status that was answered, or why there was no answer.

const errors: Readonly<Record<string, string>> = {
  timeout_total: 'took too long',
  timeout_connect: 'could not be reached in time',
  tls_cert: 'has a certificate that is not trusted',
  tls_protocol: 'spoke no TLS',
  dns: 'has a name without an address',
  ssrf_blocked: 'has an address that may not be called',
  http_protocol: 'answered what is not HTTP',
  too_large: 'answered too much',
  refused: 'refused the connection',
  reset: 'broke the connection off',
  redirect: 'answered with a redirect, which is not followed',
  aborted: 'was called off',
  invalid_request: 'could not be asked',
  secret_sealed: 'was not asked, as its secret cannot be opened',
}

export interface Outcome {
  status_code: number | null
  error_code: string | null
}

/** A code in words; one that this version does not know, as it is. */
const errorWords = (code: string): string => errors[code] ?? `failed: ${code.replaceAll('_', ' ')}`

/** `answered 503`, `took too long`. */
export const outcomeWords = ({ status_code: status, error_code: code }: Outcome): string => {
  if (code !== null && errors[code] !== undefined) return errorWords(code)
  if (status !== null) return `answered ${status}`
  return code === null ? 'gave no answer' : errorWords(code)
}

export const isSuccess = ({ status_code: status, error_code: code }: Outcome): boolean =>
  code === null && status !== null && status >= 200 && status < 300
