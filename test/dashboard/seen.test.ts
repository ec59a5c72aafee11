// What people see and do first, on one furnished k1n. In this order: the first part looks at a k1n that began minutes ago. One part
// alone: `npm test test/dashboard/seen -t use`.
import { openOneSite } from './one-site.ts'
import './truth.part.ts'
import './use.part.ts'

openOneSite()
