// What goes out and what comes back.

export interface OutboundRequest {
  /** Absolute, http or https, at most 2,048 characters, without user name or password. */
  url: string
  method: Method
  /** At most 100. Names of `refusedHeader` are an `invalid_request`. */
  headers?: Readonly<Record<string, string>> | undefined
  body?: string | Uint8Array | undefined
  /** Deadline of the whole attempt in ms, 1…3,600,000; default is that of `createOutbound` (15 s). */
  timeoutMs?: number | undefined
  /** Ends the call early with the code `aborted`. */
  signal?: AbortSignal | undefined
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export interface OutboundResponse {
  /** As sent, 200…999 without the 3xx (304 excepted), which fail as `redirect`. */
  status: number
  /** Names in lower case; several of one name are joined by `, `. */
  headers: Readonly<Record<string, string>>
  /** The first 64 KiB, never decompressed. */
  body: Buffer
  /** `body` as UTF-8; bytes that are none become U+FFFD. */
  text: string
  /** More came than `body` holds. */
  truncated: boolean
  durationMs: number
  /** The address that answered. */
  peer: string
}

/** All addresses of a name, best first; rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly { address: string }[]>
