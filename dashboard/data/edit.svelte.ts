// Editing something others may edit too: what was typed is kept, what they changed is told, and the newest version is the one a
// save is conditional on.
import { changedIn, either, rebase, type Draft } from './draft.ts'

export class Edit {
  draft = $state<Record<string, string>>({})
  /** Fields that somebody else changed since the first key was pressed here. */
  theirs = $state.raw<readonly string[]>([])
  version = $state<number>()
  #base = $state.raw<Draft>({})

  /** The fields that were changed here. */
  get changed(): string[] {
    return changedIn(this.draft, this.#base)
  }

  /** What the form began with: the newest that is saved. */
  get base(): Draft {
    return this.#base
  }

  /** What holds now, as it is told; called again whenever that changes. */
  take(version: number, next: Draft): void {
    if (this.version === undefined) this.#begin(version, next)
    else if (version !== this.version) this.#go(version, next)
  }

  /** Starts again from what was saved. */
  saved(version: number, next: Draft): void {
    this.#begin(version, next)
  }

  /** Drops what was typed. */
  revert(): void {
    this.#begin(this.version ?? 0, this.#base)
  }

  #go(version: number, next: Draft): void {
    const mine = this.changed.length > 0
    const theirs = changedIn(next, this.#base)
    this.theirs = mine ? either(this.theirs, theirs) : []
    this.draft = { ...rebase(this.draft, this.#base, next) }
    this.#base = next
    this.version = version
  }

  #begin(version: number, next: Draft): void {
    this.draft = { ...next }
    this.#base = next
    this.theirs = []
    this.version = version
  }
}

/** The header that makes a change conditional on the version it was made for. */
export const ifMatch = (version: number | undefined): Record<string, string> =>
  version === undefined ? {} : { 'if-match': `"${version}"` }
