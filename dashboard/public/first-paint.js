// Sets theme, contrast, density and motion before the first paint; external because the page's policy forbids inline scripts.
;(() => {
  let liked = {}
  try {
    liked = JSON.parse(localStorage.getItem('k1n.preferences')) ?? {}
  } catch {
    // Storage can be forbidden, and hold anything; what the system asks for is the answer then.
  }
  const { theme, contrast, density, motion } = liked
  const asks = (query) => matchMedia(query).matches
  const dark = theme === 'dark' || (theme !== 'light' && asks('(prefers-color-scheme: dark)'))
  Object.assign(document.documentElement.dataset, {
    theme: dark ? 'dark' : 'light',
    contrast: contrast === 'more' || asks('(prefers-contrast: more)') ? 'more' : 'plain',
    density: density === 'compact' ? 'compact' : 'comfortable',
    motion: motion === 'reduced' || asks('(prefers-reduced-motion: reduce)') ? 'reduced' : 'full',
  })
})()
