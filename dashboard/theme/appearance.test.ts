// What somebody chose wins over what the system asks for; where nothing was chosen the system decides, and paper is light.
import { expect, test } from 'vitest'
import { firstPreferences } from '../../shared/preferences/first-words.ts'
import { attributesOf } from './appearance.ts'

const nothing = { dark: false, paper: false, contrast: false, still: false }
const first = firstPreferences()

test('without a choice the system decides', () => {
  expect(attributesOf(first, nothing)).toEqual({
    theme: 'light',
    contrast: 'plain',
    density: 'comfortable',
    motion: 'full',
  })
  expect(attributesOf(first, { dark: true, paper: false, contrast: true, still: true })).toEqual({
    theme: 'dark',
    contrast: 'more',
    density: 'comfortable',
    motion: 'reduced',
  })
})

test('a choice wins over the system, but not over paper', () => {
  expect(attributesOf({ ...first, theme: 'light' }, { ...nothing, dark: true }).theme).toBe('light')
  expect(attributesOf({ ...first, theme: 'dark' }, nothing).theme).toBe('dark')
  expect(attributesOf({ ...first, theme: 'dark' }, { ...nothing, paper: true }).theme).toBe('light')
  expect(attributesOf({ ...first, contrast: 'more', density: 'compact', motion: 'reduced' }, nothing)).toMatchObject({
    contrast: 'more',
    density: 'compact',
    motion: 'reduced',
  })
})
