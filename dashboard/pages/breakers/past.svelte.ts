// The past states of breakers over the span every page looks at: fetched when the span or a state changes, drawn up to now or to where it ends.
import type { Breaker, BreakerTimeline } from '../../../shared/breakers/contract.ts'
import { api } from '../../data/api.ts'
import { spanNote } from '../../charts/kind.ts'
import { askedSpan, scopeKey, scopeOf, scopeUntil, type Scope } from '../../charts/scope.ts'
import { rewound } from '../../data/looking-back.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { router } from '../../router.svelte.ts'
import { usual } from '../../shell/usual.svelte.ts'
import { clock } from '../../ui/clock.ts'
import { watch } from '../../ui/watch.svelte.ts'
import { zone } from '../../ui/zone.ts'
import { segmentsOf, type Segment, type Span } from './strip.ts'

/** The most services one call tells of, and the most calls that are made for one picture. */
const AT_ONCE = 20
const CALLS_MAX = 3
/** Several breakers often change together. */
const SETTLE_MS = 100

type Known = Pick<BreakerTimeline, 'services' | 'truncated'>

const fetchPast = async (
  names: readonly string[],
  asked: ReturnType<typeof askedSpan>,
  signal: AbortSignal,
): Promise<Known> => {
  const groups = Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, i) =>
    names.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  )
  const answers = await Promise.all(
    groups.slice(0, CALLS_MAX).map((service) => api.breakers.timeline({ query: { ...asked, service }, signal })),
  )
  return {
    services: answers.flatMap(({ services }) => services),
    truncated: groups.length > CALLS_MAX || answers.some(({ truncated }) => truncated),
  }
}

export class Past {
  readonly loaded = new Resource<Known>()
  readonly #breakers: () => readonly Breaker[]

  /** Call it while a component is set up: it fetches by itself. `breakers` are those that are shown. */
  constructor(breakers: () => readonly Breaker[]) {
    this.#breakers = breakers
    // Only those that changed within the range have pieces; the others are one piece that needs no asking.
    const asked = $derived(
      this.#changed()
        .map(({ service, state, since }) => `${service} ${state} ${since ?? ''}`)
        .join('\n'),
    )
    watch(
      () => `${scopeKey(this.scope)}\n${asked}`,
      () => {
        const timer = setTimeout(() => void this.load(), this.loaded.value ? SETTLE_MS : 0)
        return () => clearTimeout(timer)
      },
    )
  }

  /** What the link says: up to now or to the moment that is looked back to, or two moments. */
  get scope(): Scope {
    const scope = scopeOf(router.param, usual.range, zone.name, clock.exact())
    return rewound.now === undefined ? scope : scopeUntil(scope, rewound.now)
  }

  /** `Last 1 h` and the like. */
  get title(): string {
    const note = spanNote(this.scope)
    return note.charAt(0).toUpperCase() + note.slice(1)
  }

  get span(): Span {
    const { from, to } = askedSpan(this.scope, clock.now)
    return { from: Date.parse(from), to: to === undefined ? clock.now : Math.min(clock.now, Date.parse(to)) }
  }

  load = (): Promise<void> =>
    this.loaded.load((signal) =>
      fetchPast(
        this.#changed().map(({ service }) => service),
        askedSpan(this.scope, clock.exact()),
        signal,
      ),
    )

  segments(breaker: Breaker): Segment[] {
    const pieces = this.loaded.value?.services.find(({ service }) => service === breaker.service)?.pieces ?? []
    return segmentsOf(pieces, breaker, this.span)
  }

  #changed(): Breaker[] {
    const from = Date.parse(askedSpan(this.scope, clock.exact()).from)
    return this.#breakers().filter(({ since }) => since !== null && Date.parse(since) > from)
  }
}
