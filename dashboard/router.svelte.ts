// Where we are and how to go elsewhere: the address bar is the one memory of what is on screen.
import type { Component } from 'svelte'
import { carried, fill, match, mergeSearch, readParam, type Params, type SearchChanges } from './path.ts'
import { notFound, routes, shortLinks, type Route, type RouteName } from './routes.ts'
import { zone } from './ui/zone.ts'

const base = new URL(document.baseURI).pathname.replace(/\/$/, '')
const SEARCH_WRITE_MS = 250
const SCROLL_WAIT_MS = 1_500

interface Place {
  /** Changes with every arrival, not when only the search changes. */
  visit: number
  route: RouteName | undefined
  params: Record<string, string>
  title: string
  Page: Component<{ params: never }> | undefined
  /** The page is about the span of time in the header. */
  ofTime?: true | undefined
}

const here = (): string => location.pathname.slice(base.length) || '/'

const find = (path: string): Omit<Place, 'Page' | 'visit'> => {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const params = match(route.path, path)
    if (params) return { route: name, params, title: route.title(params) }
  }
  return { route: undefined, params: {}, title: notFound.title({}) }
}

let place = $state.raw<Place>({ visit: 0, route: undefined, params: {}, title: 'k1n', Page: undefined })
/** What a page calls itself once it knows what it shows. */
let heading = $state<string>()
let search = $state(location.search)
let broken = $state(false)
let visits = 0
let arrivals = 0
let pending: ReturnType<typeof setTimeout> | undefined
const first = Promise.withResolvers<undefined>()
/** The entry of the history as it was before somebody began to type into a filter. */
let before: { href: string; state: object } | undefined

const rememberScroll = (): void => history.replaceState({ ...(history.state as object), scroll: scrollY }, '')

const restoreScroll = (top: number, until = Date.now() + SCROLL_WAIT_MS): void => {
  const reachable = document.documentElement.scrollHeight - innerHeight >= top
  if (reachable || Date.now() > until) scrollTo(0, top)
  else requestAnimationFrame(() => restoreScroll(top, until))
}

/** Writes the whole path of a page into the address bar where a short link of it stands. */
const lengthen = (): void => {
  for (const { path, opens, fits } of shortLinks) {
    const params = match(path, here())
    if (params && (fits?.(params) ?? true))
      history.replaceState(history.state, '', base + fill(routes[opens].path, params) + location.search)
  }
}

/** A page that cannot ask early asks when it is made. */
const begin = (code: { begin?: () => void }): void => {
  try {
    code.begin?.()
  } catch (error) {
    console.error(error)
  }
}

/** Shows what the address bar says; the old page stays until the new one is there. */
const arrive = async (scroll: number, isFirst = false): Promise<void> => {
  clearTimeout(pending)
  before = undefined
  lengthen()
  search = location.search
  zone.choose(readParam(location.search, 'tz'))
  const found = find(here())
  const mine = ++arrivals
  const { load } = found.route ? routes[found.route] : notFound
  try {
    const code = await load()
    // Somebody went on meanwhile.
    if (mine !== arrivals) return
    begin(code)
    heading = undefined
    place = { ...found, Page: code.default, ofTime: code.ofTime, visit: ++visits }
    broken = false
  } catch {
    if (mine !== arrivals) return
    broken = true
  }
  first.resolve(undefined)
  requestAnimationFrame(() => {
    if (!isFirst) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
    restoreScroll(scroll)
  })
}

const go = async (href: string, { replace = false } = {}): Promise<void> => {
  if (href === location.pathname + location.search) return
  rememberScroll()
  history[replace ? 'replaceState' : 'pushState']({}, '', href)
  await arrive(0)
}

const isOurs = (link: HTMLAnchorElement): boolean =>
  link.origin === location.origin &&
  link.target === '' &&
  !link.hasAttribute('download') &&
  link.pathname.startsWith(`${base}/`) &&
  find(link.pathname.slice(base.length) || '/').route !== undefined

const follow = (event: MouseEvent): void => {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  if (!link || !plain || event.defaultPrevented || !isOurs(link) || link.hash) return
  event.preventDefault()
  void go(link.pathname + link.search)
}

const step = (): void => {
  rememberScroll()
  history.pushState({}, '', location.pathname + search)
}

const isFilter = (what: EventTarget | null): boolean => what instanceof Element && what.matches('[data-filter]')

/** Whoever leaves what they typed into a filter, or presses Enter in it, has arrived: what was seen before is a step back. */
const settle = (event: Event): void => {
  if (before === undefined || !isFilter(event.target) || (event instanceof KeyboardEvent && event.key !== 'Enter'))
    return
  clearTimeout(pending)
  const href = location.pathname + search
  if (before.href !== href) {
    history.replaceState(before.state, '', before.href)
    history.pushState({}, '', href)
  }
  before = undefined
}

export const router = {
  get place(): Place {
    return place
  },
  /** What the page is called: by its path, until it says it in better words. */
  get title(): string {
    return heading ?? place.title
  },
  /** Calls this page by what it shows. */
  call(words: string): void {
    heading = words
  },
  /** Once the code of the first page is there, or could not be fetched. */
  first: first.promise,
  /** The page's code could not be fetched, usually because a newer version is served by now. */
  get broken(): boolean {
    return broken
  },
  /** One parameter of the search; undefined when the link does not say. */
  param: (name: string): string | undefined => readParam(search, name),
  /** Opens a link of ours; `replace` leaves no step behind. */
  go,
  /** Writes parameters of this page into the link: at once and as a step when someone arrived at something, else a moment
   *  after the last change and without a step. Undefined takes one out. */
  set(changes: SearchChanges, { step: isStep = false } = {}): void {
    if (isFilter(document.activeElement))
      before ??= { href: location.pathname + location.search, state: { ...(history.state as object), scroll: scrollY } }
    search = mergeSearch(search, changes)
    clearTimeout(pending)
    if (isStep) step()
    else
      pending = setTimeout(() => history.replaceState(history.state, '', location.pathname + search), SEARCH_WRITE_MS)
  },
  /** Starts listening to links and the back button; answers how to stop. */
  start: (): (() => void) => {
    const back = (event: PopStateEvent): void => void arrive((event.state as { scroll?: number } | null)?.scroll ?? 0)
    history.scrollRestoration = 'manual'
    document.addEventListener('click', follow)
    document.addEventListener('keydown', settle)
    document.addEventListener('focusout', settle)
    addEventListener('popstate', back)
    addEventListener('pagehide', rememberScroll)
    void arrive((history.state as { scroll?: number } | null)?.scroll ?? 0, true)
    return () => {
      document.removeEventListener('click', follow)
      document.removeEventListener('keydown', settle)
      document.removeEventListener('focusout', settle)
      removeEventListener('popstate', back)
      removeEventListener('pagehide', rememberScroll)
    }
  },
}

/** The link to a page. Time and zone of the current link travel along; `search` adds to them. */
export const linkTo = <Name extends RouteName>(
  name: Name,
  ...[params, changes]: unknown extends Params<(typeof routes)[Name]['path']>
    ? [params?: Record<string, never>, changes?: SearchChanges]
    : [params: Params<(typeof routes)[Name]['path']>, changes?: SearchChanges]
): string =>
  base +
  fill(routes[name].path, params as Record<string, string> | undefined) +
  mergeSearch(carried(search), changes ?? {})

/** A path the server names (`/dlq?…`) as a link under our mount point. */
export const linkToPath = (path: string): string => base + path
