// A way of listening that is fetched when it is needed, which most pages never do.
import type { OpenWire, Wire } from './wire.ts'

/** Opens the way once it is there; one that cannot be fetched is lost like any other. */
export const later =
  (load: () => Promise<OpenWire>): OpenWire =>
  (hears) => {
    let wire: Wire | undefined
    let isOver = false
    load()
      .then((open) => {
        if (!isOver) wire = open(hears)
      })
      .catch(() => {
        if (!isOver) hears.closed()
      })
    return {
      listen: (want) => wire?.listen(want),
      forget: (id) => wire?.forget(id),
      ping: () => wire?.ping(),
      close: () => {
        isOver = true
        wire?.close()
      },
    }
  }
