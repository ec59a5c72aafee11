// Ports of the loopback interface: finds a free one, and says whether one is taken.
import { createServer } from 'node:net'

/**
 * A port nobody listens on at the moment; the preferred one when it is free.
 * @param {number} [preferred]
 * @returns {Promise<number>}
 */
export const freePort = async (preferred = 0) => (await tryListen(preferred)) ?? (await freePort(0))

/**
 * Whether nobody listens on the address.
 * @param {number} port 0 is always free
 * @param {string} host
 */
export const isFree = async (port, host) => (await tryListen(port, host)) !== undefined

/** @returns {Promise<number | undefined>} the port when listening worked; undefined when the address is in use */
const tryListen = (/** @type {number} */ port, host = '127.0.0.1') =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
