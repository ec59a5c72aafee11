// What a page gives away when it is asked to: texts for the clipboard, and files that it makes by itself. All of a page that offers one
// is pressed, and what comes is taken whole, so that it can be searched.
import { EventEmitter, once } from 'node:events'
import type { ElementHandle, Page } from 'playwright-core'

export interface Taken {
  kind: 'copy' | 'file'
  /** What was pressed; of a menu, its name and that of the choice: `More for Runs › Copy link`. */
  by: string
  text: string
}

/** How what copies or saves something begins to say so. */
const OFFERS = /^(Copy|Download|Save as)\b/
/** Keys that copy where no button does. */
const KEYS = ['y', 'Y']
/** What was pressed gives at once, or fetches what it gives. */
const PATIENCE_MS = 10_000

interface Gives {
  give(kind: Taken['kind'], text: string): Promise<void>
}

/** Stands in for the clipboard and hears of each file as it is made: of those that are saved, the browser lets through no more than ten
 *  in a row. What is given in any other way is missed, which is said. */
const hear = (): void => {
  const give: Gives['give'] = (kind, text) => (globalThis as unknown as Gives).give(kind, text)
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: (text: string) => give('copy', text) } })
  const make = URL.createObjectURL.bind(URL)
  URL.createObjectURL = (of) => {
    if (of instanceof Blob) void of.text().then((text) => give('file', text))
    return make(of)
  }
}

/** What is folded away is in no list of what can be pressed. */
const unfold = async (page: Page): Promise<void> => {
  for (const part of await page.locator('details:not([open])').elementHandles())
    await part.evaluate((one) => ((one as HTMLDetailsElement).open = true))
  await page.locator('[aria-busy="true"]:not(button)').waitFor({ state: 'detached' })
}

const nameOf = (control: ElementHandle): Promise<string> =>
  control.evaluate((one) => ((one as HTMLElement).ariaLabel ?? one.textContent ?? '').trim())
const click = (control: ElementHandle): Promise<void> => control.evaluate((one) => (one as HTMLElement).click())

/** Opens the menu of a button and presses the choice of this name; without one, shuts it again. Answers what can be chosen. */
const choose = (button: ElementHandle, name?: string): Promise<string[]> =>
  // In one go: whatever scrolls shuts a menu.
  button.evaluate((node, wanted) => {
    const one = node as HTMLButtonElement
    const menu = one.popoverTargetElement as HTMLElement | null
    one.click()
    if (!menu?.matches(':popover-open')) throw new Error(`${one.ariaLabel ?? ''} opened no menu`)
    const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]:not([aria-disabled=true])')]
    const named = ({ textContent }: HTMLElement): string => textContent.trim()
    const chosen = items.find((item) => named(item) === wanted)
    if (chosen) chosen.click()
    else menu.hidePopover()
    return items.map(named)
  }, name)

interface Offer {
  by: string
  press: () => Promise<unknown>
}

const buttonsOf = async (page: Page): Promise<Offer[]> => {
  const buttons = await page.getByRole('button', { name: OFFERS, disabled: false }).elementHandles()
  const links = await page.locator('a[download]:visible').elementHandles()
  return Promise.all([...buttons, ...links].map(async (one) => ({ by: await nameOf(one), press: () => click(one) })))
}

const choicesOf = async (page: Page): Promise<Offer[]> => {
  const offers: Offer[] = []
  for (const button of await page.locator('[aria-haspopup]:visible').elementHandles()) {
    const names = (await choose(button)).filter((name) => OFFERS.test(name))
    const of = await nameOf(button)
    offers.push(...names.map((name) => ({ by: `${of} › ${name}`, press: () => choose(button, name) })))
  }
  return offers
}

/** A grid or a field that has the focus keeps keys to itself. */
const keysOf = (page: Page): Offer[] =>
  KEYS.map((key) => ({
    by: `key ${key}`,
    press: async () => {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      await page.keyboard.press(key)
    },
  }))

/** Comes before the page is opened. Answers how to take all that the page which is open then gives; throws where something gives
 *  nothing, for then it was not looked at. */
export const openTaking = async (page: Page): Promise<() => Promise<Taken[]>> => {
  const came = new EventEmitter()
  let taken: Taken[] = []
  let by = ''
  await page.exposeFunction('give' satisfies keyof Gives, (kind: Taken['kind'], text: string): void => {
    taken.push({ kind, by, text })
    came.emit('taken')
  })
  await page.addInitScript(hear)
  return async () => {
    taken = []
    await unfold(page)
    for (const offer of [...(await buttonsOf(page)), ...(await choicesOf(page)), ...keysOf(page)]) {
      const before = taken.length
      by = offer.by
      await offer.press()
      const signal = AbortSignal.timeout(PATIENCE_MS)
      while (taken.length === before)
        await once(came, 'taken', { signal }).catch(() => {
          throw new Error(`${by} of ${page.url()} gave nothing`)
        })
    }
    return taken
  }
}
