// `/docs/migrate-v1-v2` and `/docs/sunset-policy`: where the Link headers of a version that goes away lead to, open to everybody.
import { readFile } from 'node:fs/promises'
import type { RouteTable } from '../http/route-table.ts'
import { sendPage } from './html.ts'
import { toHtml } from './markdown.ts'

const guide = new URL('../../docs/guides/versioning.md', import.meta.url)

/** Both lead to the guide, which tells the policy and the way. */
export const bindVersionPages = (routes: RouteTable): void => {
  for (const path of ['/docs/migrate-v1-v2', '/docs/sunset-policy'])
    routes.get(path, async (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=3600')
      sendPage(ctx, 200, 'Versions of the API', toHtml(await readFile(guide, 'utf8')))
    })
}
