// What is typed into something that is still being fetched.

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** The text as the key leaves it; undefined for a key that goes its own way (Tab, and all with Ctrl, Alt or Meta). */
export const typedEarly = (typed: string, { key, ctrlKey, metaKey, altKey }: Pressed): string | undefined => {
  if (ctrlKey || metaKey || altKey) return undefined
  if (key === 'Backspace') return typed.slice(0, -1)
  if (key === 'Escape' || key === 'Enter') return typed
  return key.length === 1 ? typed + key : undefined
}
