// Every fault that is built, in the order of the programme; those from F45 on are beside it.
import type { AnyFault } from './fault.ts'
import { f01 } from './scenarios/f01.ts'
import { f03 } from './scenarios/f03.ts'
import { f04 } from './scenarios/f04.ts'
import { f06 } from './scenarios/f06.ts'
import { f07 } from './scenarios/f07.ts'
import { f08 } from './scenarios/f08.ts'
import { f11 } from './scenarios/f11.ts'
import { f12Always, f12EverySecond } from './scenarios/f12.ts'
import { f13 } from './scenarios/f13.ts'
import { f14 } from './scenarios/f14.ts'
import { f15 } from './scenarios/f15.ts'
import { f17 } from './scenarios/f17.ts'
import { f18 } from './scenarios/f18.ts'
import { f19 } from './scenarios/f19.ts'
import { f20 } from './scenarios/f20.ts'
import { f27 } from './scenarios/f27.ts'
import { f31 } from './scenarios/f31.ts'
import { f32 } from './scenarios/f32.ts'
import { f33 } from './scenarios/f33.ts'
import { f34 } from './scenarios/f34.ts'
import { f35 } from './scenarios/f35.ts'
import { f36 } from './scenarios/f36.ts'
import { f37 } from './scenarios/f37.ts'
import { f38 } from './scenarios/f38.ts'
import { f39 } from './scenarios/f39.ts'
import { f43 } from './scenarios/f43.ts'
import { f45 } from './scenarios/f45.ts'

export const faults: readonly AnyFault[] = [
  f01,
  f03,
  f04,
  f06,
  f07,
  f08,
  f11,
  f12EverySecond,
  f12Always,
  f13,
  f14,
  f15,
  f17,
  f18,
  f19,
  f20,
  f27,
  f31,
  f32,
  f33,
  f34,
  f35,
  f36,
  f37,
  f38,
  f39,
  f43,
  f45,
]
