// Toasts never pile up over the page.
import { expect, test } from 'vitest'
import { toasts } from './toasts.ts'

test('only the newest four are shown, and a dismissed one leaves', () => {
  const ids = ['1', '2', '3', '4', '5'].map((text) => toasts.done(text))
  expect(toasts.shown.map((toast) => toast.text)).toEqual(['2', '3', '4', '5'])
  toasts.dismiss(ids[2] ?? 0)
  expect(toasts.shown.map((toast) => toast.text)).toEqual(['2', '4', '5'])
})

test('one that can be acted on carries what the action does', () => {
  let taken = 0
  toasts.done('Discarded 12.', { action: { label: 'Undo', run: () => (taken += 1) } })
  toasts.shown.at(-1)?.action?.run()
  expect(taken).toBe(1)
})
