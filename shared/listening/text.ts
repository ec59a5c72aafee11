// Makes names from foreign files safe to store, to compare and to show.

/** Longest name that is kept, in UTF-16 units; the rest is cut off. */
export const textMax = 1_000

/** Longest excerpt of a rejected record, in UTF-16 units. */
export const excerptMax = 500

const controls = /[\u0000-\u001f\u007f-\u009f]+/g
const plain = /^[!-~](?:[ -~]*[!-~])?$/

/** One canonical spelling of a name: well-formed Unicode in NFC (a lone surrogate becomes U+FFFD), control characters as
 *  one space, no space around it, at most `textMax` long. Cleaning twice changes nothing, so it may serve as identity. */
export const cleanText = (text: string): string => {
  if (text.length <= textMax && plain.test(text)) return text
  const clean = text
    .trim()
    .slice(0, textMax * 4)
    .toWellFormed()
    .normalize('NFC')
    .replace(controls, ' ')
    .trim()
  return cut(clean, textMax).trimEnd()
}

/** The beginning of a record as it may be stored and shown beside the reason it was rejected for. */
export const excerptOf = (text: string): string => cut(text.toWellFormed().replace(controls, ' ').trim(), excerptMax)

/** The first `max` UTF-16 units, without splitting a character in two. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)
}
