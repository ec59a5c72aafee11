// Uploads: what arrives whole becomes a job, everything else leaves nothing.
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const history = JSON.stringify([{ endTime: '2026-01-01 10:00', artistName: 'A', trackName: 'B', msPlayed: 1000 }])
const filesIn = (dir: string): string[] => {
  try {
    return readdirSync(join(dir, 'uploads'))
  } catch {
    return []
  }
}

describe('POST /imports', () => {
  test('keeps the file and makes a job of it', async ({ door, dir }) => {
    const reply = await door.send('POST', '/api/v2/imports?name=mine', {
      raw: history,
      headers: { 'content-type': 'application/json' },
    })
    expect(reply).toMatchObject({
      status: 202,
      json: { queue: 'listening', name: 'listening.import', data: { name: 'mine' } },
    })
    const [file = ''] = filesIn(dir)
    expect(filesIn(dir)).toHaveLength(1)
    expect((reply.json as { data: unknown }).data).toMatchObject({ upload: file })
    expect(readFileSync(join(dir, 'uploads', file), 'utf8')).toBe(history)
  })

  test.for(['text/plain', 'application/json; charset=utf-16', 'application/jsonp', ''])(
    '415: an upload of the type "%s"',
    async (type, { door, dir }) => {
      const headers = type === '' ? {} : { 'content-type': type }
      const reply = await door.send('POST', '/api/v2/imports', { raw: history, headers })
      expectProblem(reply, 415, 'unsupported-media-type')
      expect(filesIn(dir)).toEqual([])
    },
  )

  test('what a killed process left of an upload goes with the next one, and nothing that still arrives', async ({
    door,
    dir,
  }) => {
    const uploads = join(dir, 'uploads')
    mkdirSync(uploads)
    for (const name of ['up_old.part', 'up_new.part', 'up_whole']) writeFileSync(join(uploads, name), '[')
    const hourAgo = Date.now() / 1_000 - 3_601
    for (const name of ['up_old.part', 'up_whole']) utimesSync(join(uploads, name), hourAgo, hourAgo)
    const headers = { 'content-type': 'application/json' }
    expect((await door.send('POST', '/api/v2/imports', { raw: history, headers })).status).toBe(202)
    await expect.poll(() => filesIn(dir)).not.toContain('up_old.part')
    expect(filesIn(dir)).toEqual(expect.arrayContaining(['up_new.part', 'up_whole']))
  })

  test('an upload that breaks off leaves nothing', async ({ door, dir }) => {
    await new Promise<void>((resolve) => {
      const req = request(`${door.url}/api/v2/imports`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${door.adminKey}`,
          'content-type': 'application/x-ndjson',
          'content-length': '1000000',
        },
      })
      req.on('error', () => resolve())
      req.write('x'.repeat(100_000), () => req.destroy())
    })
    await expect.poll(() => filesIn(dir)).toEqual([])
    expect((await door.api.rooms.bull.counts(['listening'])).get('listening')?.waiting ?? 0).toBe(0)
  })

  test('413: more than 200 MB, by what it says and by what comes', async ({ door, dir }) => {
    const head = { authorization: `Bearer ${door.adminKey}`, 'content-type': 'application/json' }
    const reply = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const req = request(
        `${door.url}/api/v2/imports`,
        { method: 'POST', headers: { ...head, 'content-length': '209715201' } },
        (res) => {
          res.setEncoding('utf8').once('data', (text: string) => {
            resolve({ status: res.statusCode ?? 0, text })
            req.destroy()
          })
        },
      )
      req.on('error', reject)
      req.write('[')
    })
    expect(reply.status).toBe(413)
    expect(JSON.parse(reply.text)).toMatchObject({ code: 'body-too-large', limit: 209_715_200 })
    expect(filesIn(dir)).toEqual([])
  })

  test('415: another type, compressed', async ({ door, dir }) => {
    expectProblem(
      await door.send('POST', '/api/v2/imports', { raw: 'a,b', headers: { 'content-type': 'text/csv' } }),
      415,
      'unsupported-media-type',
    )
    expectProblem(
      await door.send('POST', '/api/v2/imports', {
        raw: history,
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      }),
      415,
      'unsupported-content-encoding',
    )
    expect(filesIn(dir)).toEqual([])
  })
})
