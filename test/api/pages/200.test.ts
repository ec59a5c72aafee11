// Pages for browsers: documentation, problems, the dashboard's bundle.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemRegistry } from '../../../shared/kernel/problem.ts'
import { describe, expect, expectProblem, openDoor, test } from '../fixtures.ts'

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', authorization: undefined }
const json = { accept: 'application/json', authorization: undefined }

describe('the documentation', () => {
  test('the document is there under both addresses, for everybody on this machine', async ({ door }) => {
    for (const path of ['/api/openapi.json', '/api/v2/openapi.json']) {
      const reply = await door.send('GET', path, { headers: json })
      expect(reply.json).toMatchObject({ openapi: '3.1.1' })
      expect(
        (await door.send('GET', path, { headers: { ...json, 'if-none-match': reply.headers.get('etag') ?? '' } }))
          .status,
      ).toBe(304)
    }
  })

  test('the page loads its scripts from here and may load nothing else', async ({ door }) => {
    const page = await door.send('GET', '/docs', { headers: html })
    expect(page.status).toBe(200)
    expect([...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1])).toEqual([
      'data:,',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-bundle.js',
      '/docs/start.js',
    ])
    const csp = page.headers.get('content-security-policy') ?? ''
    expect(csp).toContain("connect-src 'self'")
    expect(csp).not.toMatch(/https?:|\*/)
    expect((await door.send('GET', '/docs/start.js', { headers: html })).text).toContain('validatorUrl: null')
    const script = await door.send('GET', '/docs/swagger-ui-bundle.js', { headers: html })
    expect(script.status).toBe(200)
    expect(script.headers.get('content-encoding')).toBe('gzip')
  })
})

test.extend({ settings: { HOST: '0.0.0.0' } })(
  'listening on the network, the documentation needs a scope',
  async ({ door }) => {
    for (const path of ['/docs', '/api/openapi.json']) {
      expectProblem(await door.send('GET', path, { headers: json }), 401, 'unauthenticated')
      expectProblem(
        await door.send('GET', path, { headers: { authorization: `Bearer ${await door.keyOf('viewer')}` } }),
        403,
        'insufficient-scope',
      )
      expect((await door.send('GET', path)).status).toBe(200)
    }
  },
)

describe('problem pages', () => {
  test('every problem has a page for people and one for programs', async ({ door }) => {
    for (const code of problemRegistry.keys()) {
      const page = await door.send('GET', `/problems/${code}`, { headers: html })
      expect([code, page.status, page.headers.get('content-type')]).toEqual([code, 200, 'text/html; charset=utf-8'])
      expect(page.text).toMatch(/<h2>What happened<\/h2>[\s\S]*<h2>How to fix it<\/h2>[\s\S]*<h2>Common mistakes<\/h2>/)
      const data = await door.send('GET', `/problems/${code}`, { headers: json })
      expect(data.json).toMatchObject({ code, status: problemRegistry.get(code)?.status })
    }
    expect((await door.send('GET', '/problems', { headers: html })).text).toContain('href="/problems/task-not-found"')
    expect((await door.send('GET', '/problems', { headers: json })).json).toHaveProperty('data')
    expect((await door.send('GET', '/problems/page.css', { headers: html })).headers.get('content-type')).toContain(
      'text/css',
    )
  })

  test('404: a problem there is not, and a path that leads elsewhere', async ({ door }) => {
    expectProblem(await door.send('GET', '/problems/nothing', { headers: json }), 404, 'not-found')
    expectProblem(await door.send('GET', '/problems/..%2F..%2Fpackage', { headers: json }), 404, 'not-found')
    expectProblem(await door.send('GET', '/problems/__proto__', { headers: json }), 404, 'not-found')
  })
})

describe('the dashboard', () => {
  test('serves its bundle, deep links included, and nothing outside it', async ({ kernel, dir }) => {
    const dist = join(dir, 'dist')
    mkdirSync(join(dist, 'assets'), { recursive: true })
    writeFileSync(join(dist, 'index.html'), '<!doctype html><title>k1n</title>')
    writeFileSync(join(dist, 'assets', 'main-abc.js'), `export default ${JSON.stringify('x'.repeat(5_000))}`)
    writeFileSync(join(dir, 'secret.txt'), 'hunter2')
    const door = await openDoor(kernel, { dist })
    try {
      for (const path of ['/', '/jobs', '/jobs/http:t_1.5', '/timeline?from=1', '/auth/login']) {
        const page = await door.send('GET', path, { headers: html })
        expect([path, page.status, page.headers.get('cache-control')]).toEqual([path, 200, 'no-cache'])
        expect(page.text).toContain('<title>k1n</title>')
        expect(page.headers.get('content-security-policy')).toMatch(
          /script-src 'self';.*connect-src 'self' ws:\/\/127\.0\.0\.1:\d+;/,
        )
        expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
      }
      const asset = await door.send('GET', '/assets/main-abc.js', { headers: html })
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(asset.headers.get('content-type')).toContain('text/javascript')
      expect(asset.headers.get('content-encoding')).toBe('gzip')
      expect(
        (
          await door.send('GET', '/assets/main-abc.js', {
            headers: { ...html, 'if-none-match': asset.headers.get('etag') ?? '' },
          })
        ).status,
      ).toBe(304)
      expectProblem(await door.send('GET', '/assets/gone.js', { headers: html }), 404, 'route-not-found')
      expectProblem(await door.send('GET', '/jobs', { headers: json }), 404, 'route-not-found')
      for (const path of [
        '/..%2fsecret.txt',
        '/assets/..%2f..%2fsecret.txt',
        '/%2e%2e/secret.txt',
        '/%00',
        '/%ff',
        '/..%5csecret.txt',
      ])
        expect((await door.send('GET', path, { headers: html })).text).not.toContain('hunter2')
      expectProblem(await door.send('GET', '/api/v2/nothing', { headers: { ...html } }), 404, 'route-not-found')
    } finally {
      await door.close()
    }
  })

  test('says so when it has not been built', async ({ kernel, dir }) => {
    const door = await openDoor(kernel, { dist: join(dir, 'nowhere') })
    try {
      expectProblem(await door.send('GET', '/', { headers: html }), 404, 'not-found')
    } finally {
      await door.close()
    }
  })
})
