// What one use of the API is: a request that follows from what those before it made.
import { hash } from 'node:crypto'

/** What a client has made so far, and what it says of itself. */
export type Made = Record<string, string>

/** One request. `keep` takes from its reply what later ones need. */
export interface Use {
  /** The operation of the contract. */
  readonly id: string
  readonly method: string
  readonly path: (made: Made) => string
  readonly body?: (made: Made) => unknown
  readonly keep?: (reply: Reply, made: Made) => void
}

// oxlint-disable-next-line typescript/no-explicit-any -- replies of every shape are looked into.
export type Reply = any

/** Clients that make uses at the same time. */
export const CLIENTS = 20

/** Whether a thing of all is this client's to change: no two change one at the same moment. */
export const isOf = ({ client = '' }: Made, id: string): boolean =>
  Number.parseInt(hash('sha256', id).slice(0, 8), 16) % CLIENTS === Number(client)

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
