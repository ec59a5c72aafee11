// Frames of ours must stand out from those of libraries and the runtime.
import { expect, test } from 'vitest'
import { readStack } from './stack.ts'

const stack = `SMTPError: 450 Greylisted, try again later
    at send (/srv/mailer/smtp.ts:88:11)
    at Pool.request (/srv/node_modules/undici/lib/pool.js:10:2)
    at async file:///srv/workers/bull.ts:40:3
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at <anonymous>`

test('the message and our own frames are kept apart from the rest', () => {
  expect(readStack(stack).map((frame) => frame.ours)).toEqual([true, true, false, true, false, false])
  expect(readStack(stack)[1]?.place).toBe('/srv/mailer/smtp.ts:88:11')
})

test('a text that is no stack is shown as it is, and a huge one is cut', () => {
  expect(readStack('boom')).toEqual([{ text: 'boom', ours: true }])
  expect(readStack('x\n'.repeat(10_000))).toHaveLength(500)
  expect(readStack('')).toEqual([])
})
