// What is told belongs to the moment that is looked at, whichever answer comes last.
import { expect, test } from 'vitest'
import { rewound } from './looking-back.ts'

test('an answer that comes late, for a moment that is looked at no more, tells nothing', () => {
  rewound.to(1_000)
  rewound.tell(1_000, new Date(900).toISOString())
  expect(rewound.now).toBe(900)
  rewound.to(2_000)
  rewound.tell(1_000, new Date(950).toISOString())
  rewound.lose(1_000, { oldest: 5_000, detail: 'Not kept.' })
  expect([rewound.now, rewound.lost]).toEqual([2_000, undefined])
  rewound.lose(2_000, { oldest: 5_000, detail: 'Not kept.' })
  expect(rewound.lost?.oldest).toBe(5_000)
  rewound.to(undefined)
  expect([rewound.now, rewound.lost]).toEqual([undefined, undefined])
})
