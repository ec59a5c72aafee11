// One theme at one width, of the four that every page has.
import type { Page } from 'playwright-core'

export interface Look {
  readonly theme: 'light' | 'dark'
  readonly width: 1440 | 360
}

/** Gives a page this look and waits until it has it: the navigation of a phone comes a moment after the width. */
export const putOn = async (page: Page, { theme, width }: Look): Promise<void> => {
  await page.emulateMedia({ colorScheme: theme })
  await page.setViewportSize({ width, height: width === 360 ? 780 : 900 })
  await page.waitForFunction((isPhone) => {
    const shell = document.querySelector('.shell')
    return shell === null || shell.classList.contains('phone') === isPhone
  }, width === 360)
}
