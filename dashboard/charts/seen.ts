// Whether an element is within the window, or nearly.

/** Tells whenever that changes; to be attached to the element. */
export const onSeen =
  (tell: (isSeen: boolean) => void) =>
  (node: Element): (() => void) => {
    const observer = new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: '100px',
    })
    observer.observe(node)
    return () => observer.disconnect()
  }
