// The pointer on the Pulse: a drag chooses a stretch of time, at once with a mouse, after a moment's hold with a finger.

export interface Brushing {
  /** The share of the strip, 0–1, that stays where it is when the pressed thing is dragged; undefined for a new stretch. */
  anchorOf: (target: EventTarget | null) => number | undefined
  onbegin: () => void
  onmove: (one: number, other: number) => void
  /** It ends; `isChosen` unless nothing was drawn or it was called off. */
  onend: (isChosen: boolean) => void
}

/** A drag so short is a press. */
const LEAST_PX = 4
/** Fingers scroll and tap; one that rests so long means to brush. */
const HOLD_MS = 350

/** Listens on a strip; answers how to stop. */
export const brushing = (node: HTMLElement, { anchorOf, onbegin, onmove, onend }: Brushing): (() => void) => {
  let begun: { anchor: number; x: number; id: number; isDrawn: boolean } | undefined
  let hold: ReturnType<typeof setTimeout> | undefined
  const shareAt = ({ clientX }: PointerEvent): number => {
    const { left, width } = node.getBoundingClientRect()
    return Math.min(1, Math.max(0, (clientX - left) / width))
  }
  const begin = (event: PointerEvent): void => {
    hold = undefined
    begun = { anchor: anchorOf(event.target) ?? shareAt(event), x: event.clientX, id: event.pointerId, isDrawn: false }
    node.setPointerCapture(event.pointerId)
    onbegin()
  }
  const end = (isChosen: boolean): void => {
    clearTimeout(hold)
    hold = undefined
    const was = begun
    begun = undefined
    if (was) onend(isChosen && was.isDrawn)
  }
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.isPrimary) return
    if (event.pointerType === 'touch') hold = setTimeout(() => begin(event), HOLD_MS)
    else begin(event)
  }
  const move = (event: PointerEvent): void => {
    if (!begun) return end(false)
    if (event.pointerId !== begun.id || (!begun.isDrawn && Math.abs(event.clientX - begun.x) < LEAST_PX)) return
    begun.isDrawn = true
    onmove(begun.anchor, shareAt(event))
  }
  const up = (): void => end(true)
  const cancel = (): void => end(false)
  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && begun) cancel()
  }
  // What rests on the strip with a finger would open a menu otherwise.
  const menu = (event: Event): void => {
    if (begun) event.preventDefault()
  }
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel, contextmenu: menu }
  for (const [name, listener] of Object.entries(listeners)) node.addEventListener(name, listener as EventListener)
  addEventListener('keydown', key)
  return () => {
    end(false)
    for (const [name, listener] of Object.entries(listeners)) node.removeEventListener(name, listener as EventListener)
    removeEventListener('keydown', key)
  }
}
