// Makes the files of a new thing and registers it: npm run new handler|endpoint|event|page|room <name>
import { fileURLToPath } from 'node:url'
import { endpoint } from './new/endpoint.ts'
import { event } from './new/event.ts'
import { handler } from './new/handler.ts'
import { page } from './new/page.ts'
import { carryOut, Refusal } from './new/plan.ts'
import type { Maker } from './new/plan.ts'
import { room } from './new/room.ts'

const makers: Readonly<Record<string, Maker>> = { handler, endpoint, event, page, room }

const usage = `npm run new handler report.build
npm run new endpoint queues.oldest [GET /queues/oldest]
npm run new event queue.emptied [room]
npm run new page reports
npm run new room holds`

/** Makes the thing below `root`; answers what was written and what is left to do. Throws a `Refusal` that says what is
 *  wrong; nothing is written then. */
export const make = async (root: string, [what = '', ...args]: readonly string[]) => {
  const maker = Object.hasOwn(makers, what) ? makers[what] : undefined
  if (maker === undefined) throw new Refusal(`say what to make:\n${usage}`)
  const plan = maker(root, args)
  return { written: await carryOut(root, plan), next: plan.next }
}

const main = async (): Promise<void> => {
  try {
    const { written, next } = await make(fileURLToPath(new URL('..', import.meta.url)), process.argv.slice(2))
    for (const path of written) process.stdout.write(`wrote ${path}\n`)
    process.stdout.write(`\nNext:\n${next.map((line) => `  - ${line}\n`).join('')}`)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
