// Nothing that is not meant to be called is connected to, however it is spelled, resolved or redirected to.
import { connect as tcpConnect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { answering, receiver, recorder, type Receiver } from './fixtures/receiver.ts'
import { BLOCKED, NAMES, PUBLIC } from './fixtures/ssrf-cases.ts'
import { createOutbound, type OutboundOptions, type Resolve } from './outbound.ts'

const resolve: Resolve = async (hostname) => {
  const addresses = NAMES[hostname]
  if (addresses === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  return addresses.map((address) => ({ address }))
}

function recorded(options: OutboundOptions = {}) {
  const dial = recorder()
  return { dial, outbound: createOutbound({ resolve, connect: dial, ...options }) }
}

const answers = (...addresses: string[]): Resolve => {
  return async () => addresses.map((address) => ({ address }))
}

const servers: Receiver[] = []
const serve = async (answer: string): Promise<Receiver> => {
  const server = await receiver(answering(answer))
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('the list of forbidden URLs', () => {
  test('is as long as it should be', () => {
    expect(new Set(BLOCKED).size).toBeGreaterThanOrEqual(93)
  })

  test.each(BLOCKED)('%s is refused at delivery without a connection', async (url) => {
    const { dial, outbound } = recorded()
    await expect(outbound.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'ssrf_blocked' })
    expect(dial.connects).toEqual([])
  })

  test.each(BLOCKED)('%s is refused when it is first given', async (url) => {
    expect(await recorded().outbound.vetUrl(url)).toMatchObject({ ok: false })
  })

  test.each(PUBLIC)('%s, just outside, is called', async (url) => {
    const { dial, outbound } = recorded()
    expect(outbound.checkUrl(url)).toMatchObject({ ok: true })
    await expect(outbound.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'refused' })
    const { hostname, protocol, port } = new URL(url)
    const expected = `${hostname.replace(/[[\]]/g, '')}|${port || (protocol === 'https:' ? '443' : '80')}`
    expect(dial.connects).toEqual([expected])
  })

  test('messages do not tell what a name resolves to', async () => {
    const { outbound } = recorded()
    const error: unknown = await outbound
      .request({ url: 'http://redis/?token=secret', method: 'GET' })
      .catch((e: unknown) => e)
    expect(String(error)).toMatch(/redis/)
    expect(String(error)).not.toMatch(/172\.18|secret/)
  })
})

describe('names', () => {
  test('with one private address among public ones are refused', async () => {
    for (const pair of [
      ['93.184.216.34', '10.0.0.1'],
      ['fd00::1', '93.184.216.34'],
    ]) {
      const { dial, outbound } = recorded({ resolve: answers(...pair) })
      await expect(outbound.request({ url: 'http://two.example/', method: 'GET' })).rejects.toMatchObject({
        code: 'ssrf_blocked',
      })
      expect(dial.connects).toEqual([])
    }
  })

  test('that answer with something that is no address are refused', async () => {
    const { dial, outbound } = recorded({ resolve: answers('localhost') })
    await expect(outbound.request({ url: 'http://odd.example/', method: 'GET' })).rejects.toMatchObject({
      code: 'ssrf_blocked',
    })
    expect(dial.connects).toEqual([])
  })

  test('rebound between the first look and the call are refused', async () => {
    const rounds = [['93.184.216.34'], ['169.254.169.254']]
    const { dial, outbound } = recorded({ resolve: async () => (rounds.shift() ?? []).map((address) => ({ address })) })
    expect(await outbound.vetUrl('http://rebind.example/')).toMatchObject({ ok: true })
    await expect(outbound.request({ url: 'http://rebind.example/', method: 'GET' })).rejects.toMatchObject({
      code: 'ssrf_blocked',
    })
    expect(dial.connects).toEqual([])
  })

  test('are resolved once, and the connection goes to the very address that was judged', async () => {
    const asked: string[] = []
    const { dial, outbound } = recorded({
      resolve: async (hostname) => [{ address: asked.push(hostname) === 1 ? '93.184.216.34' : '127.0.0.1' }],
    })
    await expect(outbound.request({ url: 'http://rebind.example/', method: 'GET' })).rejects.toMatchObject({
      code: 'refused',
    })
    expect({ asked, connects: dial.connects }).toEqual({ asked: ['rebind.example'], connects: ['93.184.216.34|80'] })
  })

  test('that lead to another peer than the judged one get not one byte', async () => {
    const server = await serve('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    const outbound = createOutbound({
      resolve: answers('93.184.216.34'),
      connect: () => tcpConnect(server.port, '127.0.0.1'),
    })
    await expect(outbound.request({ url: 'http://peer.example/', method: 'POST', body: 'x' })).rejects.toMatchObject({
      code: 'ssrf_blocked',
    })
    await server.idle()
  })

  test('a resolver that is slow does not hold up the first look', async () => {
    const { outbound } = recorded({ resolve: () => new Promise(() => undefined) })
    expect(await outbound.vetUrl('http://slow.example/', 5)).toMatchObject({ ok: true })
  })

  test('are tried at four addresses at most, in order', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `93.184.${Math.floor(index / 250)}.${index % 250}`)
    const { dial, outbound } = recorded({ resolve: answers(...many) })
    await expect(outbound.request({ url: 'http://many.example/', method: 'GET' })).rejects.toMatchObject({
      code: 'refused',
    })
    expect(dial.connects).toEqual(many.slice(0, 4).map((address) => `${address}|80`))
  })

  test('are called at their second address when the first refuses', async () => {
    const server = await serve('HTTP/1.1 204 No Content\r\n\r\n')
    const outbound = createOutbound({
      allowCidrs: ['127.0.0.0/8'],
      resolve: answers('127.0.0.2', '127.0.0.1'),
      connect: (target) => tcpConnect({ port: target.port, host: target.address }),
    })
    const response = await outbound.request({ url: `http://two.example:${server.port}/`, method: 'GET' })
    expect(response).toMatchObject({ status: 204, peer: '127.0.0.1' })
  })
})

