// The keyboard on the chart: which key means what. A chart that is only looked at does without.

export type Command =
  | { do: 'run'; by: 1 | -1 }
  | { do: 'lane'; by: number }
  | { do: 'edge'; to: 'first' | 'last' }
  | { do: 'zoom'; factor: number }
  | { do: 'pan'; share: number }
  | { do: 'history'; by: 1 | -1 }
  | { do: 'failure'; by: 1 | -1 }
  | { do: 'page'; what: 'note' | 'summary' | 'turn' }
  | { do: 'fit' | 'fit-all' | 'follow' | 'open' | 'select' | 'pin' | 'dismiss' | 'brush' | 'pin-lane' }

/** The part of a keyboard event that matters here. */
export interface Key {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** Keys that somebody gave in place of the chart's own. */
export interface OwnKeys {
  /** The chart's key that a pressed one stands for; undefined for one that means nothing now. */
  meaning: (key: string) => string | undefined
  /** How a key is told behind what it does, by the chart's own: ` (P)`; nothing while keys are off. */
  hint: (key: 'n' | 'b' | 'p' | '+' | '-') => string
}

const PAGE = 10

const COMMANDS: Record<string, Command> = {
  ArrowRight: { do: 'run', by: 1 },
  ArrowLeft: { do: 'run', by: -1 },
  ArrowDown: { do: 'lane', by: 1 },
  ArrowUp: { do: 'lane', by: -1 },
  PageDown: { do: 'lane', by: PAGE },
  PageUp: { do: 'lane', by: -PAGE },
  Home: { do: 'edge', to: 'first' },
  End: { do: 'edge', to: 'last' },
  '+': { do: 'zoom', factor: 0.5 },
  '=': { do: 'zoom', factor: 0.5 },
  w: { do: 'zoom', factor: 0.5 },
  '-': { do: 'zoom', factor: 2 },
  s: { do: 'zoom', factor: 2 },
  a: { do: 'pan', share: -0.25 },
  d: { do: 'pan', share: 0.25 },
  'shift ArrowLeft': { do: 'pan', share: -0.25 },
  'shift ArrowRight': { do: 'pan', share: 0.25 },
  f: { do: 'fit' },
  '0': { do: 'fit-all' },
  l: { do: 'follow' },
  Enter: { do: 'open' },
  o: { do: 'select' },
  n: { do: 'failure', by: 1 },
  'shift N': { do: 'failure', by: -1 },
  m: { do: 'page', what: 'note' },
  v: { do: 'page', what: 'summary' },
  t: { do: 'page', what: 'turn' },
  b: { do: 'brush' },
  p: { do: 'pin-lane' },
  '[': { do: 'history', by: -1 },
  ']': { do: 'history', by: 1 },
  ' ': { do: 'pin' },
  Escape: { do: 'dismiss' },
}

/** What a key asks for, or undefined when it is not the chart's; a held modifier belongs to the browser. */
export const commandFor = (event: Key, own?: OwnKeys): Command | undefined => {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const key = own ? own.meaning(event.key) : event.key
  if (key === undefined) return undefined
  if ((event.shiftKey && key.startsWith('Arrow')) || key === 'N') return COMMANDS[`shift ${key}`]
  return COMMANDS[key.length === 1 ? key.toLowerCase() : key]
}
