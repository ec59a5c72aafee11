// What our own pages are written in.
import { expect, test } from 'vitest'
import { toHtml } from './markdown.ts'

test('headings, paragraphs and lists are parted by empty lines', () => {
  expect(toHtml('# A\n\nb\nc\n\n- d\n  e\n- f\n\n1. g\n2. h\n')).toBe(
    ['<h1>A</h1>', '<p>b c</p>', '<ul><li>d e</li><li>f</li></ul>', '<ol><li>g</li><li>h</li></ol>'].join('\n'),
  )
})

test('code keeps its empty lines, and what is around it stays apart', () => {
  expect(toHtml('a\n\nb\n\n```sh\nx\n\n# y\n```\n\nc')).toBe('<p>a</p>\n<p>b</p>\n<pre>x\n\n# y</pre>\n<p>c</p>')
})

test('tables have a head', () => {
  expect(toHtml('| a | b |\n| --- | --- |\n| `1` | <2> |')).toBe(
    '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>1</code></td><td>&lt;2&gt;</td></tr></tbody></table>',
  )
})
