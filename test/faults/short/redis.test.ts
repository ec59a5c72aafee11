// Short faults of Redis: away for a while, its answers lost, nonsense in it.
import { runShort } from './run-short.ts'

runShort('redis')
