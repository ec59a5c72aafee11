// How the page looks: what somebody chose, or else what the system asks for, as attributes of the root that the theme's rules read.
// `public/first-paint.js` does the same before anything else is there.
import type { Preferences } from '../../shared/preferences/contract.ts'

export type Looks = Pick<Preferences, 'theme' | 'contrast' | 'density' | 'motion'>
type Asked = Record<'dark' | 'paper' | 'contrast' | 'still', boolean>

/** What the root says. Paper is light, whatever the screen is. */
export const attributesOf = (
  { theme, contrast, density, motion }: Looks,
  asked: Asked,
): Record<'theme' | 'contrast' | 'density' | 'motion', string> => ({
  theme: !asked.paper && (theme === 'dark' || (theme === 'system' && asked.dark)) ? 'dark' : 'light',
  contrast: contrast === 'more' || asked.contrast ? 'more' : 'plain',
  density,
  motion: motion === 'reduced' || asked.still ? 'reduced' : 'full',
})

const QUERIES: Record<keyof Asked, string> = {
  dark: '(prefers-color-scheme: dark)',
  paper: 'print',
  contrast: '(prefers-contrast: more)',
  still: '(prefers-reduced-motion: reduce)',
}

/** Answers a function that gives the page other looks, at once; they follow the system from then on. */
export const createAppearance = (): ((looks: Looks) => void) => {
  const queries = Object.entries(QUERIES).map(([name, query]) => [name, matchMedia(query)] as const)
  let chosen: Looks | undefined
  const paint = (): void => {
    if (!chosen) return
    const asked = Object.fromEntries(queries.map(([name, query]) => [name, query.matches])) as Asked
    Object.assign(document.documentElement.dataset, attributesOf(chosen, asked))
  }
  for (const [, query] of queries) query.addEventListener('change', paint)
  return (looks) => {
    chosen = looks
    paint()
  }
}
