// Puts text on the clipboard, also on plain http where the browser offers no clipboard interface.

const byCommand = (text: string): boolean => {
  const field = document.createElement('textarea')
  field.value = text
  field.setAttribute('readonly', '')
  field.className = 'visually-hidden'
  const focused = document.activeElement
  const parent = focused?.closest('dialog') ?? document.body
  parent.append(field)
  field.select()
  // The only way that works outside a secure context; every browser still carries it.
  // oxlint-disable-next-line typescript/no-deprecated
  const copied = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return copied
}

/** Answers whether the text is on the clipboard now. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return byCommand(text)
  }
}
