// The keyboard as a person uses it: where the focus is is found by Tab, never set, and each press is counted.
import type { Locator, Page } from 'playwright-core'

/** Notes every press of a mouse, a finger or a pen from the next page on; answers how to ask which there were. */
export const pointed = async (page: Page): Promise<() => Promise<string[]>> => {
  await page.addInitScript(() => {
    const presses: string[] = []
    Object.assign(globalThis, { presses })
    for (const type of ['pointerdown', 'mousedown', 'touchstart'])
      addEventListener(type, () => presses.push(type), { capture: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { presses: string[] }).presses)
}

/** What the focus came by, in words, for when it never got where it should. */
const here = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const at = document.activeElement
    return `${at?.tagName ?? 'nothing'} "${(at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim().slice(0, 40)}"`
  })

export interface Keys {
  /** Keys pressed so far; each letter of what was typed is one. */
  readonly pressed: number
  press(...keys: string[]): Promise<void>
  type(text: string): Promise<void>
  /** Puts other text in place of what stands in the field that has the focus. */
  retype(text: string): Promise<void>
  /** Whether one of these has the focus. */
  isOn(target: Locator): Promise<boolean>
  /** Presses a key, Tab unless said, until one of these has the focus; fails when so many presses do not get there. */
  goTo(target: Locator, by?: { key?: string; most?: number }): Promise<void>
}

/** The keys of a page. Each is held for so long, as fingers take their time. */
export const keysOf = (page: Page, heldMs = 0): Keys => {
  let pressed = 0
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      pressed++
      await page.keyboard.press(key, { delay: heldMs })
    }
  }
  const isOn = (target: Locator): Promise<boolean> =>
    target.evaluateAll((found) => found.some((one) => one === document.activeElement))
  const keys: Keys = {
    get pressed() {
      return pressed
    },
    press,
    isOn,
    type: (text) => press(...Array.from(text)),
    async retype(text) {
      await press('ControlOrMeta+a')
      await keys.type(text)
    },
    async goTo(target, { key = 'Tab', most = 40 } = {}) {
      const stops: string[] = []
      while (!(await isOn(target))) {
        if (stops.length === most) throw new Error(`${key} did not get to ${String(target)}: ${stops.join(', ')}`)
        await press(key)
        stops.push(await here(page))
      }
    },
  }
  return keys
}