describe('redirects', () => {
  test('to the metadata service are reported and not followed', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/'
    const server = await serve(`HTTP/1.1 307 Temporary Redirect\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`)
    const connects: string[] = []
    const outbound = createOutbound({
      allowCidrs: ['127.0.0.1'],
      connect: ({ address, port }) => {
        connects.push(address)
        return tcpConnect(port, address)
      },
    })
    await expect(outbound.request({ url: server.url, method: 'POST' })).rejects.toMatchObject({
      code: 'redirect',
      response: { status: 307, headers: { location } },
    })
    expect(connects).toEqual(['127.0.0.1'])
  })
})

describe('what an operator opens', () => {
  test('may be called on any port, by address and by name', async () => {
    const { dial, outbound } = recorded({ allowCidrs: ['10.0.0.0/8'], resolve: answers('10.1.2.3') })
    for (const url of ['http://10.1.2.3:9200/', 'http://inner.example:9200/', 'http://[::ffff:10.1.2.3]:9200/']) {
      await expect(outbound.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'refused' })
    }
    expect(dial.connects.map((connect) => connect.split('|')[1])).toEqual(['9200', '9200', '9200'])
  })

  test('opens no other range and no other port elsewhere', async () => {
    const { dial, outbound } = recorded({ allowCidrs: ['10.0.0.0/8'] })
    for (const url of [
      'http://192.168.1.1/',
      'http://example.com:9200/',
      'http://9.9.9.9:9200/',
      'http://localhost/',
    ]) {
      await expect(outbound.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'ssrf_blocked' })
    }
    expect(dial.connects).toEqual([])
  })

  test('is read strictly', () => {
    expect(() => createOutbound({ allowCidrs: ['10.0.0.0/33'] })).toThrow('"10.0.0.0/33"')
    expect(() => createOutbound({ allowCidrs: ['localhost'] })).toThrow('"localhost"')
  })
})

describe('hosts of our own', () => {
  const own = [
    'redis://:hunter2@127.0.0.1:7777',
    'redis://cache:6379',
    'https://k1n.example.com',
    'http://127.0.0.1:3000',
  ]
  const options = (resolver: Resolve): OutboundOptions => {
    return { allowCidrs: ['127.0.0.0/8', '::1', '10.0.0.0/8'], ownHosts: own, resolve: resolver }
  }

  test.each([
    ...['http://127.0.0.1:7777/', 'http://localhost:7777/', 'http://127.9.9.9:7777/', 'http://[::1]:7777/'],
    ...['http://alias.example:7777/', 'http://cache:6379/', 'http://10.0.0.9:6379/', 'http://127.0.0.1:3000/x'],
    ...['https://k1n.example.com/', 'http://K1N.example.com.:8080/hook'],
  ])('%s is refused though its address is opened', async (url) => {
    const { dial, outbound } = recorded(
      options(async (name) => [{ address: name === 'cache' ? '10.0.0.9' : '127.0.0.1' }]),
    )
    await expect(outbound.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'ssrf_blocked' })
    expect(dial.connects).toEqual([])
  })

  test('other ports of the same address may be called', async () => {
    const { dial, outbound } = recorded(options(answers('127.0.0.1')))
    await expect(outbound.request({ url: 'http://127.0.0.1:7778/', method: 'GET' })).rejects.toMatchObject({
      code: 'refused',
    })
    expect(dial.connects).toEqual(['127.0.0.1|7778'])
  })

  test('are never repeated in an error', () => {
    expect(() => createOutbound({ ownHosts: ['hunter2'] })).toThrow(/^an own host must be/)
  })
})
