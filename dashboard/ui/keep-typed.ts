// Esc closes a question, and what was typed into it would be gone: where something was, only the next Esc does.
import type { Attachment } from 'svelte/attachments'

/** For the field of a question that somebody types much into. */
export const keepTyped: Attachment<HTMLTextAreaElement> = (node) => {
  let kept = node.value
  const keep = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || node.value === kept) return
    event.preventDefault()
    kept = node.value
  }
  node.addEventListener('keydown', keep)
  return () => node.removeEventListener('keydown', keep)
}
