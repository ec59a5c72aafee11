// What the palette knows of: fetched when it opens, each kind by itself, so that one that fails is told and hides no other.
import { api } from '../data/api.ts'
import { session } from '../data/session.ts'
import { linkTo, router } from '../router.svelte.ts'
import { keyboard } from './keyboard.svelte.ts'
import { groups } from './navigation.ts'
import type { Item } from './palette.ts'
import { kept } from './visits.ts'

type Kind = Item['kind']
type Scope = Parameters<typeof session.lacks>[0]

interface Source {
  kind: Kind
  /** What is said where it could not be looked through. */
  many: string
  scope: Scope
  find: (signal: AbortSignal) => Promise<Item[]>
}

const LOOKED_AT = 200
const query = { limit: LOOKED_AT } as const
const leads = (href: string) => (): void => void router.go(href)
const thing = (kind: Kind, id: string, label: string, href: string, also = ''): Item => ({
  id: `${kind} ${id}`,
  kind,
  label,
  also,
  run: leads(href),
})

const sources: readonly Source[] = [
  {
    kind: 'Queue',
    many: 'queues',
    scope: 'queues:read',
    find: async (signal) =>
      (await api.queues.list({ signal })).data.map(({ name }) =>
        thing('Queue', name, name, linkTo('queue', { queue: name })),
      ),
  },
  {
    kind: 'Schedule',
    many: 'schedules',
    scope: 'schedules:read',
    find: async (signal) =>
      (await api.schedules.list({ query, signal })).data.map(({ id, name }) =>
        thing('Schedule', id, name, linkTo('schedule', { id }), id),
      ),
  },
  {
    kind: 'Service',
    many: 'services',
    scope: 'services:read',
    find: async (signal) =>
      (await api.services.list({ query, signal })).data.map(({ name }) =>
        thing('Service', name, name, linkTo('service', { service: name })),
      ),
  },
  {
    kind: 'Webhook',
    many: 'webhooks',
    scope: 'webhooks:read',
    find: async (signal) =>
      (await api.webhooks.list({ query, signal })).data.map(({ id, url }) =>
        thing('Webhook', id, url, linkTo('webhook', { id }), id),
      ),
  },
  {
    kind: 'Cause of dead letters',
    many: 'causes of dead letters',
    scope: 'recovery:read',
    find: async (signal) =>
      (await api.triage.list({ query, signal })).data.map(({ id, title }) =>
        thing('Cause of dead letters', id, title, linkTo('deadLetterGroup', { group: id }), id),
      ),
  },
]

const pages = (): Item[] =>
  groups.flatMap(({ name, entries }) =>
    entries.map(({ route, label }) => thing('Page', route, label, linkTo(route), name)),
  )

/** Pages have entries of their own, so that ways to them are no commands. */
const commands = (): Item[] =>
  keyboard.here
    .filter(({ id }) => !id.startsWith('g ') && !/^[jk/]$/.test(id))
    .map(({ id, keys, does, run }) => ({ id: `Command ${id}`, kind: 'Command' as const, label: does, keys, run }))

export class Known {
  things = $state.raw<readonly Item[]>([])
  /** What could not be looked through, and why not. */
  missed = $state.raw<readonly string[]>([])
  loading = $state(false)
  readonly #near: readonly Item[]
  readonly #stop = new AbortController()

  constructor() {
    const recent = kept().map(({ href, title }) => thing('Recent', href, title, href))
    this.#near = [...recent, ...pages(), ...commands()]
    void this.#load()
  }

  get all(): readonly Item[] {
    return [...this.#near, ...this.things]
  }

  stop(): void {
    this.#stop.abort()
  }

  async #load(): Promise<void> {
    this.loading = true
    await Promise.all(sources.map((source) => this.#look(source)))
    this.loading = false
  }

  async #look({ many, scope, find }: Source): Promise<void> {
    if (session.lacks(scope) !== undefined) {
      this.missed = [...this.missed, `${many} (needs ${scope})`]
      return
    }
    try {
      // Others may have come meanwhile: what is there is read after the answer.
      const found = await find(this.#stop.signal)
      this.things = [...this.things, ...found]
    } catch {
      if (!this.#stop.signal.aborted) this.missed = [...this.missed, `${many} (no answer)`]
    }
  }
}
