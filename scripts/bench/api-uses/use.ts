// What one use of the API is: a request that follows from what those before it made.
/** What a client has made so far, and what it says of itself. */
export type Made = Record<string, string>

/** One request. `keep` takes from its reply what later ones need. */
export interface Use {
  /** The operation of the contract. */
  readonly id: string
  readonly method: string
  readonly path: (made: Made) => string
  readonly body?: (made: Made) => unknown
  readonly headers?: (made: Made) => Readonly<Record<string, string>>
  readonly keep?: (reply: Reply, made: Made) => void
}

// oxlint-disable-next-line typescript/no-explicit-any -- replies of every shape are looked into.
export type Reply = any

export const get = (id: string, path: Use['path'], keep?: Use['keep']): Use => ({
  id,
  method: 'GET',
  path,
  ...(keep && { keep }),
})
const send =
  (method: string) =>
  (id: string, path: Use['path'], body?: Use['body'], keep?: Use['keep']): Use => ({
    ...{ id, method, path },
    ...(body && { body }),
    ...(keep && { keep }),
  })
export const [post, put, patch] = [send('POST'), send('PUT'), send('PATCH')]
export const remove = (id: string, path: Use['path']): Use => ({ id, method: 'DELETE', path })
