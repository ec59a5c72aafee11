// A message without what differs from one death to the next: numbers, ids, addresses, times and quoted text.

/** Longer messages differ in what they were about, not in what went wrong. */
const READ = 1_000
const SHOWN = 200

/** Words that end in digits and mean something by them; all other trailing digits are counts or ids. */
const WORDS = new Set(
  'utf8 utf16 sha1 sha256 sha384 sha512 md5 base64 base32 base58 ipv4 ipv6 http1 http2 http3 h2 s3 ec2 r2 x509 oauth2 oauth1 i18n l10n p12 pkcs12 rs256 hs256 es256 ed25519 int32 int64 uint8 float32 float64 log4j k8s mp3 mp4 web3 neo4j'.split(
    ' ',
  ),
)

type Rule = readonly [pattern: RegExp, by: string | ((match: string, ...groups: string[]) => string)]

const MONTH =
  'Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?'
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]{2,6})?,? '
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm]\b)?`
const ZONE = String.raw`(?: ?(?:Z\b|UTC\b|GMT\b(?:[+-]\d{4})?|[+-]\d{2}:?\d{2}\b)(?: \([A-Za-z ]{1,40}\))?)?`

/** In this order: what is larger first, so that its parts are not taken for something else. */
const rules: readonly Rule[] = [
  [/"[^"\n]{0,500}"|“[^”\n]{0,500}”|«[^»\n]{0,500}»|`[^`\n]{0,500}`/g, '<text>'],
  // An apostrophe inside a word quotes nothing.
  [/(?<![\p{L}\p{N}])'[^'\n]{0,500}'(?![\p{L}\p{N}])|‘[^’\n]{0,500}’(?!\p{L})/gu, '<text>'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"'`()[\]{}]+/gi, (url) => urlOf(url)],
  [/[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+/g, '<email>'],
  [new RegExp(String.raw`\b\d{4}-\d{2}-\d{2}(?:[T ]${CLOCK}${ZONE})?`, 'g'), '<time>'],
  [new RegExp(`\\b${DAY}(?:\\d{1,2} (?:${MONTH})|(?:${MONTH}) \\d{1,2},?) \\d{4},? ${CLOCK}${ZONE}`, 'g'), '<time>'],
  [new RegExp(`\\b(?:\\d{1,2} (?:${MONTH})|(?:${MONTH}) \\d{1,2}),? \\d{4}(?:,? ${CLOCK}${ZONE})?`, 'g'), '<time>'],
  [/\b\d{1,4}[/.]\d{1,2}[/.]\d{2,4}\b(?!\.\d)/g, (text) => (isDate(text) ? '<time>' : text)],
  [new RegExp(String.raw`(?<![\w:.])${CLOCK}(?![\w:])${ZONE}`, 'g'), '<time>'],
  [/\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b/gi, '<id>'],
  [/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w.]*\d)/g, '<ip>'],
  [/(?<![\w:])\[?(?:[0-9a-f]{1,4}:){2,7}:?(?:[0-9a-f]{1,4})?(?::[0-9a-f]{1,4})*\]?(?::\d{1,5})?(?![\w:])/gi, '<ip>'],
  [/(?<![\w:])\[?::(?:[0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4}\]?(?::\d{1,5})?(?![\w:])/gi, '<ip>'],
  [/\b0x[0-9a-f]+\b/gi, '<id>'],
  // Hex digests, ULIDs, object ids, tokens: long runs that hold letters and digits.
  [/(?<![\w/+=-])[\w/+-]{16,}={0,2}(?![\w/+=-])/g, (token) => tokenOf(token)],
  [/\b[A-Za-z0-9]{8,}\b/g, (word) => (isId(word) ? '<id>' : word)],
  [/\b([A-Za-z]+)(\d+)\b/g, (word, letters) => (WORDS.has(word.toLowerCase()) ? word : `${letters}<n>`)],
  [/(?<![\p{L}\d])[-+]?\d+(?:[.,_]\d+)*(?:[eE][+-]?\d+\b)?/gu, '<n>'],
  [/(?:<n>[,;/ ]+){2,}<n>/g, '<n>…'],
  [/\s+/g, ' '],
]

/** The message with `<n>`, `<id>`, `<text>`, `<email>`, `<ip>`, `<time>` and URLs' variable parts in place of what varies. */
export const normalise = (message: string): string => {
  let text = message.slice(0, READ)
  for (const [pattern, by] of rules) text = text.replace(pattern, by as string)
  return text.trim().slice(0, SHOWN).trim()
}

const hasDigit = /\d/
const hasLetter = /[A-Za-z]/

/** Hex of eight and more, or letters and digits so mixed that they spell nothing. */
const isId = (word: string): boolean => {
  if (!hasDigit.test(word) || !hasLetter.test(word)) return false
  if (/^[0-9a-f]+$/i.test(word)) return true
  const turns = word.match(/[A-Za-z]+|\d+/g)?.length ?? 0
  return turns >= 4 || (word.length >= 16 && turns >= 2)
}

/** A long run with marks in it: one part of it may be an id, or the whole of it a base64 text. */
const tokenOf = (token: string): string => {
  const parts = token.split(/[_/+-]/)
  if (parts.some((part) => part.length >= 8 && isId(part))) return '<id>'
  if (parts.length > 1 && parts.some((part) => part.length >= 3 && isWord(part))) return token
  const mixed = hasDigit.test(token) && hasLetter.test(token)
  return mixed && token.replace(/[^A-Za-z0-9]/g, '').length >= 16 ? '<id>' : token
}

/** Letters of one case, or a capital and small ones: a name that somebody chose. */
const isWord = (text: string): boolean =>
  /^(?:[A-Z]?[a-z]+|[A-Z]+|[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]+){2,})$/.test(text)

const isDate = (text: string): boolean => {
  const [a = 0, b = 0, c = 0] = text.split(/[/.]/).map(Number)
  return (a <= 31 && b <= 31 && (c >= 1900 || (c <= 99 && text.includes('/')))) || (a >= 1900 && b <= 12 && c <= 31)
}

/** Scheme, host and the segments of the path that name something; what follows them varies. */
const urlOf = (url: string): string => {
  const [, scheme = '', rest = '', tail = ''] = /^([^:]+):\/\/([^?#]*)(.*)$/s.exec(url) ?? []
  const [authority = '', ...path] = rest.split('/')
  const host = authority.replace(/^.*@/, '').replace(/:\d+$/, '')
  const kept = path.map((part) => (isVariable(part) ? '<id>' : part))
  return `${scheme}://${hostOf(host)}${kept.map((part) => `/${part}`).join('')}${tail === '' ? '' : '?<query>'}`
}

const hostOf = (host: string): string => (/^[\d.]+$|^\[/.test(host) ? '<ip>' : host.replace(/\d+/g, '<n>'))
const isVariable = (part: string): boolean =>
  (hasDigit.test(part) && !/^v\d{1,2}$/.test(part)) || part.length > 32 || part.includes('%') || part.includes('@')
