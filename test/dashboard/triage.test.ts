// Dead letters emptied as people do it: found by cause, resubmitted step by step, discarded and brought back, live.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysOf, pointed } from './keys.ts'
import { bad, openTroubled } from './troubled.ts'
import type { Troubled } from './troubled.ts'

let site: Troubled
beforeAll(async () => {
  site = await openTroubled()
})
afterAll(() => site.close())

test('with the keyboard alone a cause is found, its payloads are changed, and the ladder is watched to its end', async () => {
  const visit = await site.visit()
  const { page } = visit
  const presses = await pointed(page)
  const keys = keysOf(page)
  await visit.open('/')
  await keys.press('g', 'd')
  await page.getByRole('link', { name: /the encoder: refused for good/ }).waitFor()
  await keys.goTo(page.getByRole('link', { name: /the encoder/ }), { key: 'j' })
  await keys.press('Enter')
  await page.getByRole('button', { name: 'Edit and resubmit…' }).waitFor()
  await keys.press('e')
  await page.getByText('14 dead letters, the oldest first:').waitFor()
  const editor = page.getByLabel('Change the payload')
  await keys.goTo(editor)
  await keys.type('{"fails_until": 0}')
  await page
    .getByRole('list', { name: /^What it changes/ })
    .getByText('fails_until')
    .waitFor()
  // Esc lets go of what is typed, and of the question only when it is pressed again.
  await keys.press('Escape', 'Tab')
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA')
  expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
  expect(await editor.inputValue()).toBe('{"fails_until": 0}')
  await keys.goTo(page.getByRole('button', { name: 'Start with 1' }))
  await keys.press('Enter')
  await page.getByText('Resubmitted 14 of 14 dead letters. Of those').waitFor()
  // The question is off the page: who works with the keyboard goes on from where it was asked.
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY')
  const steps = page.getByRole('list', { name: 'Steps' })
  expect(await steps.innerText()).toMatch(
    /1 of 1 came through[\s\S]*10 of 10 came through[\s\S]*The rest at 20\/s\s*Done/,
  )
  await page.reload()
  await page.getByText('Resubmitted 14 of 14 dead letters. Of those').waitFor()
  await page.getByText('None lies there now.', { exact: true }).waitFor()
  expect(await presses()).toEqual([])
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('what is discarded leaves at once, and comes back when somebody thinks better of it', async () => {
  const group = await site.groupWith('the card issuer', ({ open }) => open === 4)
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/dlq/${group.id}`)
  const focused = () => page.evaluate(() => document.activeElement?.closest('label, button')?.textContent?.trim())
  // A question begins where the keys go on: at its first field, or at the safe button where Enter would do harm.
  await page.getByRole('button', { name: 'Resubmit…', exact: true }).click()
  await expect.poll(focused).toBe('Try a few first')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Discard…' }).click()
  await expect.poll(focused).toBe('Keep them')
  await page.getByRole('button', { name: 'Discard 4' }).click()
  await page.getByText('Discarded 4 of 4 dead letters.').waitFor()
  await page.getByText('None lies there now.', { exact: true }).waitFor()
  await page.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Bringing them back.', { exact: false }).waitFor()
  await site.groupWith('the card issuer', ({ open }) => open === 4)
  await page.getByText('4 dead letters lie in 1 queue', { exact: false }).waitFor()
  await visit.close()
})

test('the button of what needs somebody keeps the focus while its count changes', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/')
  const triage = page.getByRole('link', { name: /^Triage: / })
  await triage.focus()
  const before = await triage.getAttribute('aria-label')
  const report = { name: 'demo.report', data: { ...bad, title: 'One more' } }
  await site.stack.client.jobs.createMany({ body: { jobs: [report] } })
  await expect.poll(() => triage.getAttribute('aria-label')).not.toBe(before)
  expect(await triage.evaluate((link) => link === document.activeElement)).toBe(true)
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('who looks after a cause is noted, and causes are merged and parted again', async () => {
  const [group, into] = [await site.groupWith('the card issuer'), await site.groupWith('the encoder')]
  const visit = await site.visit({ theme: 'dark' })
  const { page } = visit
  const heading = page.getByRole('heading', { level: 1 })
  await visit.open(`/dlq/${group.id}`)
  await heading.filter({ hasText: /^\w+: the card issuer: refused for good/ }).waitFor()
  await page.getByRole('button', { name: 'Assign and note…' }).click()
  await page.getByRole('button', { name: 'Assign to me' }).click()
  await page.getByRole('textbox', { name: 'Note' }).fill('The issuer was told.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The issuer was told.').waitFor()
  expect(await site.groupWith('the card issuer')).toMatchObject({ assignee: expect.stringMatching(/./) as string })
  await page.getByLabel('Make it part of').selectOption(into.id)
  await page.getByRole('button', { name: 'Merge', exact: true }).click()
  await heading.filter({ hasText: 'the encoder: refused for good' }).waitFor()
  await page.getByLabel('Take out of it').selectOption({ label: `merged in ${group.id}` })
  await page.getByRole('button', { name: 'Split off' }).click()
  await page.getByText('Split off 1 group.').waitFor()
  expect(await site.groupWith('the card issuer', ({ open }) => open === 4)).toMatchObject({ id: group.id })
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

/** What would be on paper. */
const printed = async (page: Page): Promise<string> => {
  await page.emulateMedia({ media: 'print' })
  await page.locator('html[data-theme=light]').waitFor()
  const text = await page.locator('body').innerText()
  await page.emulateMedia({ media: 'screen' })
  return text
}

test('who may only look is told what it takes, can print it, and comes by links of before', async () => {
  const { key } = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
  const group = await site.groupWith('the card issuer')
  const visit = await site.visit({ key, theme: 'dark' })
  await visit.open(`/dlq/${group.id}`)
  const titleOf = (name: string) => visit.page.getByRole('button', { name, exact: true }).getAttribute('title')
  expect(await titleOf('Resubmit…')).toBe('Needs recovery:write')
  expect(await titleOf('Discard…')).toBe('Needs queues:admin')
  await visit.page.getByRole('row').filter({ hasText: 'the card issuer' }).first().waitFor()
  const text = await printed(visit.page)
  expect(text).toMatch(/the card issuer[\s\S]*4 dead letters lie in 1 queue[\s\S]*Versions[\s\S]*demo\.charge/)
  expect(text).not.toMatch(/Discard…|Timeline|Copy stack trace|Search/)
  await visit.open(`/dlq/${encodeURIComponent(group.sample.dlq_id)}`)
  expect(new URL(visit.page.url()).pathname).toBe(`/dlq/entries/${encodeURIComponent(group.sample.dlq_id)}`)
  await visit.page
    .getByText(/the card issuer: refused for good/)
    .first()
    .waitFor()
  await visit.close()
})

test('after a resubmission all at once its page tells how all fare, and leads to the jobs that died again', async () => {
  const group = await site.groupWith('the card issuer', ({ open }) => open === 4)
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/dlq/${group.id}`)
  await page.getByRole('button', { name: 'Resubmit…', exact: true }).click()
  await page.getByRole('radio', { name: 'All at once' }).check()
  await page.getByRole('button', { name: 'Resubmit 4' }).click()
  await page.getByText('Resubmitted 4 of 4 dead letters.').waitFor()
  await page.getByRole('link', { name: 'Open operation' }).first().click()
  await page.getByText('Of 4: 4 failed again.').waitFor()
  const again = page.getByRole('table', { name: 'Jobs that fare badly' }).getByRole('link')
  expect(await again.count()).toBe(4)
  const job = await again.first().innerText()
  await again.first().click()
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/jobs/${encodeURIComponent(job)}`)
  await page.getByText('the card issuer: refused for good').first().waitFor()
  expect(visit.mishaps).toEqual([])
  await visit.close()
})
