// How somebody likes the dashboard, as one store: a change holds at once, is told to the other tabs, and is saved at the server;
// what could not be saved holds in this browser until it can.
import type { Preferences, PreferencesPatch } from '../../../shared/preferences/contract.ts'
import { firstPreferences } from '../../../shared/preferences/first-words.ts'
import type { Failure } from '../failure.ts'

/** Whether what was changed last is at the server, or why not. */
export type Saving = { state: 'saved' } | { state: 'busy' } | { state: 'refused'; failure: Failure }

/** What the store stands on; in the page that is storage, a channel between tabs, and the API. */
export interface Ground {
  /** What this browser kept, as text. */
  read(): string | null
  keep(text: string): void
  tell(patch: PreferencesPatch): void
  fetch(): Promise<Preferences>
  save(patch: PreferencesPatch): Promise<Preferences>
  failureOf(error: unknown): Failure
  /** Called after every change of what holds, and of how saving goes. */
  changed(): void
}

type Values = Partial<Preferences>

/** Members that are given, and what null stands for. */
export const merged = (before: Preferences, patch: PreferencesPatch): Preferences => {
  const first = firstPreferences()
  const given = Object.entries(patch).filter(([, value]) => value !== undefined)
  const values = given.map(([name, value]) => [name, value ?? first[name as keyof Preferences]])
  return { ...before, ...(Object.fromEntries(values) as Values) }
}

const membersOf = <Value extends object>(value: Value, fits: (member: unknown) => boolean): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => fits(member))) as Value

/** Reads what a browser kept; what is not as it should be is as at first. */
export const readKept = (text: string | null): Preferences => {
  const first = firstPreferences()
  try {
    const kept = JSON.parse(text ?? '{}') as Record<string, unknown>
    const fits = Object.entries(first).filter(([name, value]) => value === null || typeof kept[name] === typeof value)
    const read = {
      ...first,
      ...(Object.fromEntries(fits.map(([name, value]) => [name, kept[name] ?? value])) as Values),
    }
    return {
      ...read,
      keys: membersOf(read.keys, (keys) => typeof keys === 'string'),
      pinned_lanes: membersOf(read.pinned_lanes, Array.isArray),
    }
  } catch {
    return first
  }
}

/** The server says that the change itself cannot be: sending it again would not help. */
const isWrong = ({ kind }: Failure): boolean => kind === 'invalid'

export class PreferenceStore {
  #now: Preferences
  #saving: Saving = { state: 'saved' }
  /** What is not saved yet, and what is on its way. */
  #waiting: PreferencesPatch = {}
  #sent: PreferencesPatch = {}
  #isSending = false
  /** Counts what holds and what was saved: an answer that was on its way meanwhile may be older. */
  #changes = 0
  readonly #ground: Ground

  constructor(ground: Ground) {
    this.#ground = ground
    this.#now = readKept(ground.read())
  }

  get now(): Preferences {
    return this.#now
  }

  get saving(): Saving {
    return this.#saving
  }

  /** Changes some of it: here at once, in other tabs, and at the server. Null puts one back as it was at first. */
  change(patch: PreferencesPatch): void {
    this.#become(merged(this.#now, patch))
    this.#ground.tell(patch)
    this.#waiting = { ...this.#waiting, ...patch }
    void this.save()
  }

  /** What another tab changed; it saves that itself. */
  heard(patch: PreferencesPatch): void {
    this.#become(merged(this.#now, patch))
  }

  /** Takes what the server has, under what was changed meanwhile. Without an answer what this browser kept goes on. */
  async load(): Promise<void> {
    const before = this.#changes
    try {
      const found = await this.#ground.fetch()
      if (this.#changes === before) this.#become(merged(found, { ...this.#sent, ...this.#waiting }))
      else await this.load()
    } catch {
      // Nothing was asked for by anybody; the next change says whether the server can be reached.
    }
  }

  /** Saves what is not saved yet, one request after the other. */
  async save(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    while (Object.keys(this.#waiting).length > 0 && (await this.#send()));
    this.#isSending = false
  }

  /** Answers whether to go on. */
  async #send(): Promise<boolean> {
    const sent = (this.#sent = this.#waiting)
    this.#waiting = {}
    this.#tell({ state: 'busy' })
    try {
      await this.#ground.save(sent)
      this.#sent = {}
      this.#changes++
      this.#tell({ state: 'saved' })
      return true
    } catch (error) {
      return this.#refused(sent, this.#ground.failureOf(error))
    }
  }

  /** What cannot be is taken back; anything else waits for another try. */
  async #refused(sent: PreferencesPatch, failure: Failure): Promise<boolean> {
    this.#sent = {}
    if (isWrong(failure)) await this.load()
    else this.#waiting = { ...sent, ...this.#waiting }
    this.#tell({ state: 'refused', failure })
    return isWrong(failure)
  }

  #become(next: Preferences): void {
    this.#now = next
    this.#changes++
    this.#ground.keep(JSON.stringify(next))
    this.#ground.changed()
  }

  #tell(saving: Saving): void {
    this.#saving = saving
    this.#ground.changed()
  }
}
