// The receivers of docs/guides/webhooks.md do what the guide says: take what we send, and nothing else.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePort } from '../../scripts/setup/free-port.mjs'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { bodyOf, headersOf } from './message.ts'
import { makeSecret } from './sign.ts'

const guide = readFileSync('docs/guides/webhooks.md', 'utf8')
const blockAfter = (heading: string, language: string): string =>
  new RegExp(`### ${heading}\n[\\s\\S]*?\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] ?? ''

const secret = makeSecret()
const body = bodyOf({ id: '1-0', name: 'job.failed', at: Date.now(), data: '{"queue":"größer"}' })
const message = (text: string, at = Date.now()) => ({
  text,
  headers: headersOf(
    { messageId: 'msg_1', eventId: '1-0', eventType: 'job.failed', body, deliveryId: 'dlv_1', attempt: 1, hop: 0, at },
    { secrets: [makeSecret(), secret], headers: {}, legacySignature: null },
  ),
})
/** As it is, with a changed byte, and ten minutes old. */
const messages = [message(body), message(body.replace('job', 'jod')), message(body, Date.now() - 600_000)]

const test = base.extend<{ start: (file: string, env: Record<string, string>) => Promise<ChildProcess> }>({
  start: async ({}, use) => {
    const children: ChildProcess[] = []
    await use(async (file, env) => {
      const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      await once(child.stdout, 'data')
      return child
    })
    for (const child of children) child.kill()
  },
})

test('the one in JavaScript', async ({ dir, start }) => {
  const file = join(dir, 'receiver.mjs')
  writeFileSync(file, blockAfter('JavaScript', 'js'))
  symlinkSync(resolve('node_modules'), join(dir, 'node_modules'))
  const port = await freePort()
  const child = await start(file, { WEBHOOK_SECRET: secret, PORT: String(port) })
  const told: string[] = []
  child.stdout?.on('data', (chunk: Buffer) => told.push(chunk.toString()))
  const send = async ({ text, headers }: (typeof messages)[number]): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/in`, { method: 'POST', headers, body: text })).status
  const statuses = [...(await Promise.all(messages.map(send))), await send(message(body))]
  expect(statuses).toEqual([204, 400, 400, 204])
  await expect.poll(() => told.join('')).toBe('job.failed\n')
})

const hasPython = spawnSync('python3', ['--version']).status === 0

test.skipIf(!hasPython)('the one in Python without a library', ({ dir }) => {
  const runner = `
import sys
for case in json.load(sys.stdin):
    try:
        print(receive(case["headers"], case["text"].encode(), sys.argv[1])["type"])
    except ValueError as error:
        print(error)
`
  const file = join(dir, 'receiver.py')
  writeFileSync(file, blockAfter('Without a library', 'python') + runner)
  const { stdout, stderr } = spawnSync('python3', [file, secret], { input: JSON.stringify(messages) })
  expect(stderr.toString()).toBe('')
  expect(stdout.toString().trim().split('\n')).toEqual([
    'job.failed',
    'not signed with our secret',
    'too old, or from the future',
  ])
})

test.each([
  ['Python', 'python', ['os.environ["WEBHOOK_SECRET"]', 'webhook.verify(request.get_data(), dict(request.headers))']],
  ['Go', 'go', ['os.Getenv("WEBHOOK_SECRET")', 'body, err := io.ReadAll(r.Body)', 'webhook.Verify(body, r.Header)']],
  ['Ruby', 'ruby', ['ENV.fetch("WEBHOOK_SECRET")', 'webhook.verify(request.body.read, headers)']],
  ['Java', 'java', ['System.getenv("WEBHOOK_SECRET")', '@RequestBody String body', 'webhook.verify(body, headers.']],
])(
  'the one in %s reads the secret, and verifies the body as it came before anything reads it',
  (name, language, steps) => {
    const block = blockAfter(name, language)
    const places = steps.map((step) => block.indexOf(step))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(block).not.toMatch(/json|unmarshal|objectmapper|params/i)
  },
)
