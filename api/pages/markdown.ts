// The few signs of Markdown our own pages use, as HTML: headings, paragraphs, lists, code, links, emphasis.
import { escapeHtml } from './html.ts'

const inline = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((piece) =>
      piece.startsWith('`') && piece.length > 2
        ? `<code>${escapeHtml(piece.slice(1, -1))}</code>`
        : marks(escapeHtml(piece)),
    )
    .join('')

/** Links lead to our own pages or to https only. */
const marks = (html: string): string =>
  html
    .replace(/\[([^\]]+)\]\(((?:\/|https:\/\/)[^)\s]*)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')

const block = (text: string): string => {
  const heading = /^(#{1,3}) (.+)$/.exec(text)
  if (heading) return `<h${heading[1]?.length}>${inline(heading[2] ?? '')}</h${heading[1]?.length}>`
  const code = /^```[a-z]*\n([\s\S]*?)\n?```$/.exec(text)
  if (code) return `<pre>${escapeHtml(code[1] ?? '')}</pre>`
  if (/^[-*] /.test(text)) return `<ul>${items(text)}</ul>`
  return `<p>${inline(text.replaceAll('\n', ' '))}</p>`
}

const items = (text: string): string =>
  text
    .split(/\n(?=[-*] )/)
    .map((item) => `<li>${inline(item.slice(2).replaceAll(/\s*\n\s*/g, ' '))}</li>`)
    .join('')

/** Renders our own files; it is not meant for text of strangers. */
export const toHtml = (markdown: string): string =>
  markdown
    .trim()
    .split(/\n{2,}(?![^`]*\n```)/)
    .map(block)
    .join('\n')
