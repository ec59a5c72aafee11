// Short messages about what just happened; one that is an error or can be acted on stays until it is dismissed, the rest leave
// by themselves.
import { SvelteMap } from 'svelte/reactivity'

export interface Toast {
  id: number
  kind: 'done' | 'error'
  text: string
  link?: { href: string; label: string }
  /** Takes it back, or goes on from it; a message with one stays until it is dismissed. */
  action?: { label: string; run: () => void }
}

const VISIBLE_MAX = 4
const shown = new SvelteMap<number, Toast>()
let latest = 0

const add = (toast: Omit<Toast, 'id'>): number => {
  const id = ++latest
  shown.set(id, { id, ...toast })
  const [oldest] = shown.keys()
  if (shown.size > VISIBLE_MAX && oldest !== undefined) shown.delete(oldest)
  return id
}

export const toasts = {
  get shown(): Toast[] {
    return [...shown.values()]
  },
  /** Says what was done, in the words of the button that did it ("Resubmit" → "Resubmitted"). */
  done: (text: string, { link, action }: Pick<Toast, 'link' | 'action'> = {}): number =>
    add({ kind: 'done', text, ...(link && { link }), ...(action && { action }) }),
  error: (text: string): number => add({ kind: 'error', text }),
  dismiss: (id: number): boolean => shown.delete(id),
}
