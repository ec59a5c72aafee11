// The table of versions: which one each way of asking gets, and what each contradiction is told.
import { describe, expect, test } from 'vitest'
import { isProblem } from '../../shared/kernel/problem.ts'
import { negotiate, negotiateCached, parseAccept, splitPath } from './negotiate.ts'
import type { Asked } from './negotiate.ts'

const outcome = (asked: Partial<Asked>): string => {
  try {
    const { version, source, vendor } = negotiate({
      path: null,
      header: undefined,
      accept: undefined,
      contentType: undefined,
      ...asked,
    })
    return `${version} ${source}${vendor ? ' vendor' : ''}`
  } catch (error) {
    return isProblem(error) ? `${error.status} ${error.code}` : String(error)
  }
}

const membersOf = (asked: Partial<Asked>): Record<string, unknown> | undefined => {
  try {
    negotiate({ path: null, header: undefined, accept: undefined, contentType: undefined, ...asked })
  } catch (error) {
    if (isProblem(error)) return error.extras.members
  }
  return undefined
}

const v = (n: number): string => `application/vnd.k1n.v${n}+json`

describe('which version a request speaks', () => {
  test.each<[string, Partial<Asked>, string]>([
    ['the path decides', { path: 2 }, '2 path'],
    ['the header decides where the path is silent', { header: '2' }, '2 header'],
    ['spaces around the number do not matter', { header: ' 2 ' }, '2 header'],
    ['Accept decides where both are silent, and is answered in kind', { accept: v(2) }, '2 accept vendor'],
    ['the case of the media type does not matter', { accept: 'Application/VND.k1n.V2+json' }, '2 accept vendor'],
    ['the type of the body decides last', { contentType: v(2) }, '2 content-type'],
    ['parameters of the type are passed over', { contentType: `${v(2)}; charset=utf-8` }, '2 content-type'],
    ['nothing at all means the current version', {}, '2 default'],
    ['anything is acceptable', { accept: '*/*' }, '2 default'],
    ['application/* is acceptable', { accept: 'application/*' }, '2 default'],
    ['plain JSON is acceptable', { accept: 'application/json' }, '2 default'],
    ['text is left to the route', { accept: 'text/event-stream' }, '2 default'],
    ['path and header may agree', { path: 2, header: '2' }, '2 path'],
    ['path and Accept may agree', { path: 2, accept: v(2) }, '2 path vendor'],
    ['an unknown version in the path is an unknown address', { path: 9 }, '404 unsupported-api-version'],
    ['version 1 is not there yet', { path: 1 }, '404 unsupported-api-version'],
    ['an unknown version in the header is a mistake', { header: '9' }, '400 unsupported-api-version'],
    ['a word is no version', { header: 'two' }, '400 invalid-api-version'],
    ['an empty header is no version', { header: '' }, '400 invalid-api-version'],
    ['four digits are no version', { header: '2000' }, '400 invalid-api-version'],
    ['an unknown version alone in Accept cannot be made', { accept: v(9) }, '406 not-acceptable'],
    [
      'an unknown version beside plain JSON gets plain JSON',
      { accept: `${v(9)}, application/json;q=0.5` },
      '2 default',
    ],
    ['a refused range does not count', { accept: `${v(2)};q=0, application/json` }, '2 default'],
    ['q-values are honoured', { accept: `${v(9)}, ${v(2)};q=0.1` }, '2 accept vendor'],
    ['an unknown version of the body is not read', { contentType: v(9) }, '415 unsupported-media-type'],
    ['xml cannot be made', { accept: 'application/xml' }, '406 not-acceptable'],
    [
      'a path with an unknown Accept that also takes anything goes on',
      { path: 2, accept: `${v(1)}, */*;q=0.1` },
      '2 path',
    ],
    ['a path and an Accept of another version only contradict', { path: 2, accept: v(1) }, '406 not-acceptable'],
  ])('%s', (_name, asked, expected) => {
    expect(outcome(asked)).toBe(expected)
    expect(outcome(asked)).toBe(expected)
  })

  test('every refusal lists the versions there are', () => {
    const asks: Partial<Asked>[] = [
      { path: 9 },
      { header: '9' },
      { header: 'x' },
      { accept: v(9) },
      { contentType: v(9) },
    ]
    for (const asked of asks) expect(membersOf(asked)).toMatchObject({ supported_versions: [2] })
  })

  test('the remembered answer is the same, and stays so past its limit', () => {
    for (let i = 0; i < 1_200; i++)
      expect(
        negotiateCached({ path: 2, header: undefined, accept: `text/x${i}, */*`, contentType: undefined }),
      ).toMatchObject({ version: 2 })
  })

  test('only a whole segment is a version', () => {
    expect(splitPath('/api/v2/jobs')).toEqual({ version: 2, route: '/api/jobs' })
    expect(splitPath('/api/v2')).toEqual({ version: 2, route: '/api' })
    expect(splitPath('/api/v2x/jobs')).toEqual({ version: null, route: '/api/v2x/jobs' })
    expect(splitPath('/api/jobs')).toEqual({ version: null, route: '/api/jobs' })
  })

  test('ranges are sorted by quality and then by order', () => {
    expect(parseAccept('a/b;q=0.2, c/d, e/f;q=0.9, g/h;q=x').map((range) => range.type)).toEqual(['c/d', 'e/f', 'a/b'])
  })
})
