// Tests that leave each other's things alone, and therefore share one k1n and one browser. In this order: keys are looked at before
// somebody makes some. One part alone: `npm test test/dashboard/together -t govern`.
import { openOneSite } from './one-site.ts'
import './govern.part.ts'
import './alerts.part.ts'
import './events.part.ts'
import './queues.part.ts'
import './breakers.part.ts'

openOneSite()
