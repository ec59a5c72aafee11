// Gives a text to the browser as a file to keep.

export const saveFile = (name: string, type: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun with the click; a moment more costs nothing.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
