// Whose page this is: what it holds of somebody, such as a preference that could not be saved, is nothing for the next to sign in there.
import { session, type Session } from './session.ts'

let last: string | undefined

/** What stands on whoever is there: all that the page holds in memory, and what the browser kept of their preferences. */
export interface Page {
  forget(): void
  /** Begins anew, with the session that is open by then. */
  reload(): void
}

const own: Page = {
  forget() {
    try {
      localStorage.removeItem('k1n.preferences')
    } catch {
      // Where nothing can be removed nothing was kept.
    }
  },
  reload: () => location.reload(),
}

/** Notes that somebody is there, by the id of their key. */
export const isHere = (id: string): void => void (last = id)

/** Lets in whoever signed in. Where somebody else was there before, the page begins anew, without what it holds of them. */
export const letIn = (found: Session, page: Page = own): void => {
  if (last === undefined || last === found.id) return session.opened(found)
  page.forget()
  page.reload()
}
