// Whose requests are counted together: whoever holds a network of IPv6 holds 2^64 addresses of it.
import { describe, expect, test } from 'vitest'
import { networkOf } from './windows.ts'

describe('one customer', () => {
  test.for([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:db8:0:0:a:b:c:d'],
    ['2001:db8:0:5::1', '2001:db8:0:5:9::'],
    ['2001:DB8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::2'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
  ])('has %s and %s', ([one = '', other = '']) => expect(networkOf(one)).toBe(networkOf(other)))

  test.for([
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['192.0.2.1', '192.0.2.2'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
  ])('has not both %s and %s', ([one = '', other = '']) => expect(networkOf(one)).not.toBe(networkOf(other)))

  test('is nobody in particular where there is no address', () => expect(networkOf('')).toBe(''))
})
