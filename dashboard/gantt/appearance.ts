// Tells when the page may look different: theme, contrast, motion, forced colours, a screen of another resolution, text size.

const QUERIES = ['(forced-colors: active)']
const ATTRIBUTES = ['data-theme', 'data-contrast', 'data-density', 'data-motion', 'style', 'class']

/** Calls back after every change, until the answer is called. */
export const onAppearance = (changed: () => void): (() => void) => {
  const page = new MutationObserver(changed)
  page.observe(document.documentElement, { attributes: true, attributeFilter: ATTRIBUTES })
  const queries = QUERIES.map((query) => matchMedia(query))
  for (const query of queries) query.addEventListener('change', changed)
  const stopRatio = onPixelRatio(changed)
  return () => {
    page.disconnect()
    for (const query of queries) query.removeEventListener('change', changed)
    stopRatio()
  }
}

/** A query for a resolution only tells that it was left, so each change asks for the next. */
const onPixelRatio = (changed: () => void): (() => void) => {
  let query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
  const left = (): void => {
    query.removeEventListener('change', left)
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
    query.addEventListener('change', left)
    changed()
  }
  query.addEventListener('change', left)
  return () => query.removeEventListener('change', left)
}
