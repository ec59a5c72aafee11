// Sets the theme before the first paint; external because the page's policy forbids inline scripts.
;(() => {
  let choice = null
  try {
    choice = localStorage.getItem('k1n.theme')
  } catch {
    // Storage can be forbidden; the system's theme is the answer then.
  }
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
