// The theme someone chose: system, light or dark, remembered on this device and applied at once.

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const KEY = 'k1n.theme'
const darkSystem = matchMedia('(prefers-color-scheme: dark)')
/** Paper is light, whatever the screen is. */
const paper = matchMedia('print')

const remembered = (): Theme => {
  try {
    return themes.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system'
  } catch {
    return 'system'
  }
}

let chosen = $state<Theme>(remembered())

const paint = (): void => {
  const dark = !paper.matches && (chosen === 'dark' || (chosen === 'system' && darkSystem.matches))
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
}

darkSystem.addEventListener('change', paint)
paper.addEventListener('change', paint)

export const theme = {
  get chosen(): Theme {
    return chosen
  },
  /** Applies a theme now; where storage is forbidden it lasts until the page closes. */
  choose(next: Theme): void {
    chosen = next
    paint()
    try {
      localStorage.setItem(KEY, next)
    } catch {
      // Nothing to do: the choice holds for this page.
    }
  },
}
