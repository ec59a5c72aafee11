// Toasts never pile up over the page.
import { expect, test } from 'vitest'
import { toasts } from './toasts.ts'

test('only the newest four are shown, and a dismissed one leaves', () => {
  const ids = ['1', '2', '3', '4', '5'].map((text) => toasts.done(text))
  expect(toasts.shown.map((toast) => toast.text)).toEqual(['2', '3', '4', '5'])
  toasts.dismiss(ids[2] ?? 0)
  expect(toasts.shown.map((toast) => toast.text)).toEqual(['2', '4', '5'])
})
