// The few signs of Markdown our own pages use, as HTML: headings, paragraphs, lists, tables, code, links, emphasis.
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
  if (/^\d+\. /.test(text)) return `<ol>${items(text)}</ol>`
  if (text.startsWith('|')) return table(text)
  return `<p>${inline(text.replaceAll('\n', ' '))}</p>`
}

const items = (text: string): string =>
  text
    .split(/\n(?=(?:[-*]|\d+\.) )/)
    .map((item) => `<li>${inline(item.replace(/^\S+ /, '').replaceAll(/\s*\n\s*/g, ' '))}</li>`)
    .join('')

/** The first line names the columns, the second one only parts it from the rest. */
const table = (text: string): string => {
  const [head = '', , ...rows] = text.split('\n')
  return `<table><thead>${tableRow(head, 'th')}</thead><tbody>${rows.map((row) => tableRow(row, 'td')).join('')}</tbody></table>`
}

const tableRow = (line: string, cell: 'th' | 'td'): string => {
  const cells = line.split('|').slice(1, -1)
  return `<tr>${cells.map((text) => `<${cell}>${inline(text.trim())}</${cell}>`).join('')}</tr>`
}

/** Paragraphs and the like are parted by empty lines; those in code part nothing. */
const blocks = (markdown: string): string[] =>
  markdown
    .split(/^(```[\s\S]*?^```)$/m)
    .flatMap((piece) => (piece.startsWith('```') ? [piece] : piece.trim().split(/\n{2,}/)))
    .filter((piece) => piece !== '')

/** Renders our own files; it is not meant for text of strangers. */
export const toHtml = (markdown: string): string => blocks(markdown).map(block).join('\n')
