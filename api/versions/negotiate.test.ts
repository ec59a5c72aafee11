// The table of versions: which one each way of asking gets, and what each contradiction is told.
import { describe, expect, test } from 'vitest'
import { isProblem } from '../../shared/kernel/problem.ts'
import { KNOWN, negotiate, negotiateCached, parseAccept, splitPath, withPin } from './negotiate.ts'
import type { Asked } from './negotiate.ts'

const NOTHING: Asked = { path: null, header: undefined, accept: undefined, contentType: undefined }
const LATER: readonly number[] = [2]

const outcome = (asked: Partial<Asked>, alive = KNOWN, pinned?: number): string => {
  try {
    const { version, source, vendor } = withPin(negotiate({ ...NOTHING, ...asked }, alive), pinned)
    return `${version} ${source}${vendor ? ' vendor' : ''}`
  } catch (error) {
    return isProblem(error) ? `${error.status} ${error.code}` : String(error)
  }
}

const membersOf = (asked: Partial<Asked>, alive = KNOWN): Record<string, unknown> | undefined => {
  try {
    negotiate({ ...NOTHING, ...asked }, alive)
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
    ['the older version is asked for alike', { path: 1 }, '1 path'],
    ['and by the header', { header: '1' }, '1 header'],
    ['and by Accept, which is answered in kind', { accept: v(1) }, '1 accept vendor'],
    ['and by the type of the body', { contentType: v(1) }, '1 content-type'],
    ['a path and a header that differ contradict', { path: 2, header: '1' }, '400 api-version-conflict'],
    [
      'a header and an Accept of another version only contradict',
      { header: '2', accept: v(1) },
      '400 api-version-conflict',
    ],
    ['a path and a body of another version contradict', { path: 2, contentType: v(1) }, '400 api-version-conflict'],
    [
      'an Accept and a body of other versions contradict',
      { accept: v(2), contentType: v(1) },
      '400 api-version-conflict',
    ],
    [
      'a header is satisfied by an Accept that also takes anything',
      { header: '2', accept: `${v(1)}, */*;q=0.1` },
      '2 header',
    ],
    ['the better of two versions is taken', { accept: `${v(1)};q=0.5, ${v(2)}` }, '2 accept vendor'],
    ['whichever it is', { accept: `${v(1)}, ${v(2)};q=0.5` }, '1 accept vendor'],
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
    ['plain JSON is taken where it is liked better', { accept: `${v(1)};q=0.5, application/json` }, '2 default'],
    ['and where the path leaves no other choice', { path: 1, accept: `*/*, ${v(1)};q=0.5` }, '1 path'],
    ['a version is taken where both are liked alike', { accept: `application/json, ${v(1)}` }, '1 accept vendor'],
    ['a refused range does not count', { accept: `${v(2)};q=0, application/json` }, '2 default'],
    ['q-values are honoured', { accept: `${v(9)}, ${v(2)};q=0.1` }, '2 accept vendor'],
    ['an unknown version of the body is not read', { contentType: v(9) }, '415 unsupported-media-type'],
    ['xml cannot be made', { accept: 'application/xml' }, '406 not-acceptable'],
    [
      'a path with an unknown Accept that also takes anything goes on',
      { path: 2, accept: `${v(1)}, */*;q=0.1` },
      '2 path',
    ],
    ['a path and an Accept of another version only contradict', { path: 2, accept: v(1) }, '400 api-version-conflict'],
  ])('%s', (_name, asked, expected) => {
    expect(outcome(asked)).toBe(expected)
  })

  test('the key decides where the request says nothing, and only there', () => {
    expect(outcome({}, KNOWN, 1)).toBe('1 key')
    expect(outcome({ accept: 'application/json' }, KNOWN, 1)).toBe('1 key')
    for (const asked of [{ path: 2 }, { header: '2' }, { accept: v(2) }, { contentType: v(2) }])
      expect(outcome(asked, KNOWN, 1)).toMatch(/^2 /)
  })

  test.each<[string, Partial<Asked>, string]>([
    ['in the path', { path: 1 }, '1 path'],
    ['in the header', { header: '1' }, '1 header'],
    ['in Accept alone', { accept: v(1) }, '1 accept vendor'],
    ['in the type of the body', { contentType: v(1) }, '1 content-type'],
    ['in Accept beside a version that answers', { accept: `${v(1)}, ${v(2)};q=0.1` }, '2 accept vendor'],
    ['in Accept beside plain JSON', { accept: `${v(1)}, application/json;q=0.1` }, '2 default'],
  ])('a version that was shut down is known, and passed over where another will do: %s', (_name, asked, expected) => {
    expect(outcome(asked, LATER)).toBe(expected)
  })

  test('every refusal lists the versions there are', () => {
    const asks: Partial<Asked>[] = [
      { path: 9 },
      { header: '9' },
      { header: 'x' },
      { accept: v(9) },
      { contentType: v(9) },
    ]
    for (const asked of [...asks, { path: 2, header: '1' }, { accept: 'application/xml' }]) {
      expect(membersOf(asked)).toMatchObject({ supported_versions: [1, 2] })
      expect(membersOf(asked, LATER)).toMatchObject({ supported_versions: [2] })
    }
  })

  test('the remembered answer is the same, and stays so past its limit', () => {
    for (let i = 0; i < 1_200; i++)
      expect(
        negotiateCached({ path: 2, header: undefined, accept: `text/x${i}, */*`, contentType: undefined }, KNOWN),
      ).toMatchObject({ version: 2 })
  })

  test('what was remembered of a version is forgotten when it is shut down', () => {
    const asked = { ...NOTHING, accept: `${v(1)}, */*` }
    expect(negotiateCached(asked, KNOWN)).toMatchObject({ version: 1 })
    expect(negotiateCached(asked, LATER)).toMatchObject({ version: 2 })
  })

  test('what was remembered of a request without the header is not told to one with an empty header', () => {
    expect(negotiateCached(NOTHING, KNOWN)).toMatchObject({ source: 'default' })
    expect(() => negotiateCached({ ...NOTHING, header: '' }, KNOWN)).toThrow('X-API-Version')
  })

  test('a version has one spelling', () => {
    expect(splitPath('/api/v02/jobs')).toEqual({ version: null, route: '/api/v02/jobs' })
    expect(outcome({ header: '02' })).toBe('400 invalid-api-version')
    expect(outcome({ accept: 'application/vnd.k1n.v02+json' })).toBe('406 not-acceptable')
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
