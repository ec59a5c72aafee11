// The past states of breakers over the range every page looks at: fetched when the range or a state changes, drawn up to now.
import type { Breaker, BreakerTimeline } from '../../../shared/breakers/contract.ts'
import { api } from '../../data/api.ts'
import { rewound } from '../../data/looking-back.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { router } from '../../router.svelte.ts'
import { rangeOf, type Range } from '../../shell/range.ts'
import { usual } from '../../shell/usual.svelte.ts'
import { clock } from '../../ui/clock.ts'
import { watch } from '../../ui/watch.svelte.ts'
import { segmentsOf, type Segment, type Span } from './strip.ts'

/** The most services one call tells of, and the most calls that are made for one picture. */
const AT_ONCE = 20
const CALLS_MAX = 3
/** Several breakers often change together. */
const SETTLE_MS = 100

type Known = Pick<BreakerTimeline, 'services' | 'truncated'>

const fetchPast = async (names: readonly string[], { from, to }: Span, signal: AbortSignal): Promise<Known> => {
  const groups = Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, i) =>
    names.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  )
  const answers = await Promise.all(
    groups
      .slice(0, CALLS_MAX)
      .map((service) =>
        api.breakers.timeline({
          query: { from: new Date(from).toISOString(), to: new Date(to).toISOString(), service },
          signal,
        }),
      ),
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
      () => `${this.range.value}\n${rewound.at ?? ''}\n${asked}`,
      () => {
        const timer = setTimeout(() => void this.load(), this.loaded.value ? SETTLE_MS : 0)
        return () => clearTimeout(timer)
      },
    )
  }

  get range(): Range {
    return rangeOf(router.param('t'), usual.range)
  }

  get span(): Span {
    const to = rewound.now ?? clock.now
    return { from: to - this.range.ms, to }
  }

  load = (): Promise<void> =>
    this.loaded.load((signal) =>
      fetchPast(
        this.#changed().map(({ service }) => service),
        this.#exactSpan(),
        signal,
      ),
    )

  segments(breaker: Breaker): Segment[] {
    const pieces = this.loaded.value?.services.find(({ service }) => service === breaker.service)?.pieces ?? []
    return segmentsOf(pieces, breaker, this.span)
  }

  #exactSpan(): Span {
    const to = rewound.now ?? clock.exact()
    return { from: to - this.range.ms, to }
  }

  #changed(): Breaker[] {
    const { from } = this.#exactSpan()
    return this.#breakers().filter(({ since }) => since !== null && Date.parse(since) > from)
  }
}
